//! Objects that stand in a folder several times, as the overlays of kustomize have them.

use crate::diag::{Code, Finding, Findings, Place};
use crate::front::{self, Objects};
use crate::source::{Found, Source, Sources};

/// Says of duplicate objects that stand in different folders where they come from, and the way out.
pub(crate) fn explain(findings: &mut Findings, objects: &Objects, sources: &Sources) {
    let source = |place: &Place| match place {
        Place::Field(object, _) => Some(sources.get(objects.document(*object).span.source)),
        Place::Nowhere | Place::Span(_) => None,
    };
    for finding in findings.iter_mut() {
        if finding.code != Code::DuplicateObject {
            continue;
        }
        let first = finding.also.first().and_then(|(place, _)| source(place));
        if let (Some(first), Some(second)) = (first, source(&finding.place)) {
            explain_one(finding, first, second, sources);
        }
    }
}

fn explain_one(finding: &mut Finding, first: &Source, second: &Source, sources: &Sources) {
    let (one, other) = (folder(&first.name), folder(&second.name));
    if one == other || second.found == Found::Named {
        return;
    }
    let kustomized = sources.iter().any(|(_, source)| {
        front::is_kustomization(&source.name) && [one, other].contains(&folder(&source.name))
    });
    if kustomized {
        finding.message = format!(
            "the same object stands in the input twice, with different content: in {one} and {other}, which kustomize would make one of"
        );
        finding.help = format!(
            "build the one that is deployed: kubectl kustomize {} | portolan compile -f -; or leave the others out with --exclude",
            front::shell_word(other).unwrap_or("DIR")
        );
    } else {
        "leave out what is not deployed with --exclude, or pass one of the folders alone"
            .clone_into(&mut finding.help);
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
