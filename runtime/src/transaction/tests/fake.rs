//! A node and a file system that count what is done to them, and stop or fail at a given point.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portolan_compiler::kernel::iptables::Saved;
use portolan_compiler::kernel::ipvs::Connections;
use portolan_compiler::kernel::sysctl::SysctlKey;
use portolan_compiler::kernel::{ipset, ipvs, nftables};
use portolan_compiler::model::{IpFamily, TransportAddress};
use portolan_compiler::observed::{Dummy, Ipv6, Link, Observed};
use portolan_compiler::plan::{Delta, IpvsChange, Step, Subject, Uptime, fake};

use crate::host::{
    Detail, Driver, Executor, Held, HostError, IpvsReading, Modules, NftTable, Node, OtherRules,
    Privileges, RunningProxy, SetsMark, Tools, UserNamespace,
};
use crate::transaction::store::{Disk, RealDisk};

/// What a killed process leaves behind: nothing runs after it.
#[derive(Debug)]
pub(super) struct Killed;

/// What happens at one of the counted calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The process is gone before the call.
    Kill,
    /// The call fails, and later ones do not.
    Fail,
    /// The call fails, and so do all later ones.
    FailFrom,
}

/// Counts calls, of a node or of its disk or of both, and decides.
#[derive(Debug, Default)]
pub(super) struct Counter {
    calls: AtomicU64,
    at: Mutex<Option<(u64, Fate)>>,
}

impl Counter {
    /// From now on, this happens at the call of this number.
    pub(super) fn set(&self, at: u64, fate: Fate) {
        self.calls.store(0, Ordering::SeqCst);
        *lock(&self.at) = Some((at, fate));
    }

    /// From now on, nothing happens.
    pub(super) fn clear(&self) {
        *lock(&self.at) = None;
    }

    /// Whether the call is to fail.
    fn fails(&self) -> bool {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        let at = *lock(&self.at);
        match at {
            Some((at, Fate::Kill)) if at == call => std::panic::resume_unwind(Box::new(Killed)),
            Some((at, Fate::Fail)) => at == call,
            Some((at, Fate::FailFrom)) => at <= call,
            _ => false,
        }
    }
}

/// Who was killed held locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The machine's file system without waiting for it.
#[derive(Debug, Clone)]
pub(super) struct FakeDisk(pub(super) Arc<Counter>);

impl FakeDisk {
    fn call(&self) -> io::Result<()> {
        if self.0.fails() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Disk for FakeDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        RealDisk.make_folder(path)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.call()?;
        // Half a file under another name is all that a kill here could leave.
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.write(true).create(true).truncate(true).open(path)?;
        file.write_all(bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                std::fs::remove_file(path)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }
}

/// Something that somebody else does to a node.
pub(super) type Meddling = Box<dyn Fn(&mut Observed) + Send + Sync>;

/// A node that follows the kernel's rules.
pub(super) struct FakeNode {
    pub(super) state: Mutex<Observed>,
    pub(super) counter: Arc<Counter>,
    pub(super) boot: Mutex<String>,
    pub(super) uptime: Arc<AtomicU64>,
    pub(super) busy: Mutex<Connections>,
    /// Whether it lacks the programs that steps take.
    pub(super) bare: bool,
    /// What somebody does after this many steps.
    pub(super) meddling: Option<(u64, Meddling)>,
    steps: AtomicU64,
}

impl FakeNode {
    pub(super) fn new(state: Observed, counter: Arc<Counter>) -> Self {
        Self {
            state: Mutex::new(state),
            counter,
            boot: Mutex::new("first".to_owned()),
            uptime: Arc::new(AtomicU64::new(1_000)),
            busy: Mutex::default(),
            bare: false,
            meddling: None,
            steps: AtomicU64::new(0),
        }
    }

    pub(super) fn holds(&self) -> Observed {
        lock(&self.state).clone().ordered()
    }

    fn change(&self, step: &Step) -> Result<(), HostError> {
        if self.counter.fails() {
            return Err(refused("it is out of memory"));
        }
        let mut state = lock(&self.state);
        fake::execute(&mut state, step).map_err(|refusal| refused(&refusal.to_string()))?;
        *state = state.clone().ordered();
        let taken = self.steps.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some((after, meddle)) = &self.meddling
            && taken == *after
        {
            meddle(&mut state);
        }
        Ok(())
    }
}

fn refused(why: &str) -> HostError {
    HostError::Change {
        what: "a fake node",
        source: io::Error::other(why.to_owned()),
    }
}

/// Virtual servers come with a request for each destination, and may be cut off between two.
fn requests(step: &Step) -> Vec<Step> {
    let Subject::Ipvs(IpvsChange::Server(key, Delta::Add(server))) = &step.subject else {
        return vec![step.clone()];
    };
    let with = |subject| Step {
        subject,
        ..step.clone()
    };
    let bare = ipvs::VirtualServer {
        destinations: Vec::new(),
        ..server.clone()
    };
    let mut requests = vec![with(Subject::Ipvs(IpvsChange::Server(
        *key,
        Delta::Add(bare),
    )))];
    requests.extend(server.destinations.iter().map(|one| {
        let key = ipvs::DestinationKey {
            server: *key,
            address: one.address,
            port: one.port,
        };
        with(Subject::Ipvs(IpvsChange::Destination(
            key,
            Delta::Add(one.weight),
        )))
    }));
    requests
}

impl Executor for FakeNode {
    fn load(&self, _: &[&str]) -> Result<(), HostError> {
        Ok(())
    }

    fn ready(&self, _: &[Step]) -> Result<(), HostError> {
        if self.bare {
            Err(refused("it has no programs"))
        } else {
            Ok(())
        }
    }

    fn carry_out(&self, steps: &[Step]) -> Result<(), HostError> {
        let requests = steps.iter().flat_map(requests);
        requests.into_iter().try_for_each(|step| self.change(&step))
    }

    fn zero(&self, _: &[TransportAddress]) -> Result<(), HostError> {
        Err(refused("it counts nothing"))
    }
}

impl Node for FakeNode {
    fn boot(&self) -> Result<String, HostError> {
        Ok(lock(&self.boot).clone())
    }

    fn uptime(&self) -> Result<Uptime, HostError> {
        Ok(Uptime(self.uptime.load(Ordering::SeqCst)))
    }

    fn as_driver(&self) -> &dyn Driver {
        self
    }
}

impl Driver for FakeNode {
    fn ipvs(&self) -> Result<Option<IpvsReading>, HostError> {
        Ok(Some(IpvsReading {
            virtual_servers: self.holds().ipvs,
            timeouts: self.holds().timeouts,
            connections: lock(&self.busy).clone(),
        }))
    }

    fn busy(&self, _: &[TransportAddress]) -> Result<Connections, HostError> {
        Ok(lock(&self.busy).clone())
    }

    fn counters(&self, _: Detail) -> Result<Option<Vec<ipvs::Counted>>, HostError> {
        Ok(None)
    }

    fn dummy(&self) -> Result<Dummy, HostError> {
        Ok(self.holds().dummy)
    }

    fn links(&self) -> Result<Vec<Link>, HostError> {
        Ok(Vec::new())
    }

    fn ipset(&self) -> Result<Option<ipset::Observed>, HostError> {
        Ok(Some(self.holds().ipset))
    }

    fn ipset_mark(&self) -> Result<Option<SetsMark>, HostError> {
        Ok(None)
    }

    fn iptables(&self, family: IpFamily) -> Result<Option<Saved>, HostError> {
        Ok(Some(self.holds().rules(family).clone()))
    }

    fn ipv6(&self) -> Result<Ipv6, HostError> {
        Ok(self.holds().ipv6)
    }

    fn nftables(&self) -> Result<nftables::Observed, HostError> {
        Ok(self.holds().nftables)
    }

    fn sysctl(&self) -> Result<BTreeMap<SysctlKey, u32>, HostError> {
        Ok(self.holds().sysctl)
    }

    fn tools(&self) -> Tools {
        Tools::default()
    }

    fn other_iptables(&self, _: &Tools) -> Result<Option<OtherRules>, HostError> {
        Ok(None)
    }

    fn modules(&self) -> Modules {
        Modules::default()
    }

    fn privileges(&self) -> Result<Privileges, HostError> {
        Ok(Privileges {
            net_admin: Held::Yes,
            net_raw: Held::Yes,
            user_namespace: UserNamespace::Initial,
        })
    }

    fn proxies(&self) -> Result<Vec<RunningProxy>, HostError> {
        Ok(Vec::new())
    }

    fn nft_names(&self) -> Result<Option<Vec<NftTable>>, HostError> {
        Ok(None)
    }
}
