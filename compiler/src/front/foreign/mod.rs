//! What stands among manifests and is none, or not yet: templates, encrypted files, kustomizations,
//! values of charts, patches. Each kind of thing is said once, however many files of it there are,
//! with what makes manifests of it.

mod advice;
mod chart;
mod elsewhere;
pub(crate) mod kustomize;
mod text;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, Findings, Place, Severity};
use crate::source::{Found, Source, Sources, Span};

pub(crate) use advice::{instead, one_of};
use chart::Charts;
pub(super) use elsewhere::made_elsewhere;
use kustomize::Kustomizations;
use kustomize::is_kustomization;
pub(super) use text::{by_beginning, is_cut_off, is_encrypted, template};

/// A kind of thing that is no manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Foreign {
    /// A template of a Helm chart.
    HelmTemplate,
    /// A template in another language.
    Template,
    /// An object with variables that are filled in when it is deployed.
    Variables,
    /// An object whose values SOPS encrypted, and that would be read.
    Encrypted,
    /// Something that SOPS encrypted; what it is cannot be seen.
    EncryptedUnknown,
    /// Instructions for kustomize.
    Kustomization,
    /// The same in a file that kustomize does not look for.
    KustomizationElsewhere,
    /// What says which chart of Helm a folder is.
    Chart,
    /// Values of a chart.
    Values,
    /// What a program printed where it failed.
    ErrorOutput,
    /// A list that kubectl prints, without its end.
    CutOff,
    /// A table that kubectl prints for people.
    Table,
    /// What kubectl printed, with the line that it was typed in.
    Pasted,
    /// A pointer of Git LFS to a file that was not fetched.
    LfsPointer,
    /// A file of a folder that portolan compiled.
    Compiled,
    /// A file with two sides of a merge in it.
    MergeConflict,
    /// A file that Ansible's vault, age or PGP encrypted as a whole.
    Sealed,
    /// A mapping without `apiVersion` or `kind`.
    NoObject,
    /// An element of a list that is no object.
    Element,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stray {
    pub(super) what: Foreign,
    pub(super) place: Span,
}

/// How many places are shown of a kind of thing.
const SHOWN: usize = 4;

/// Tells of all strays of a run.
pub(super) fn report(strays: &[Stray], sources: &Sources, findings: &mut Findings) {
    if strays.is_empty() {
        return;
    }
    let charts = Charts::of(sources);
    let mut groups: BTreeMap<(Severity, Foreign), Vec<Span>> = BTreeMap::new();
    let mut rendered = BTreeSet::new();
    for Stray { what, place } in strays {
        let source = sources.get(place.source);
        let what = named(*what, source, &source.text[place.range()]);
        if what == Foreign::HelmTemplate {
            rendered.insert(charts.of_template(&source.name));
        }
        if let Some(severity) = severity(what, source) {
            groups.entry((severity, what)).or_default().push(*place);
        }
    }
    for ((severity, what), mut places) in groups {
        if severity != Severity::Error {
            let name = |place: &Span| sources.get(place.source).name.as_str();
            // Where a chart is told of, its files need no further word.
            places.retain(|place| match (what, charts.around(name(place))) {
                (Foreign::Chart, Some(chart)) => !rendered.contains(chart),
                (Foreign::Values | Foreign::NoObject, Some(_)) => false,
                _ => true,
            });
        }
        if !places.is_empty() {
            findings.push(finding(what, severity, places, sources, &charts));
        }
    }
}

/// What something is by its file's name and its text, where its header does not say it.
fn named(what: Foreign, source: &Source, text: &str) -> Foreign {
    let name = source.name.as_str();
    match what {
        Foreign::NoObject if is_kustomization(name) => Foreign::Kustomization,
        Foreign::NoObject if chart::is_chart_file(name) => Foreign::Chart,
        Foreign::NoObject if kustomize::is_body(text) => Foreign::KustomizationElsewhere,
        Foreign::NoObject => match by_beginning(text) {
            Some(what) => what,
            None if chart::is_values_file(name) => Foreign::Values,
            None => what,
        },
        Foreign::Kustomization if !is_kustomization(name) => Foreign::KustomizationElsewhere,
        what => what,
    }
}

/// How much one matters: what may hide a Service is refused, and so is what somebody named.
fn severity(what: Foreign, source: &Source) -> Option<Severity> {
    match (what, source.found) {
        (
            Foreign::HelmTemplate
            | Foreign::Template
            | Foreign::Variables
            | Foreign::Encrypted
            | Foreign::ErrorOutput
            | Foreign::CutOff
            | Foreign::Table
            | Foreign::Pasted
            | Foreign::LfsPointer
            | Foreign::MergeConflict,
            _,
        ) => Some(Severity::Error),
        (Foreign::Element, _) => Some(Severity::Warning),
        (_, Found::Named) => Some(Severity::Error),
        (Foreign::Kustomization, Found::InFolder) if !kustomize::transforms(&source.text) => None,
        (_, Found::InFolder) => Some(Severity::Warning),
    }
}

fn finding(
    what: Foreign,
    severity: Severity,
    mut places: Vec<Span>,
    sources: &Sources,
    charts: &Charts<'_>,
) -> Finding {
    let number = places.len();
    // Of a file the first place will do.
    places.dedup_by_key(|place| place.source);
    let count = match what {
        Foreign::NoObject | Foreign::Element => number,
        _ => places.len(),
    };
    let source = |place: &Span| sources.get(place.source);
    let mut deployed = Vec::new();
    if what == Foreign::Kustomization {
        let folders = places
            .iter()
            .map(|place| kustomize::folder_of(&source(place).name));
        deployed = Kustomizations::of(sources).deployed(folders);
        // Pointed at is what the advice is about.
        let is_deployed = |place: &Span| {
            deployed
                .iter()
                .any(|one| std::ptr::eq(one.source, source(place)))
        };
        places.sort_by_key(|place| !is_deployed(place));
    }
    let about = words::About {
        what,
        count,
        source: source(&places[0]),
        deployed: &deployed,
        charts: charts.those_of(what, places.iter().map(|place| source(place).name.as_str())),
    };
    let mut finding = Finding {
        severity,
        code: about.code(),
        place: Place::Span(places[0]),
        message: about.message(),
        help: about.help(),
        also: Vec::new(),
    };
    for place in places.iter().skip(1).take(SHOWN - 1) {
        finding = finding.also(Place::Span(*place), "another");
    }
    finding
}
