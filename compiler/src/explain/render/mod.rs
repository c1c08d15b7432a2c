//! An explanation for people and for machines. Both write printable ASCII only.

mod human;
mod json;
mod origin;
mod tree;

pub use human::human;
pub use json::json;
pub use origin::Manifests;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Arrival, Explanation};
use crate::model::name::NodeName;

/// An explanation with what it is about.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The node whose rules the packet meets.
    pub node: &'a NodeName,
    /// What becomes of the packet there.
    pub explanation: &'a Explanation,
    /// Endpoints whose answer does not come back by the node, as far as that is known.
    pub lost: &'a BTreeSet<SocketAddr>,
    /// What the rules were compiled from; `None` of a compiled folder.
    pub manifests: Option<Manifests<'a>>,
}

/// `10.244.1.7 through cni0`, `node-a itself`.
fn sender(page: &Page<'_>) -> String {
    match &page.explanation.flow.arrival {
        Arrival::Interface {
            from,
            interface: Some(name),
        } => format!("{from} through {name}"),
        Arrival::Interface { from, .. } => from.to_string(),
        Arrival::Node { from: Some(from) } => format!("{from} of the node itself"),
        Arrival::Node { from: None } => "the node itself".to_owned(),
    }
}
