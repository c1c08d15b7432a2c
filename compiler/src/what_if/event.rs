//! What may happen, as it is asked for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::model::Cluster;
use crate::model::name::{NodeName, Zone};
use crate::model::pod::Workload;
use crate::nearest::{self, Slips};

/// What happens to a cluster, all of it at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Nodes that are drained.
    pub drained: BTreeSet<NodeName>,
    /// Nodes that are lost.
    pub lost: BTreeSet<NodeName>,
    /// Workloads that run another number of Pods.
    pub scaled: Vec<(Target, u32)>,
    /// What becomes of Pods that go with their node.
    pub evicted: Evicted,
}

/// What becomes of Pods that go with their node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Evicted {
    /// They are gone.
    #[default]
    Gone,
    /// They run on the nodes that are left, where something made them that makes them again.
    Placed,
}

/// A workload, as it is named: its kind where that has to be said, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As manifests spell it.
    pub kind: Option<&'static str>,
    /// The namespace it is in, as it was written.
    pub namespace: Box<str>,
    /// Its name there, as it was written.
    pub name: Box<str>,
}

/// Kinds that have a number of Pods, as manifests spell them and as kubectl is told.
const KINDS: [(&str, &[&str]); 3] = [
    ("Deployment", &["deployment", "deployments", "deploy"]),
    ("StatefulSet", &["statefulset", "statefulsets", "sts"]),
    ("ReplicaSet", &["replicaset", "replicasets", "rs"]),
];

/// Kinds that have a number of Pods.
pub(super) fn is_scalable(kind: &str) -> bool {
    KINDS.iter().any(|(known, _)| *known == kind)
}

/// Text that names no workload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is not of the form.
    #[error("expected NAMESPACE/NAME, or KIND/NAMESPACE/NAME")]
    Form,
    /// Of its kind there is no number of Pods.
    #[error("{0:?} is no kind with a number of Pods: use deployment, statefulset or replicaset")]
    Kind(String),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (kind, namespace, name) = match parts[..] {
            [namespace, name] => (None, namespace, name),
            [kind, namespace, name] => (Some(self::kind(kind)?), namespace, name),
            _ => return Err(TargetError::Form),
        };
        if namespace.is_empty() || name.is_empty() {
            return Err(TargetError::Form);
        }
        Ok(Self {
            kind,
            namespace: namespace.into(),
            name: name.into(),
        })
    }
}

fn kind(text: &str) -> Result<&'static str, TargetError> {
    let word = text.to_ascii_lowercase();
    let known = KINDS
        .iter()
        .find(|(_, words)| words.contains(&word.as_str()));
    known
        .map(|(kind, _)| *kind)
        .ok_or_else(|| TargetError::Kind(text.to_owned()))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind.map(str::to_lowercase);
        if let Some(kind) = kind {
            write!(f, "{kind}/")?;
        }
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl Target {
    pub(super) fn is(&self, namespace: &str, workload: &Workload) -> bool {
        *self.namespace == *namespace
            && self.name == workload.name
            && self.kind.is_none_or(|kind| kind == &*workload.kind)
    }
}

/// What a question names and the cluster does not have, or not so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// No node has the name.
    #[error("the input has no node {name}")]
    Node {
        /// What was asked for.
        name: String,
        /// Nodes that may be meant.
        near: Vec<String>,
        /// How many nodes there are.
        nodes: usize,
    },
    /// No node is in a zone of the name.
    #[error("no node of the input is in a zone {name}")]
    Zone {
        /// What was asked for.
        name: String,
        /// Zones that may be meant, or else all that there are.
        near: Vec<String>,
    },
    /// No workload has the name, or none whose Pods have a number.
    #[error("the input has no workload {target} with a number of Pods")]
    Workload {
        /// What was asked for.
        target: Target,
        /// Workloads that may be meant.
        near: Vec<String>,
    },
    /// It is of a kind that has as many Pods as something else says.
    #[error("{kind} {target} has no number of Pods to set")]
    Kind {
        /// What was asked for.
        target: Target,
        /// What it is.
        kind: String,
    },
    /// Several workloads are called so.
    #[error("{target} is the name of several workloads")]
    Ambiguous {
        /// What was asked for.
        target: Target,
        /// How each is asked for alone.
        each: Vec<String>,
    },
    /// Two numbers for one workload.
    #[error("{0} is scaled twice")]
    Twice(Target),
    /// Nothing says which endpoints are a workload's.
    #[error("the input has no Pods, so nobody knows which endpoints are those of {0}")]
    NoPods(Target),
    /// It has Pods to lose, and none of those in the input is known to be one.
    #[error(
        "{target} is to have {replicas} Pods, and no Pod of the input is known to be one of them"
    )]
    NoneOf {
        /// What was asked for.
        target: Target,
        /// How many it says.
        replicas: u64,
    },
    /// More Pods than there are addresses to stand for theirs.
    #[error("{target} cannot be scaled to {number}: at most {most} Pods are placed")]
    TooMany {
        /// What was asked for.
        target: Target,
        /// The number asked for.
        number: u32,
        /// The greatest number.
        most: u32,
    },
}

impl Unknown {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Node { near, nodes: 0, .. } if near.is_empty() => {
                "add the output of: kubectl get nodes -o yaml".to_owned()
            }
            Self::Node { near, .. } | Self::Zone { near, .. } if !near.is_empty() => {
                format!("the nearest: {}", near.join(", "))
            }
            Self::Node { nodes, .. } => format!(
                "use the name of one of its {}",
                crate::english::count(*nodes, "Node")
            ),
            Self::Zone { .. } => format!(
                "zones are those of the label {} of Nodes; name the nodes with --lose-node instead",
                crate::model::LABEL_ZONE
            ),
            Self::Workload { near, .. } if !near.is_empty() => {
                format!("the nearest: {}", near.join(", "))
            }
            Self::Workload { .. } => {
                "Deployments, StatefulSets and ReplicaSets can be scaled; add the output of: \
                 kubectl get pods,deployments,statefulsets -A -o yaml"
                    .to_owned()
            }
            Self::Kind { .. } => {
                "Deployments, StatefulSets and ReplicaSets can be scaled; name nodes for the others"
                    .to_owned()
            }
            Self::Ambiguous { each, .. } => format!("use one of: {}", each.join(", ")),
            Self::Twice(_) => "give one number".to_owned(),
            Self::NoPods(_) => "add the output of: kubectl get pods -A -o yaml".to_owned(),
            Self::NoneOf { .. } => {
                "add what is between them, which says whose they are: kubectl get pods,replicasets,jobs -A -o yaml"
                    .to_owned()
            }
            Self::TooMany { most, .. } => format!("ask for {most} or less"),
        }
    }
}

/// The node that is called so.
///
/// # Errors
/// Where the cluster has none, with those that may be meant.
pub(super) fn node(cluster: &Cluster, name: &str) -> Result<NodeName, Unknown> {
    let all = || {
        let nodes = cluster.nodes.iter().map(|node| &node.name);
        nodes.chain(cluster.facts.iter().map(|facts| &facts.name))
    };
    let found = all().find(|node| node.as_str() == name);
    found.cloned().ok_or_else(|| Unknown::Node {
        name: name.to_owned(),
        near: nearest::few(name, all().map(NodeName::as_str), Slips::Half),
        nodes: cluster.nodes.len(),
    })
}

/// The nodes of a zone.
///
/// # Errors
/// Where it has none, with zones that may be meant.
pub(super) fn zone(cluster: &Cluster, name: &str) -> Result<Vec<NodeName>, Unknown> {
    let in_zone = cluster
        .nodes
        .iter()
        .filter(|node| node.zone.as_ref().is_some_and(|zone| zone.as_str() == name));
    let nodes: Vec<NodeName> = in_zone.map(|node| node.name.clone()).collect();
    if nodes.is_empty() {
        let zones = || cluster.places.zones().iter().map(Zone::as_str);
        let mut near = nearest::few(name, zones(), Slips::Half);
        if near.is_empty() {
            near = zones().take(3).map(str::to_owned).collect();
        }
        return Err(Unknown::Zone {
            name: name.to_owned(),
            near,
        });
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_are_named_as_kubectl_is_told() {
        let target = |kind, namespace: &str, name: &str| {
            Ok(Target {
                kind,
                namespace: namespace.into(),
                name: name.into(),
            })
        };
        for (text, expected) in [
            ("shop/cart", target(None, "shop", "cart")),
            (
                "deploy/shop/cart",
                target(Some("Deployment"), "shop", "cart"),
            ),
            ("STS/shop/db", target(Some("StatefulSet"), "shop", "db")),
            (
                "ReplicaSet/shop/cart-1",
                target(Some("ReplicaSet"), "shop", "cart-1"),
            ),
            ("cart", Err(TargetError::Form)),
            ("/cart", Err(TargetError::Form)),
            ("shop/", Err(TargetError::Form)),
            ("a/b/c/d", Err(TargetError::Form)),
            (
                "daemonset/shop/log",
                Err(TargetError::Kind("daemonset".to_owned())),
            ),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }
}
