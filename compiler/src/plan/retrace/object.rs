//! What a step is about, without how it changes.

use std::net::IpAddr;

use crate::kernel::ipset::{Entry, SetName};
use crate::kernel::ipvs::VirtualServerKey;
use crate::kernel::sysctl::SysctlKey;
use crate::model::IpFamily;
use crate::plan::{DestinationKey, RuleChain, Subject};

/// An object of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Object {
    Sysctl(SysctlKey),
    Timeouts,
    Dummy,
    Address(IpAddr),
    Set(SetName),
    OtherSet(SetName),
    Entry(SetName, Entry),
    Chain(RuleChain),
    Jump(RuleChain, String),
    Server(VirtualServerKey),
    OtherServer(VirtualServerKey),
    Destination(DestinationKey),
    Table(IpFamily),
    KubeProxyTable(IpFamily),
}

impl Object {
    /// The object of a step; remembered flows are none.
    pub(super) fn of(subject: &Subject) -> Option<Self> {
        Some(match subject {
            Subject::Sysctl(key, _) => Self::Sysctl(*key),
            Subject::Timeouts(_) => Self::Timeouts,
            Subject::Dummy(_) => Self::Dummy,
            Subject::Address(address, _) => Self::Address(*address),
            Subject::Set(name, _) => Self::Set(name.clone()),
            Subject::OtherSet(name, _) => Self::OtherSet(name.clone()),
            Subject::Entry(set, entry, _) => Self::Entry(set.clone(), *entry),
            Subject::Chain(chain, _) => Self::Chain(chain.clone()),
            Subject::Jump(chain, delta) => {
                let rule = delta.after().or(delta.before())?;
                Self::Jump(chain.clone(), rule.rule.to_string())
            }
            Subject::Server(key, _) => Self::Server(*key),
            Subject::OtherServer(key, _) => Self::OtherServer(*key),
            Subject::Destination(key, _) => Self::Destination(*key),
            Subject::Table(family, _) => Self::Table(*family),
            Subject::KubeProxyTable(family, _) => Self::KubeProxyTable(*family),
            Subject::Affinity(..) | Subject::Flows(..) => return None,
        })
    }
}
