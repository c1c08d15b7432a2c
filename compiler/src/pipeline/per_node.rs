//! The stages that look from a node: its view, its program, and whether that is valid.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Mirror, Mirrored};
use crate::diag::{Code, Finding, Findings, Place};
use crate::ir::Program;
use crate::lower::{Gathered, NodeView, Profiles};
use crate::model::name::NodeName;
use crate::model::{Cluster, Profile};
use crate::valid::Valid;
use crate::{lower, mode, valid};

/// A node to look from.
#[derive(Debug)]
pub(crate) struct Viewpoint {
    pub(crate) view: NodeView,
    /// Which kube-proxy it mirrors.
    pub(crate) mirrored: Mirrored,
    /// What differs by that.
    pub(crate) profile: Profile,
}

/// Those of the names that anything describes; of the others it is reported that nothing does.
pub(crate) fn viewpoints(
    cluster: &Cluster,
    names: &[NodeName],
    mirror: &Mirror<'_>,
    profiles: &Profiles,
    findings: &mut Findings,
) -> Vec<Viewpoint> {
    let viewpoint = |name: &NodeName| {
        let mirrored = mirror.of(name);
        Some(Viewpoint {
            view: view(cluster, name, findings)?,
            profile: profiles.of(mirrored.emulates.version),
            mirrored,
        })
    };
    names.iter().filter_map(viewpoint).collect()
}

fn view(cluster: &Cluster, name: &NodeName, findings: &mut Findings) -> Option<NodeView> {
    lower::view(cluster, name, findings)
        .map_err(|unknown| {
            let known: Vec<&str> = cluster
                .nodes
                .iter()
                .map(|node| node.name.as_str())
                .take(5)
                .collect();
            let help = if known.is_empty() {
                "add the output of: kubectl get nodes -o yaml, or of `portolan facts` on the node"
                    .to_owned()
            } else {
                format!("check the name; the input has: {}", known.join(", "))
            };
            findings.push(
                Finding::error(Code::UnknownNode, Place::Nowhere, unknown.to_string()).help(help),
            );
        })
        .ok()
}

/// The program of one view. Reviews look at it before it is proved valid: one clash must not silence
/// the rest.
pub(crate) fn look(
    cluster: &Cluster,
    gathered: &Gathered,
    view: &NodeView,
    profile: Profile,
    findings: &mut Findings,
) -> Option<Valid<Program>> {
    let program = lower::lower(cluster, gathered, view, profile, findings);
    mode::review(&program, cluster, findings);
    valid::validate(program, findings)
}

/// Looks from each viewpoint. Gives the program of an only one: with many nodes lowering twice is cheaper
/// than holding all.
pub(crate) fn per_node(
    cluster: &Cluster,
    gathered: &Gathered,
    viewpoints: &[Viewpoint],
    findings: &mut Findings,
) -> Option<Valid<Program>> {
    let looked: Vec<(Option<Valid<Program>>, Findings)> = viewpoints
        .par_iter()
        .map(|viewpoint| {
            let mut findings = Findings::default();
            let Viewpoint { view, profile, .. } = viewpoint;
            let program = look(cluster, gathered, view, *profile, &mut findings);
            (program.filter(|_| viewpoints.len() == 1), findings)
        })
        .collect();
    let (mut programs, found): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
    findings.append(merge(viewpoints, found));
    programs.pop().flatten()
}

/// What several nodes have in common is told once; what only some have, with their names.
fn merge(viewpoints: &[Viewpoint], found: Vec<Findings>) -> Findings {
    let mut grouped: BTreeMap<Finding, Vec<usize>> = BTreeMap::new();
    for (node, findings) in found.into_iter().enumerate() {
        for finding in findings {
            let nodes = grouped.entry(finding).or_default();
            if nodes.last() != Some(&node) {
                nodes.push(node);
            }
        }
    }
    let mut merged = Findings::default();
    for (mut finding, nodes) in grouped {
        if nodes.len() < viewpoints.len() {
            const SHOWN: usize = 3;
            let shown: Vec<&str> = nodes
                .iter()
                .take(SHOWN)
                .map(|node| viewpoints[*node].view.node().name.as_str())
                .collect();
            finding.message.push_str(" (on ");
            finding.message.push_str(&shown.join(", "));
            if let Some(more @ 1..) = nodes.len().checked_sub(SHOWN) {
                finding.message.push_str(" and ");
                finding.message.push_str(&more.to_string());
                finding.message.push_str(" more");
            }
            finding.message.push(')');
        }
        merged.push(finding);
    }
    merged
}
