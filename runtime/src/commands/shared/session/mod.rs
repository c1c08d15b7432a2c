//! A node to work on: its records with their lock, the node itself, and who is told what goes on.

mod output;

use portolan_compiler::plan::Inventory;

use super::planning::LockArgs;
use crate::host::{self, Held, Holds, HostError, Node};
use crate::report::Failure;
use crate::transaction::store::{Lock, Store};
use crate::transaction::{Engine, Interrupts as _, Signal, Signals, Timer, Watch};

pub(in crate::commands) use output::Narrator;

/// A node that nobody else's portolan works on meanwhile.
#[derive(Debug)]
pub(in crate::commands) struct Session {
    pub(in crate::commands) store: Store,
    lock: Lock,
    pub(in crate::commands) node: NodeBox,
    signals: Signals,
    timer: Timer,
}

/// The node, which has nothing to show.
pub(in crate::commands) struct NodeBox(pub(in crate::commands) Box<dyn Node>);

impl std::fmt::Debug for NodeBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Node")
    }
}

impl Session {
    /// Waits for the node.
    pub(in crate::commands) fn open(args: &LockArgs) -> Result<Self, Failure> {
        let node = host::node()?;
        let privileges = node.privileges()?;
        if privileges.net_admin == Held::No {
            return Err(HostError::NoNetAdmin.into());
        }
        if privileges.net_raw == Held::No {
            return Err(HostError::NoNetRaw.into());
        }
        let signals = Signals::catch().map_err(SessionError::Signals)?;
        let store = args.open()?;
        let lock = args.lock(&store, &signals)?;
        let program = std::env::current_exe().map_err(SessionError::Program)?;
        let timer = Timer::new(program, store.root());
        Ok(Self {
            store,
            lock,
            node: NodeBox(node),
            signals,
            timer,
        })
    }

    /// Who works on it.
    pub(in crate::commands) fn engine<'s>(&'s self, watch: &'s mut dyn Watch) -> Engine<'s> {
        Engine {
            node: &*self.node.0,
            store: &self.store,
            lock: &self.lock,
            watch,
            interrupts: &self.signals,
            arm: &self.timer,
        }
    }

    /// What the node holds, and what of it is ours.
    pub(in crate::commands) fn holds(&self) -> Result<Holds, Failure> {
        Ok(Holds {
            services: self.store.services()?,
            ..host::services(self.inventory()?)?
        })
    }

    /// What is ours; nothing drains any more that an earlier boot left draining.
    pub(in crate::commands) fn inventory(&self) -> Result<Inventory, Failure> {
        let mut inventory = self.store.inventory()?;
        if let Some(current) = self.store.current()?
            && current.boot != self.node.0.boot()?
        {
            inventory.draining.clear();
        }
        Ok(inventory)
    }

    /// What asks this to end, if anything does.
    pub(in crate::commands) fn signal(&self) -> Option<Signal> {
        self.signals.pending()
    }

    /// Whether somebody wants this to end.
    pub(in crate::commands) fn interrupted(&self) -> bool {
        self.signal().is_some()
    }

    /// Lets others work on the node; the signals stay caught.
    pub(in crate::commands) fn into_store(self) -> (Store, Signals, NodeBox) {
        drop(self.lock);
        (self.store, self.signals, self.node)
    }
}

/// What this process lacks to work on a node.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    /// What waits for signals cannot be started.
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
    /// The path of the program that runs, which is started again in the background.
    #[error("cannot find out which program this is")]
    Program(#[source] std::io::Error),
}

impl crate::report::Explain for SessionError {
    fn exit(&self) -> crate::report::Exit {
        crate::report::Exit::Internal
    }
}
