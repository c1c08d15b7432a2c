//! A plan's steps in the words of those who carry them out: netlink requests, and scripts for
//! `ipset restore` and `iptables-restore`.
//!
//! [`batches`] joins steps that follow one another and go to the same place. Nothing is reordered but
//! consecutive steps about rules: those of one table are brought together, so that the table changes
//! at once. Tables do not depend on each other, so every constraint that held between the steps
//! holds between the batches.

use crate::kernel::Listener;
use crate::kernel::ipvs::netlink::Operation;
use crate::kernel::nftables::Memory;
use crate::kernel::sysctl::Sysctl;
use crate::model::IpFamily;
use crate::plan::object::{ipset, iptables, ipvs, nftables};
use crate::plan::{DummyChange, Flows, Step, Subject, SysctlChange};

pub use crate::plan::object::dummy::DummyRequest;
pub use crate::plan::object::nftables::TablesChange;

/// Steps that are carried out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Settings to write, in order.
    Sysctl(Vec<Sysctl>),
    /// Changes of kube-ipvs0, in order.
    Dummy(Vec<DummyRequest>),
    /// A script for `ipset restore`: it stops at the first line that fails.
    Ipset(String),
    /// A script for this family's `iptables-restore --noflush`: a table changes as a whole or not
    /// at all.
    Iptables(IpFamily, String),
    /// Requests to IPVS, in order.
    Ipvs(Vec<Operation>),
    /// A script for `ipvsadm -R`: virtual servers of kinds that portolan never makes, put back.
    Ipvsadm(String),
    /// A change of mode nftables' tables, of both families at once.
    Nftables(TablesChange),
    /// Clients of mode nftables that forget their endpoints.
    NftablesAffinity(Vec<(Memory, Flows)>),
    /// UDP flows to be forgotten.
    Conntrack(Vec<(Listener, Flows)>),
}

/// Steps that follow one another, all of one subsystem.
macro_rules! of {
    ($run:ident, $subsystem:ident) => {
        $run.iter().filter_map(|step| match &step.subject {
            Subject::$subsystem(change) => Some(change),
            _ => None,
        })
    };
}

/// Joins steps into batches, in their order.
pub fn batches(steps: &[Step]) -> Vec<Batch> {
    let subsystem = |step: &Step| std::mem::discriminant(&step.subject);
    let mut batches: Vec<Batch> = Vec::new();
    for run in steps.chunk_by(|a, b| subsystem(a) == subsystem(b)) {
        match &run[0].subject {
            Subject::Sysctl(_) => {
                let settings: Vec<Sysctl> =
                    of!(run, Sysctl).filter_map(SysctlChange::batch).collect();
                batches.extend((!settings.is_empty()).then_some(Batch::Sysctl(settings)));
            }
            Subject::Dummy(_) => {
                batches.push(Batch::Dummy(
                    of!(run, Dummy).map(DummyChange::batch).collect(),
                ));
            }
            Subject::Ipset(_) => batches.push(Batch::Ipset(ipset::script(of!(run, Ipset)))),
            Subject::Iptables(_) => {
                let scripts = iptables::scripts(of!(run, Iptables)).into_iter();
                batches.extend(scripts.map(|(family, script)| Batch::Iptables(family, script)));
            }
            Subject::Ipvs(_) => {
                let changes: Vec<_> = of!(run, Ipvs).collect();
                batches.extend(ipvs::batches(&changes).into_iter().map(Batch::from));
            }
            Subject::Nftables(_) => {
                let changes: Vec<_> = of!(run, Nftables).collect();
                batches.extend(nftables::batches(&changes).into_iter().map(Batch::from));
            }
            Subject::Conntrack(_) => {
                let flows = of!(run, Conntrack).map(|change| (change.0, change.1));
                batches.push(Batch::Conntrack(flows.collect()));
            }
        }
    }
    batches
}

impl From<ipvs::IpvsBatch> for Batch {
    fn from(batch: ipvs::IpvsBatch) -> Self {
        match batch {
            ipvs::IpvsBatch::Requests(operations) => Self::Ipvs(operations),
            ipvs::IpvsBatch::Script(script) => Self::Ipvsadm(script),
        }
    }
}

impl From<nftables::NftablesBatch> for Batch {
    fn from(batch: nftables::NftablesBatch) -> Self {
        match batch {
            nftables::NftablesBatch::Tables(change) => Self::Nftables(change),
            nftables::NftablesBatch::Affinity(flows) => Self::NftablesAffinity(flows),
        }
    }
}

#[cfg(test)]
mod tests;
