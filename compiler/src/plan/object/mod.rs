//! What steps change, a module for each subsystem of the kernel: which objects it has, how each
//! changes and changes back, and all that plans, files, people and the host have to know of that.
//!
//! Whoever deals with steps of any kind asks [`Subject`]; [`Change`] is what a subsystem answers. A new
//! kind of object is a variant of its subsystem's change, and the compiler names what else it needs.

pub(crate) mod conntrack;
pub(crate) mod dummy;
pub(super) mod encoding;
pub(crate) mod ipset;
pub(crate) mod iptables;
pub(crate) mod ipvs;
pub(crate) mod nftables;
pub(super) mod reading;
pub(crate) mod sysctl;

pub use conntrack::ConntrackChange;
pub use dummy::DummyChange;
pub use ipset::IpsetChange;
pub use iptables::{IptablesChange, RuleChain, RulePosition};
pub use ipvs::IpvsChange;
pub use nftables::{NftablesChange, TableChange};
pub use sysctl::SysctlChange;

use serde_json::{Map, Value};

use super::fake::Refused;
use super::order::Rank;
use super::render::{Heading, Line, Services};
use super::{Durability, End, Interruption, Op};
use crate::observed::Observed;
use reading::{Reading, StepState};

/// A change of an object of one subsystem.
pub(super) trait Change: Sized {
    /// What the object is, whatever happens to it.
    type Object: Ord;

    /// What happens to the object.
    fn op(&self) -> Op;

    /// The way back.
    fn inverse(&self) -> Self;

    /// The object; none where nothing that is observed shows it.
    fn object(&self) -> Option<Self::Object>;

    /// Its place among the constraints, where nothing but the change decides it.
    fn rank(&self, durability: Durability) -> Rank;

    /// How the object is on a node, compared with what it is before and after.
    fn step_state(&self, node: &Reading<'_>) -> StepState;

    /// Changes from what the object is to what it is at one end of this one.
    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self>;

    /// Carries it out on a node in memory.
    ///
    /// # Errors
    /// With what the kernel would say.
    fn execute(&self, node: &mut Observed) -> Result<(), Refused>;

    /// What it costs as a removal, where nothing was drained before.
    fn removal_interrupts(&self) -> Interruption {
        Interruption::None
    }

    /// What of the node's Services it is about.
    fn heading(&self, services: &Services) -> Heading;

    /// Names the object: `virtual server 10.96.0.1:443/TCP`.
    fn name(&self) -> String;

    /// What there may be many of, and the change in a few words.
    fn line(&self) -> (&'static str, String);

    /// The parts of the object that change, below that line.
    fn details(&self) -> Vec<Line> {
        Vec::new()
    }

    /// The fields of a plan file that say it.
    fn encode(&self) -> Map<String, Value>;

    /// Reads what [`Self::encode`] gives.
    ///
    /// # Errors
    /// With the field that makes no sense; `kind` where it is no kind of this subsystem.
    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str>;
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $subsystem:ident($change:ident),)*) => {
        /// What a step changes, and how: a change of one of the kernel's subsystems.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Subject {
            $($(#[$doc])* $subsystem($change),)*
        }

        /// An object of a node.
        #[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Object {
            $($subsystem(<$change as Change>::Object),)*
        }

        $(impl From<$change> for Subject {
            fn from(change: $change) -> Self {
                Self::$subsystem(change)
            }
        })*

        impl Subject {
            /// What happens to the object.
            pub fn op(&self) -> Op {
                match self {
                    $(Self::$subsystem(change) => change.op(),)*
                }
            }

            /// Names the object: `virtual server 10.96.0.1:443/TCP`.
            pub fn name(&self) -> String {
                match self {
                    $(Self::$subsystem(change) => change.name(),)*
                }
            }

            pub(super) fn inverse(&self) -> Self {
                match self {
                    $(Self::$subsystem(change) => Self::$subsystem(change.inverse()),)*
                }
            }

            pub(super) fn object(&self) -> Option<Object> {
                match self {
                    $(Self::$subsystem(change) => change.object().map(Object::$subsystem),)*
                }
            }

            pub(super) fn rank(&self, durability: Durability) -> Rank {
                match self {
                    $(Self::$subsystem(change) => change.rank(durability),)*
                }
            }

            pub(super) fn step_state(&self, node: &Reading<'_>) -> StepState {
                match self {
                    $(Self::$subsystem(change) => change.step_state(node),)*
                }
            }

            pub(super) fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
                match self {
                    $(Self::$subsystem(change) => {
                        let changes = change.towards(node, end).into_iter();
                        changes.map(Self::$subsystem).collect()
                    })*
                }
            }

            pub(super) fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
                match self {
                    $(Self::$subsystem(change) => change.execute(node),)*
                }
            }

            pub(super) fn removal_interrupts(&self) -> Interruption {
                match self {
                    $(Self::$subsystem(change) => change.removal_interrupts(),)*
                }
            }

            pub(super) fn heading(&self, services: &Services) -> Heading {
                match self {
                    $(Self::$subsystem(change) => change.heading(services),)*
                }
            }

            pub(super) fn line(&self) -> (&'static str, String) {
                match self {
                    $(Self::$subsystem(change) => change.line(),)*
                }
            }

            pub(super) fn details(&self) -> Vec<Line> {
                match self {
                    $(Self::$subsystem(change) => change.details(),)*
                }
            }

            pub(super) fn encode(&self) -> Map<String, Value> {
                match self {
                    $(Self::$subsystem(change) => change.encode(),)*
                }
            }

            /// Reads what [`Self::encode`] gives.
            pub(super) fn decode(value: &Value) -> Result<Self, &'static str> {
                let kind = encoding::line(&value["kind"]).ok_or("kind")?;
                $(match $change::decode(kind, value) {
                    Err("kind") => {}
                    read => return read.map(Self::$subsystem),
                })*
                Err("kind")
            }
        }
    };
}

subjects! {
    /// A kernel setting.
    Sysctl(SysctlChange),
    /// kube-ipvs0 and its addresses.
    Dummy(DummyChange),
    /// Sets and their entries.
    Ipset(IpsetChange),
    /// Chains, and rules in the kernel's own chains.
    Iptables(IptablesChange),
    /// Virtual servers, destinations and timeouts.
    Ipvs(IpvsChange),
    /// Tables, and what the kernel remembers in them.
    Nftables(NftablesChange),
    /// What the kernel remembers of UDP flows.
    Conntrack(ConntrackChange),
}

impl Subject {
    /// Whether it only drops what the kernel remembers.
    pub(super) fn is_flush(&self) -> bool {
        self.op() == Op::Flush
    }
}
