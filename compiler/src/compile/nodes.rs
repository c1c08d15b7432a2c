//! Which nodes are compiled for.

use super::NodeSelection;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::Cluster;
use crate::model::name::NodeName;
use crate::pipeline::{has_rules, left_out, refusal};
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
        NodeSelection::Named(_) => served(named, cluster, findings),
        NodeSelection::FromConfiguration | NodeSelection::FromConfigurationOrOnly => {
            let Some(text) = &config.hostname_override else {
                if *selection == NodeSelection::FromConfigurationOrOnly
                    && let Some(only) = only(cluster)
                {
                    return vec![only];
                }
                let known = cluster.places.nodes().iter();
                let known: Vec<&str> = known
                    .filter(|name| cluster.node(name).is_none_or(has_rules))
                    .map(NodeName::as_str)
                    .take(5)
                    .collect();
                let help = if known.is_empty() {
                    "pass --node, and add the Node or its NodeFacts".to_owned()
                } else {
                    format!(
                        "pass --node (to compile for all, --all-nodes); the input has: {}",
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
            let named = parse(text, place(), findings);
            served(named, cluster, findings)
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
            if let Some(finding) = left_out(cluster) {
                findings.push(finding);
            }
            let nodes = cluster.nodes.iter().filter(|node| has_rules(node));
            let nodes: Vec<NodeName> = nodes.map(|node| node.name.clone()).collect();
            if nodes.is_empty() && !cluster.nodes.is_empty() {
                findings.push(
                    Finding::error(
                        Code::UnknownNode,
                        Place::Nowhere,
                        "all nodes asked for, and every Node of the input runs Windows",
                    )
                    .help("add the Nodes that run Linux: kubectl get nodes -o yaml"),
                );
            } else if nodes.is_empty() {
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

/// The Node of an input that has one.
fn only(cluster: &Cluster) -> Option<NodeName> {
    let mut nodes = cluster.nodes.iter().filter(|node| has_rules(node));
    let first = nodes.next()?;
    nodes.next().is_none().then(|| first.name.clone())
}

/// The node that was named, unless no rules can be made for it.
fn served(named: Option<NodeName>, cluster: &Cluster, findings: &mut Findings) -> Vec<NodeName> {
    let Some(name) = named else { return Vec::new() };
    match refusal(cluster, &name) {
        Some(refused) => {
            findings.push(refused);
            Vec::new()
        }
        None => vec![name],
    }
}
