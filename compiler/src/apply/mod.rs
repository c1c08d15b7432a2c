//! A plan's steps in the words of those who carry them out: netlink requests, and scripts for
//! `ipset restore` and `iptables-restore`.
//!
//! [`batches`] joins steps that follow one another and go to the same place. Nothing is reordered but
//! consecutive steps about rules: those of one table are brought together, so that the table changes
//! at once. Tables do not depend on each other, so every constraint that held between the steps
//! holds between the batches.

mod interface;
mod rules;
mod servers;
mod sets;
mod tables;

pub use interface::InterfaceChange;
pub use tables::TablesChange;

use crate::kernel::Listener;
use crate::kernel::ipvs::netlink::Operation;
use crate::kernel::nftables::Memory;
use crate::kernel::sysctl::Sysctl;
use crate::model::IpFamily;
use crate::plan::{Delta, Flows, Step, Subject};

/// Steps that are carried out together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Batch {
    /// Settings to write, in order.
    Settings(Vec<Sysctl>),
    /// Changes of kube-ipvs0, in order.
    Interface(Vec<InterfaceChange>),
    /// A script for `ipset restore`: it stops at the first line that fails.
    Sets(String),
    /// A script for this family's `iptables-restore --noflush`: a table changes as a whole or not
    /// at all.
    Rules(IpFamily, String),
    /// Requests to IPVS, in order.
    Servers(Vec<Operation>),
    /// A script for `ipvsadm -R`: virtual servers of kinds that portolan never makes, put back.
    OtherServers(String),
    /// A change of mode nftables' tables, of both families at once.
    Tables(TablesChange),
    /// Clients of mode nftables that forget their endpoints.
    Affinity(Vec<(Memory, Flows)>),
    /// UDP flows to be forgotten.
    Flows(Vec<(Listener, Flows)>),
}

/// Joins steps into batches, in their order.
pub fn batches(steps: &[Step]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    for run in steps.chunk_by(|a, b| Place::of(&a.subject) == Place::of(&b.subject)) {
        let subjects = run.iter().map(|step| &step.subject);
        match Place::of(&run[0].subject) {
            Place::Settings => {
                let settings: Vec<Sysctl> = subjects.filter_map(setting).collect();
                if !settings.is_empty() {
                    batches.push(Batch::Settings(settings));
                }
            }
            Place::Interface => {
                batches.push(Batch::Interface(
                    subjects.filter_map(interface::change).collect(),
                ));
            }
            Place::Sets => batches.push(Batch::Sets(sets::script(subjects))),
            Place::Rules => batches.extend(rules::batches(subjects)),
            Place::Servers => {
                let mut operations = Vec::new();
                for subject in subjects {
                    servers::operations(subject, &mut operations);
                }
                if !operations.is_empty() {
                    batches.push(Batch::Servers(operations));
                }
            }
            Place::OtherServers => batches.push(Batch::OtherServers(servers::script(subjects))),
            Place::Tables => batches.push(Batch::Tables(TablesChange::of(subjects))),
            Place::Affinity => {
                let flows = subjects.filter_map(|subject| match subject {
                    Subject::Affinity(memory, which) => Some((*memory, *which)),
                    _ => None,
                });
                batches.push(Batch::Affinity(flows.collect()));
            }
            Place::Flows => {
                let flows = subjects.filter_map(|subject| match subject {
                    Subject::Flows(server, flows) => Some((*server, *flows)),
                    _ => None,
                });
                batches.push(Batch::Flows(flows.collect()));
            }
        }
    }
    batches
}

/// Where steps go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Settings,
    Interface,
    Sets,
    Rules,
    Servers,
    OtherServers,
    Tables,
    Affinity,
    Flows,
}

impl Place {
    fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Sysctl(..) => Self::Settings,
            Subject::Dummy(_) | Subject::Address(..) => Self::Interface,
            Subject::Set(..) | Subject::OtherSet(..) | Subject::Entry(..) => Self::Sets,
            Subject::Chain(..) | Subject::Jump(..) => Self::Rules,
            Subject::OtherServer(_, Delta::Add(_) | Delta::Change { .. }) => Self::OtherServers,
            Subject::Timeouts(_)
            | Subject::Server(..)
            | Subject::OtherServer(_, Delta::Remove(_))
            | Subject::Destination(..) => Self::Servers,
            Subject::Table(..) | Subject::KubeProxyTable(..) => Self::Tables,
            Subject::Affinity(..) => Self::Affinity,
            Subject::Flows(..) => Self::Flows,
        }
    }
}

/// One whose value was not known before has none to go back to.
fn setting(subject: &Subject) -> Option<Sysctl> {
    match subject {
        Subject::Sysctl(key, delta) => delta.after().map(|value| Sysctl {
            key: *key,
            value: *value,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
