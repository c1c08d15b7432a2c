//! Which nodes can have rules.

use crate::diag::{Code, Finding, some};
use crate::model::name::NodeName;
use crate::model::{Cluster, Node, System};

/// Whether rules can be made for a node: Windows has none of Linux.
pub(crate) fn has_rules(node: &Node) -> bool {
    node.system == System::Linux
}

/// Why a node that was asked for by its name cannot be served, where that is so.
pub(crate) fn refusal(cluster: &Cluster, name: &NodeName) -> Option<Finding> {
    let node = cluster.node(name).filter(|node| !has_rules(node))?;
    let message = format!("node {name} runs Windows: its kube-proxy has no rules of Linux");
    Some(
        Finding::error(Code::UnknownNode, node.object, message)
            .help("ask for a node that runs Linux"),
    )
}

/// Which Nodes no rules can be made for, where there are any.
pub(crate) fn left_out(cluster: &Cluster) -> Option<Finding> {
    let others = cluster.nodes.iter().filter(|node| !has_rules(node));
    let others: Vec<&Node> = others.collect();
    let first = others.first()?;
    let names = some(others.iter().map(|node| &node.name));
    let message = format!("nodes that run Windows are left out: {names}");
    Some(
        Finding::info(Code::Dropped, first.object, message)
            .help("nothing is to be done: their kube-proxy has no rules of Linux"),
    )
}
