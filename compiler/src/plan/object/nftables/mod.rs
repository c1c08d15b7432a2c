//! The tables of mode nftables, kube-proxy's own among them, and what the kernel remembers in them.

mod batch;
mod encoding;
mod fake;
mod reading;
mod text;

pub use batch::TablesChange;
pub(crate) use batch::{NftablesBatch, batches};

use serde_json::{Map, Value};

use super::reading::{Reading, StepState};
use super::{Change, conntrack};
use crate::kernel::nftables::{Elements, KubeProxyTable, Memory, SetName, TABLE, Table};
use crate::model::IpFamily;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::{Rank, by};
use crate::plan::render::{Heading, Line, Services};
use crate::plan::{Delta, Durability, End, Flows, Op};

/// A change of a table, or of what is remembered in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NftablesChange {
    /// The table of mode nftables of a family.
    Table(IpFamily, TableChange),
    /// kube-proxy's own table of mode nftables of a family: it goes where all is claimed, and comes back
    /// where that is undone.
    KubeProxyTable(IpFamily, Delta<KubeProxyTable>),
    /// Which endpoints the kernel remembers for clients of a Service port: whoever comes back would be
    /// sent to one that is gone.
    Affinity(Memory, Flows),
}

/// How the table of a family changes; either way it does so as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// It comes, goes, or is made anew. What others put into it is lost.
    Whole(Delta<Box<Table>>),
    /// Elements of it come, go and change; the rest stays as it is.
    Part {
        /// Those that are there before, as they are then.
        from: Elements,
        /// Those that are there after, as they are then.
        to: Elements,
    },
}

impl NftablesChange {
    /// Whether it only makes the kernel forget which endpoint a client had.
    pub(in crate::plan) fn is_affinity(&self) -> bool {
        matches!(self, Self::Affinity(..))
    }
}

impl TableChange {
    /// The way back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self {
            Self::Whole(delta) => Self::Whole(delta.inverse()),
            Self::Part { from, to } => Self::Part {
                from: to.clone(),
                to: from.clone(),
            },
        }
    }

    /// What happens to the table.
    pub fn op(&self) -> Op {
        match self {
            Self::Whole(delta) => delta.op(),
            Self::Part { .. } => Op::Change,
        }
    }
}

/// A table of ours or of kube-proxy, of a family.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Object {
    Table(IpFamily),
    KubeProxyTable(IpFamily),
}

impl Change for NftablesChange {
    type Object = Object;

    fn op(&self) -> Op {
        match self {
            Self::Table(_, change) => change.op(),
            Self::KubeProxyTable(_, delta) => delta.op(),
            Self::Affinity(..) => Op::Flush,
        }
    }

    fn inverse(&self) -> Self {
        match self {
            Self::Table(family, change) => Self::Table(*family, change.inverse()),
            Self::KubeProxyTable(family, delta) => Self::KubeProxyTable(*family, delta.inverse()),
            Self::Affinity(..) => self.clone(),
        }
    }

    fn object(&self) -> Option<Object> {
        match self {
            Self::Table(family, _) => Some(Object::Table(*family)),
            Self::KubeProxyTable(family, _) => Some(Object::KubeProxyTable(*family)),
            Self::Affinity(..) => None,
        }
    }

    fn rank(&self, durability: Durability) -> Rank {
        match self {
            Self::Affinity(..) => Rank::Flushes,
            _ if durability == Durability::Transitional => Rank::Drains,
            Self::Table(_, change) => match change.op() {
                Op::Remove => Rank::OldServers,
                Op::Add | Op::Change | Op::Flush => Rank::Servers,
            },
            Self::KubeProxyTable(_, delta) => by(delta, Rank::Servers, Rank::OldServers),
        }
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        reading::step_state(self, node)
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        reading::towards(self, node, end).into_iter().collect()
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        match self {
            Self::Table(family, change) => fake::table(node, *family, change),
            Self::KubeProxyTable(family, delta) => fake::kube_proxys(node, *family, delta),
            Self::Affinity(memory, flows) => {
                fake::forget(node, *memory, flows);
                Ok(())
            }
        }
    }

    fn heading(&self, services: &Services) -> Heading {
        match self {
            Self::Table(..) | Self::KubeProxyTable(..) => Heading::Node,
            Self::Affinity(memory, _) => services.frontend(&memory.port.0),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Table(family, _) => format!("table {TABLE} of {family}"),
            Self::KubeProxyTable(family, _) => {
                format!("nftables table {}", KubeProxyTable::name(*family))
            }
            Self::Affinity(memory, which) => {
                let map = SetName::Affinity(*memory);
                format!("clients in {map}{}", conntrack::destination("to", which))
            }
        }
    }

    fn line(&self) -> (&'static str, String) {
        text::line(self)
    }

    fn details(&self) -> Vec<Line> {
        text::details(self)
    }

    fn encode(&self) -> Map<String, Value> {
        encoding::encode(self)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        encoding::decode(kind, value)
    }
}
