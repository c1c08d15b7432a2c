//! Objects that stand in a folder several times, as the overlays of kustomize have them.

use crate::diag::{Code, Finding, Findings, Place};
use crate::front::{self, Kustomizations, folder_of};
use crate::source::{Found, Objects, Source, Sources};

/// Says of duplicate objects that stand in different folders where they come from, and the way out.
pub(crate) fn explain(findings: &mut Findings, objects: &Objects, sources: &Sources) {
    let source = |place: &Place| match place {
        Place::Field(object, _) => Some(sources.get(objects.document(*object).span.source)),
        Place::Nowhere | Place::Span(_) => None,
    };
    let mut kustomizations = None;
    for finding in findings.iter_mut() {
        if finding.code != Code::DuplicateObject {
            continue;
        }
        let first = finding.also.first().and_then(|(place, _)| source(place));
        if let (Some(first), Some(second)) = (first, source(&finding.place)) {
            // Few inputs have any: they are read where they are needed.
            let kustomizations = kustomizations.get_or_insert_with(|| Kustomizations::of(sources));
            explain_one(finding, first, second, kustomizations);
        }
    }
}

fn explain_one(
    finding: &mut Finding,
    first: &Source,
    second: &Source,
    kustomizations: &Kustomizations<'_>,
) {
    let (one, other) = (folder_of(&first.name), folder_of(&second.name));
    if one == other || second.found == Found::Named {
        return;
    }
    let deployed = kustomizations.deployed([one, other]);
    let Some(top) = deployed.first() else {
        "leave out what is not deployed with --exclude, or pass one of the folders alone"
            .clone_into(&mut finding.help);
        return;
    };
    finding.message = format!(
        "the same object stands in the input twice, with different content: in {one} and {other}, which kustomize would make one of"
    );
    let names: Vec<_> = deployed.iter().map(|one| one.folder).collect();
    let line = front::instead(second, top.folder, "DIR", |folder| top.program(folder));
    finding.help = format!(
        "{}{line}; or leave the others out with --exclude",
        front::one_of(&names)
    );
}
