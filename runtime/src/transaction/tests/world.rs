//! A node with its records, two states it may have, and ways to take it from one to the other.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use portolan_compiler::bundle::Digest;
use portolan_compiler::compile;
use portolan_compiler::compile::{
    BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Options, Silent as Unobserved,
};
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::Timeouts;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::file::{Files, Ground, PlanFile, ServiceNames};
use portolan_compiler::plan::{Claims, End, Ours, cleanup, plan};
use portolan_compiler::target::target;
use tempfile::TempDir;

use super::fake::{Counter, FakeDisk, FakeNode, Killed};
use crate::transaction::confirm::Arm;
use crate::transaction::store::{Lock, Purpose, Store, TransactionId};
use crate::transaction::{
    Change, Engine, Interrupts, Never, Outcome, Recovered, Silent, Taken, TransactionError,
};

/// Nobody is armed: the test is the clock.
struct Unarmed;

impl Arm for Unarmed {
    fn arm(&self, _: &TransactionId, _: u64, _: &Lock) -> std::io::Result<()> {
        Ok(())
    }
}

/// Programs that other tests start inherit the lock for a moment.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) struct World {
    pub(super) node: FakeNode,
    pub(super) counter: Arc<Counter>,
    folder: TempDir,
}

/// A cluster of two Services, of which one changes, one goes and another comes.
const OLD: &str = r#"{"apiVersion":"v1","kind":"List","items":[NODE,
{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"ports":[{"port":80}]}},
{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4","ports":[{"name":"","port":8080}],"endpoints":[{"addresses":["10.244.0.5"]},{"addresses":["10.244.0.6"]}]},
{"apiVersion":"v1","kind":"Service","metadata":{"name":"old","namespace":"shop"},"spec":{"clusterIP":"10.96.0.2","clusterIPs":["10.96.0.2"],"ports":[{"port":53,"protocol":"UDP"}]}},
{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"old-1","namespace":"shop","labels":{"kubernetes.io/service-name":"old"}},"addressType":"IPv4","ports":[{"name":"","port":53,"protocol":"UDP"}],"endpoints":[{"addresses":["10.244.0.7"]}]}
]}"#;

const NEW: &str = r#"{"apiVersion":"v1","kind":"List","items":[NODE,
{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],"sessionAffinity":"ClientIP","ports":[{"port":80}]}},
{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4","ports":[{"name":"","port":8080}],"endpoints":[{"addresses":["10.244.0.6"]},{"addresses":["10.244.0.9"]}]},
{"apiVersion":"v1","kind":"Service","metadata":{"name":"new","namespace":"shop"},"spec":{"clusterIP":"10.96.0.3","clusterIPs":["10.96.0.3"],"externalIPs":["203.0.113.5"],"ports":[{"port":443}]}},
{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"new-1","namespace":"shop","labels":{"kubernetes.io/service-name":"new"}},"addressType":"IPv4","ports":[{"name":"","port":8443}],"endpoints":[{"addresses":["10.244.0.8"]},{"addresses":["10.244.0.9"]}]}
]}"#;

const NODE: &str = r#"{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-a"},"status":{"addresses":[{"type":"InternalIP","address":"192.168.0.41"}]}}"#;

/// What node-a is asked to hold first.
pub(super) fn old() -> NodeState {
    compiled(OLD)
}

/// What it is asked to hold then.
pub(super) fn new() -> NodeState {
    compiled(NEW)
}

fn compiled(cluster: &str) -> NodeState {
    let mut input = Input::default();
    input
        .sources
        .add("cluster.json", cluster.replace("NODE", NODE));
    let options = Options {
        nodes: NodeSelection::Named("node-a".to_owned()),
        kube_version: Some("1.30".parse().unwrap()),
        mode: Some(Mode::Ipvs),
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::default(),
    };
    let outcome = compile::prepare(&input, &options, &Unobserved);
    outcome.prepared.unwrap().state(0)
}

/// A copy of this folder and all in it.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&place).unwrap();
            copy(&entry.path(), &place);
        } else if let Ok(elsewhere) = std::fs::read_link(entry.path()) {
            std::os::unix::fs::symlink(elsewhere, place).unwrap();
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

impl World {
    /// A node that holds nothing.
    pub(super) fn empty() -> Self {
        let empty = Observed {
            timeouts: Some(Timeouts {
                tcp: 900,
                tcp_fin: 120,
                udp: 300,
            }),
            ..Observed::empty()
        };
        let counter = Arc::new(Counter::default());
        Self {
            node: FakeNode::new(empty, Arc::clone(&counter)),
            counter,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A node that holds the old state.
    pub(super) fn with_old() -> Self {
        let world = Self::empty();
        world.apply(&old(), &Never).unwrap();
        world
    }

    /// The same node and records once more, whatever becomes of these.
    pub(super) fn fork(&self) -> Self {
        let counter = Arc::new(Counter::default());
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        let node = FakeNode::new(self.node.holds(), Arc::clone(&counter));
        *node.boot.lock().unwrap() = self.node.boot.lock().unwrap().clone();
        let uptime = self.node.uptime.load(std::sync::atomic::Ordering::SeqCst);
        node.uptime
            .store(uptime, std::sync::atomic::Ordering::SeqCst);
        node.busy
            .lock()
            .unwrap()
            .clone_from(&self.node.busy.lock().unwrap());
        Self {
            node,
            counter,
            folder,
        }
    }

    /// The folder of the records.
    pub(super) fn root(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub(super) fn store(&self) -> Store {
        let disk = FakeDisk(Arc::clone(&self.counter));
        let root = self.root();
        let found = Store::existing(&root).unwrap();
        match found {
            // Opening it is no call that counts.
            Some(_) => Store::at(&root, Box::new(disk)).unwrap(),
            None => Store::open(&root, Box::new(disk)).unwrap(),
        }
    }

    /// Who works on it.
    pub(super) fn work<T>(
        &self,
        interrupts: &dyn Interrupts,
        work: impl FnOnce(&mut Engine<'_>) -> T,
    ) -> T {
        let store = self.store();
        let lock = store.lock(PATIENCE, &Never).unwrap();
        work(&mut Engine {
            node: &self.node,
            store: &store,
            lock: &lock,
            watch: &mut Silent,
            interrupts,
            arm: &Unarmed,
        })
    }

    /// The change that leads to a state.
    pub(super) fn change(&self, state: &NodeState) -> Change {
        let observed = self.node.holds();
        let claims = Claims::tracked(self.store().inventory().unwrap());
        let plan = plan(state, &observed, &claims).unwrap();
        Change {
            provenance: crate::trust::Provenance::UNKNOWN,
            kind: Purpose::Apply,
            plan: PlanFile {
                node: NodeName::parse("node-a").unwrap(),
                kube_version: None,
                input: Digest::of(b"input"),
                target: target(state),
                observed: Ground {
                    digest: observed.digest(),
                    parts: observed.digests(),
                    machine: None,
                },
                terms: None,
                steps: plan.steps,
                files: Files::of(state),
                services: ServiceNames::new(),
            },
            drain: 0,
            confirm: None,
        }
    }

    pub(super) fn apply(
        &self,
        state: &NodeState,
        interrupts: &dyn Interrupts,
    ) -> Result<Outcome, TransactionError> {
        let change = self.change(state);
        self.work(interrupts, |engine| engine.apply(change))
    }

    pub(super) fn recover(&self, decided: Option<End>) -> Result<Recovered, TransactionError> {
        self.work(&Never, |engine| engine.recover(decided))
    }

    /// Takes what the node holds for what is.
    pub(super) fn take(&self) -> Result<Taken, TransactionError> {
        let name = NodeName::parse("node-a").unwrap();
        self.work(&Never, |engine| engine.take(&name))
    }

    /// Takes all of ours away, as the records tell.
    pub(super) fn cleanup(&self) -> Result<Outcome, TransactionError> {
        let (store, observed) = (self.store(), self.node.holds());
        let generation = store.current_generation().unwrap().unwrap();
        let state = generation.files.state().unwrap();
        let found = store.found().unwrap();
        let ours = Ours {
            state: &state,
            inventory: &store.inventory().unwrap(),
            sysctls: &found.sysctls(),
            timeouts: found.timeouts(),
        };
        let nothing = NodeState::empty(state.mode());
        let mut change = self.change(&nothing);
        change.kind = Purpose::Cleanup;
        change.plan.steps = cleanup(ours, &observed).unwrap().steps;
        self.work(&Never, |engine| engine.apply(change))
    }

    /// The state as text.
    pub(super) fn holds(&self) -> String {
        self.node.holds().canonical()
    }

    /// The generation that is current.
    pub(super) fn generation(&self) -> Option<u64> {
        let current = self.store().current().unwrap();
        current.map(|current| current.generation)
    }
}

/// Runs something that may be killed; `None` if it was.
pub(super) fn killed<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => Some(done),
        Err(payload) if payload.is::<Killed>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

/// What the node holds once it has the old state, and once it has the new one.
pub(super) fn both() -> (World, String, String) {
    let world = World::with_old();
    let before = world.holds();
    let there = world.fork();
    there.apply(&new(), &Never).unwrap();
    let after = there.holds();
    assert_ne!(before, after);
    (world, before, after)
}
