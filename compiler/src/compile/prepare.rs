//! Reading and checking, up to the point from which nothing can fail.

use std::sync::OnceLock;

use super::prepared::Prepared;
use super::{Compilation, Input, Observer, Options, Phase, nodes};
use crate::diag::{Code, Finding, Findings, Place, Report, Severity};
use crate::lower::{Profiles, Spellings};
use crate::pipeline::{self, Mirror, Pipeline};
use crate::source::{ObjectKind, Objects};
use crate::{lower, model};

/// From how many of the nodes asked for what they come to is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checked {
    Each,
    /// From the first alone.
    First,
}

/// Reads and checks everything, for all nodes asked for.
pub fn prepare(input: &Input, options: &Options, observer: &dyn Observer) -> Compilation {
    checked(input, options, observer, Checked::Each)
}

/// The same for who looks at the cluster and makes nothing of its nodes: what they come to is checked
/// from the first of them, which takes no longer where there are a thousand.
pub fn survey(input: &Input, options: &Options, observer: &dyn Observer) -> Compilation {
    checked(input, options, observer, Checked::First)
}

fn checked(
    input: &Input,
    options: &Options,
    observer: &dyn Observer,
    extent: Checked,
) -> Compilation {
    let mut pipeline = Pipeline::new(&input.sources, observer);
    let mut findings = Findings::default();
    let mut mirrors = String::new();
    // On a thread of the pool: what lies between the parallel steps finds the memory there that
    // they left, and need not be woken after each of them.
    let prepared = rayon::scope(|_| {
        steps(
            &mut pipeline,
            options,
            (observer, extent),
            &mut findings,
            &mut mirrors,
        )
    });
    let Pipeline {
        objects, summary, ..
    } = pipeline;
    let report = Report::new(&findings, &input.sources, &objects);
    Compilation {
        report,
        summary,
        mirrors,
        prepared: (!findings.has_errors()).then_some(prepared),
        objects,
    }
}

fn steps(
    pipeline: &mut Pipeline<'_>,
    options: &Options,
    (observer, extent): (&dyn Observer, Checked),
    findings: &mut Findings,
    mirrors: &mut String,
) -> Prepared {
    let read = pipeline.read(findings);
    let has_endpoints = read.has_endpoints();
    let named = nodes::named(&options.nodes, findings);
    let request = model::Request {
        mode: options.mode,
        base_services: options.base_services.clone(),
        node: named.clone(),
    };
    let mut cluster = pipeline.model(read, &request, findings);
    if !findings.has_errors() {
        pipeline::complete_endpoints(
            &mut cluster,
            options.endpoints,
            options.kube_version,
            findings,
        );
    }
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
    *mirrors = pipeline.mirrors(&mirror, &names, &names, &mut later);
    let versions = names.iter().map(|name| mirror.of(name).emulates.version);
    let profiles = Profiles::new(&cluster, versions, &mut later);
    let gathered = lower::gather(&cluster, &mut later);
    let viewpoints = pipeline::viewpoints(&cluster, &names, &mirror, &profiles, &mut later);
    let looked = match extent {
        Checked::Each => &viewpoints[..],
        Checked::First => &viewpoints[..viewpoints.len().min(1)],
    };
    let only = pipeline::per_node(&cluster, &gathered, looked, &mut later);
    let only = only.filter(|_| viewpoints.len() == 1);
    if !has_endpoints && cluster.pods.is_empty() {
        later = without_endpoints(later);
    }
    findings.append(certain(later, findings, &pipeline.objects));
    Prepared {
        cluster,
        gathered,
        spellings,
        concerns: OnceLock::new(),
        only,
        names,
        viewpoints,
    }
}

/// Where nothing says who stands behind Services, that is told in place of each Service that has nobody.
fn without_endpoints(found: Findings) -> Findings {
    let mut told = Findings::default();
    let mut any = false;
    for finding in found {
        if finding.code == Code::NoEndpoints {
            any = true;
        } else {
            told.push(finding);
        }
    }
    if any {
        let message = "the input has no EndpointSlice or Endpoints, so no endpoint is known and every Service refuses connections";
        told.push(
            Finding::warning(Code::EndpointsUnknown, Place::Nowhere, message)
                .help("add the output of: kubectl get endpointslices -A -o yaml"),
        );
    }
    told
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
