//! What there is to tell of a node.

use std::time::SystemTime;

use portolan_compiler::bundle::Target;
use portolan_compiler::kernel::ipvs::{Counted, DestinationKey};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{KubeVersion, Mode};
use portolan_compiler::plan::{Held, Unserved};

use crate::commands::shared::filter::Looked;
use crate::transaction::store::{Holder, Marker, Purpose, TransactionId};
use crate::trust::Provenance;

/// What `portolan status` tells, in whichever form.
#[derive(Debug)]
pub(super) struct Report {
    /// What was applied last.
    pub(super) applied: Option<Applied>,
    /// What is neither done nor undone.
    pub(super) unfinished: Option<Unfinished>,
    /// Who works on the node.
    pub(super) holder: Holder,
    /// Destinations that drain, as far as they were recorded.
    pub(super) draining: Vec<Draining>,
    /// What of it a node without IPv6 cannot serve.
    pub(super) unserved: Option<Unserved>,
    /// What virtual servers have carried.
    pub(super) counts: Counts,
    /// What a filter left of it.
    pub(super) looked: Option<Looked>,
}

/// The generation that was applied last.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) generation: u64,
    pub(super) node: NodeName,
    /// What the node was asked to hold.
    pub(super) target: Target,
    /// What it holds of that.
    pub(super) holding: Holding,
    pub(super) kind: Purpose,
    pub(super) provenance: Provenance,
    /// Why the next boot would not bring it back.
    pub(super) distrusted: Option<String>,
    pub(super) made: SystemTime,
    pub(super) boot: Boot,
    pub(super) mode: Mode,
    /// The release of kube-proxy that it mirrors, where that was recorded.
    pub(super) kube_version: Option<KubeVersion>,
    /// Addresses and ports that rules serve, where the mode has no virtual servers.
    pub(super) listeners: usize,
    /// Services that have any of it, where that was recorded.
    pub(super) services: Option<usize>,
}

/// What a node holds of what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Holding {
    /// It was compared.
    Read(Held),
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// Nothing of it is to be there, or another apply is under way.
    NotAsked,
}

/// When something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boot {
    /// Since the machine was started.
    This,
    /// Before: the kernel has forgotten it.
    Earlier,
}

/// A transaction that was cut off, or waits to be confirmed.
#[derive(Debug)]
pub(super) struct Unfinished {
    pub(super) id: TransactionId,
    pub(super) marker: Marker,
    pub(super) boot: Boot,
    /// Seconds until it is undone, where it is in place and has to be confirmed.
    pub(super) confirm_within: Option<u64>,
}

/// A destination that takes no new connections.
#[derive(Debug)]
pub(super) struct Draining {
    pub(super) destination: DestinationKey,
    /// Its Service, where its name was recorded.
    pub(super) service: Option<Box<str>>,
    /// Those it has still; unknown where the kernel does not tell.
    pub(super) connections: Option<u64>,
    /// Seconds after which it goes whatever it carries.
    pub(super) seconds: u64,
}

/// What virtual servers have carried.
#[derive(Debug)]
pub(super) enum Counts {
    /// The kernel has not loaded IPVS.
    NotLoaded,
    /// It does not tell us.
    Unreadable(String),
    /// It tells which there are.
    Known {
        /// Ours, or all of them where nothing was applied; by Service, then in their own order.
        rows: Vec<Row>,
        /// How many there are beside ours.
        others: usize,
    },
}

/// A virtual server.
#[derive(Debug)]
pub(super) struct Row {
    /// Its Service, where its name was recorded.
    pub(super) service: Option<Box<str>>,
    pub(super) counted: Counted,
}
