//! Which nodes are compiled for.

use super::NodeSelection;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::Cluster;
use crate::model::name::NodeName;
use crate::source::FieldPath;

/// The node asked for by name, if one is and its name can be one.
pub(super) fn named(selection: &NodeSelection, findings: &mut Findings) -> Option<NodeName> {
    let NodeSelection::Named(text) = selection else {
        return None;
    };
    parse(text, Place::Nowhere, findings)
}

fn parse(text: &str, place: Place, findings: &mut Findings) -> Option<NodeName> {
    NodeName::parse(text)
        .map_err(|error| {
            findings.push(
                Finding::error(Code::Name, place, format!("node name {text:?} {error}"))
                    .help("use the name of the Node object"),
            );
        })
        .ok()
}

/// The nodes to compile for, sorted; none where that is an error.
pub(super) fn select(
    selection: &NodeSelection,
    named: Option<NodeName>,
    cluster: &Cluster,
    findings: &mut Findings,
) -> Vec<NodeName> {
    let config = &cluster.config;
    let place = || {
        config.object.map_or(Place::Nowhere, |object| {
            Place::Field(object, FieldPath::root().key("hostnameOverride"))
        })
    };
    match selection {
        NodeSelection::Named(_) => named.into_iter().collect(),
        NodeSelection::FromConfiguration => {
            let Some(text) = &config.hostname_override else {
                let known: Vec<&str> = cluster
                    .places
                    .nodes()
                    .iter()
                    .map(NodeName::as_str)
                    .take(5)
                    .collect();
                let help = if known.is_empty() {
                    "pass --node, and the Node or its NodeFacts with -f".to_owned()
                } else {
                    format!(
                        "pass --node or --all-nodes; the input has: {}",
                        known.join(", ")
                    )
                };
                findings.push(
                    Finding::error(
                        Code::UnknownNode,
                        Place::Nowhere,
                        "no node asked for, and the configuration has no hostnameOverride",
                    )
                    .help(help),
                );
                return Vec::new();
            };
            parse(text, place(), findings).into_iter().collect()
        }
        NodeSelection::All => {
            if config.hostname_override.is_some() {
                findings.push(
                    Finding::warning(
                        Code::ConfigIgnored,
                        place(),
                        "hostnameOverride is ignored: all nodes are compiled for",
                    )
                    .help("leave --all-nodes away to compile for that node alone"),
                );
            }
            let nodes: Vec<NodeName> = cluster.nodes.iter().map(|node| node.name.clone()).collect();
            if nodes.is_empty() {
                findings.push(
                    Finding::error(
                        Code::UnknownNode,
                        Place::Nowhere,
                        "all nodes asked for, and the input has no Node",
                    )
                    .help("add the output of: kubectl get nodes -o yaml"),
                );
            }
            nodes
        }
    }
}
