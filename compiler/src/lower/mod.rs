//! From the model to the IR: which endpoints serve which frontend on one node.
//!
//! What no node makes a difference to is gathered once ([`gather`]); [`lower`] then takes one node's
//! view of it, so that compiling for many nodes shares the work.

mod alike;
mod choice;
mod concerns;
mod frontends;
mod gather;
mod node;
mod pools;
mod profiles;
mod release;
mod topology;

pub(crate) use alike::Alike;
pub use concerns::{Spellings, concerns};
pub(crate) use gather::PortEndpoints;
pub use gather::{Gathered, gather};
pub use node::{NodeView, UnknownNode, nowhere, view};
pub(crate) use pools::{Reached, reached};
pub use profiles::Profiles;
pub use topology::Scope;
pub(crate) use topology::Standpoint;

use crate::diag::Findings;
use crate::ir::{Program, ServicePort};
use crate::model::{Cluster, Profile};
use rayon::prelude::*;

/// One node's view of the cluster.
pub fn lower(
    cluster: &Cluster,
    gathered: &Gathered,
    node: &NodeView,
    profile: Profile,
    findings: &mut Findings,
) -> Program {
    let _span = tracing::debug_span!("lower", node = node.ir.name.as_str()).entered();
    let lowered: Vec<(ServicePort, Findings)> = gathered
        .ports
        .par_iter()
        .with_min_len(64)
        .map(|port| choice::service_port(cluster, port, node, profile))
        .collect();
    let service_ports = lowered.into_iter().map(|(port, found)| {
        findings.append(found);
        port
    });
    Program {
        node: node.ir.clone(),
        masquerading: node.masquerading.clone(),
        service_ports: service_ports.collect(),
    }
}
