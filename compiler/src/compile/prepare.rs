//! Reading and checking, up to the point from which nothing can fail.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::mirrored::{Mirror, Mirrored};
use super::prepared::{Prepared, Target};
use super::{BaseServices, Input, Observer, Options, Outcome, Phase, Summary, Used, nodes};
use crate::diag::{Code, Finding, Findings, Place, Report, Severity};
use crate::front::{Manifests, ObjectKind, Objects};
use crate::ir::Program;
use crate::lower::{NodeView, Profiles, Spellings};
use crate::model::Cluster;
use crate::model::name::NodeName;
use crate::source::{Role, Sources};
use crate::valid::Valid;
use crate::{front, lower, mode, model, valid};

/// Reads and checks everything, for all nodes asked for.
pub fn prepare(input: &Input, options: &Options, observer: &dyn Observer) -> Outcome {
    let mut objects = Objects::default();
    let mut findings = Findings::default();
    let mut summary = Summary::default();
    let mut mirrors = String::new();
    // On a thread of the pool: what lies between the parallel steps finds the memory there that
    // they left, and need not be woken after each of them.
    let prepared = rayon::scope(|_| {
        steps(
            input,
            options,
            observer,
            &mut objects,
            &mut findings,
            &mut summary,
            &mut mirrors,
        )
    });
    let report = Report::new(&findings, &input.sources, &objects);
    Outcome {
        report,
        summary,
        mirrors,
        prepared: (!findings.has_errors()).then_some(prepared),
        objects,
    }
}

fn steps(
    input: &Input,
    options: &Options,
    observer: &dyn Observer,
    objects: &mut Objects,
    findings: &mut Findings,
    summary: &mut Summary,
    mirrors: &mut String,
) -> Prepared {
    observer.begin(Phase::Read);
    let manifests = front::read(&input.sources, objects, findings);
    summary.others.clone_from(&manifests.others);

    observer.begin(Phase::Model);
    let named = nodes::named(&options.nodes, findings);
    let request = model::Request {
        mode: options.mode,
        base_services: options.base_services.clone(),
        node: named.clone(),
    };
    let (own, mut base) = by_role(manifests, objects, &input.sources);
    if let BaseServices::KeepBut(gone) = &options.base_services {
        let keep = |base: Manifests| base.partition(|object| gone.contains(objects.name(object)));
        base = base.map(|base| keep(base).1);
    }
    let cluster = model::build(own, base, objects, &request, findings);
    super::explain_duplicates(findings, objects, &input.sources);
    count(&cluster, summary);
    let old = findings
        .iter()
        .any(|finding| finding.code == Code::AddressNotCanonical);
    let spellings = if old {
        Spellings::Old
    } else {
        Spellings::Usual
    };
    let names = nodes::select(&options.nodes, named, &cluster, findings);

    observer.begin(Phase::Lower);
    let mut later = Findings::default();
    let mirror = Mirror::new(&cluster, options.kube_version);
    mirror.report(&names, objects, &mut later);
    *mirrors = mirror.words(&names, objects, &input.sources);
    let mirrored: Vec<Mirrored> = names.iter().map(|name| mirror.of(name)).collect();
    let profiles = Profiles::new(
        &cluster,
        mirrored.iter().map(|it| it.emulates.version),
        &mut later,
    );
    let gathered = lower::gather(&cluster, &mut later);
    let targets: Vec<Target> = names
        .iter()
        .zip(mirrored)
        .filter_map(|(name, mirrored)| {
            Some(Target {
                view: view(&cluster, name, &mut later)?,
                profile: profiles.of(mirrored.emulates.version),
                mirrored,
            })
        })
        .collect();
    let checked: Vec<(Option<Valid<Program>>, Findings)> = targets
        .par_iter()
        .map(|target| {
            let mut findings = Findings::default();
            let Target { view, profile, .. } = target;
            let program = lower::lower(&cluster, &gathered, view, *profile, &mut findings);
            mode::review(&program, &cluster, &mut findings);
            let program = valid::validate(program, &mut findings);
            (program.filter(|_| names.len() == 1), findings)
        })
        .collect();
    let (mut programs, found): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
    later.append(merge(&names, found));
    findings.append(certain(later, findings, objects));
    Prepared {
        cluster,
        gathered,
        spellings,
        concerns: OnceLock::new(),
        only: if names.len() == 1 {
            programs.pop().flatten()
        } else {
            None
        },
        names,
        targets,
    }
}

/// Tells the input from the base.
pub(crate) fn by_role(
    manifests: Manifests,
    objects: &Objects,
    sources: &Sources,
) -> (Manifests, Option<Manifests>) {
    if !sources.has_base() {
        return (manifests, None);
    }
    let (own, base) = manifests
        .partition(|object| sources.get(objects.document(object).span.source).role == Role::Input);
    (own, Some(base))
}

pub(crate) fn count(cluster: &Cluster, summary: &mut Summary) {
    summary.services = Used {
        total: cluster.services.len(),
        used: cluster
            .services
            .iter()
            .filter(|service| service.skipped.is_none())
            .count(),
    };
    for (slice, service) in cluster.slices_with_services() {
        summary.endpoints.total += slice.endpoints.len();
        if service.is_some_and(|service| service.skipped.is_none()) {
            summary.endpoints.used += slice.endpoints.len();
        }
    }
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

/// Of what is found in input that was refused before, what holds all the same: warnings may be mere
/// consequences, and a node may be unknown because what describes it was refused.
fn certain(later: Findings, before: &Findings, objects: &Objects) -> Findings {
    if !before.has_errors() {
        return later;
    }
    let errors = || {
        before
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
    };
    let node_refused = errors().any(|finding| match &finding.place {
        Place::Nowhere => false,
        Place::Span(_) => true,
        Place::Field(object, _) => matches!(
            objects.name(*object).kind,
            ObjectKind::Node | ObjectKind::NodeFacts
        ),
    });
    let mut certain = Findings::default();
    for finding in later {
        let doubtful = node_refused && finding.code == Code::UnknownNode;
        if finding.severity == Severity::Error && !doubtful {
            certain.push(finding);
        }
    }
    certain
}

/// What several nodes have in common is told once; what only some have, with their names.
pub(crate) fn merge(names: &[NodeName], found: Vec<Findings>) -> Findings {
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
        if nodes.len() < names.len() {
            const SHOWN: usize = 3;
            let shown: Vec<&str> = nodes
                .iter()
                .take(SHOWN)
                .map(|node| names[*node].as_str())
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
