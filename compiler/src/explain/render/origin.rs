//! The lines of manifests behind an explanation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::explain::Explanation;
use crate::source::{FieldPath, ObjectId, Objects, Origin, Sources, Span};

/// What was compiled, to find lines in.
#[derive(Debug, Clone, Copy)]
pub struct Manifests<'a> {
    /// All objects that were read, by which an origin finds its file.
    pub objects: &'a Objects,
    /// Their files, for lines and columns.
    pub sources: &'a Sources,
}

/// Everything that an explanation leads back to.
pub(super) struct Lines<'a> {
    known: Option<(Manifests<'a>, BTreeMap<Origin, Span>)>,
}

/// A line of a manifest, and what it says.
pub(super) struct Line<'a> {
    pub(super) file: &'a str,
    pub(super) number: usize,
    pub(super) object: String,
    pub(super) field: String,
}

impl<'a> Lines<'a> {
    /// Looks up all lines of an explanation at once; there are none without manifests.
    pub(super) fn new(explanation: &Explanation, manifests: Option<Manifests<'a>>) -> Self {
        let Some(manifests) = manifests else {
            return Self { known: None };
        };
        let origins: BTreeSet<Origin> = explanation
            .steps
            .iter()
            .map(|step| &step.hop)
            .flat_map(|hop| {
                let evidence = hop.evidence.iter().flat_map(|one| &one.origins);
                hop.origins.iter().chain(evidence)
            })
            .copied()
            .collect();
        let paths: Vec<FieldPath> = origins.iter().map(|origin| origin.field.path()).collect();
        let fields: Vec<(ObjectId, &FieldPath)> = origins
            .iter()
            .map(|origin| origin.object)
            .zip(&paths)
            .collect();
        let spans = manifests.objects.locate(manifests.sources, &fields);
        Self {
            known: Some((manifests, origins.into_iter().zip(spans).collect())),
        }
    }

    /// The line behind something; nothing where there are no manifests.
    pub(super) fn get(&self, origin: Origin) -> Option<Line<'a>> {
        let (Manifests { objects, sources }, spans) = self.known.as_ref()?;
        let span = spans.get(&origin)?;
        Some(Line {
            file: &sources.get(span.source).name,
            number: sources.line_column(span.source, span.start).line,
            object: objects.name(origin.object).to_string(),
            field: origin.field.path().to_string(),
        })
    }
}

impl fmt::Display for Line<'_> {
    /// `cluster.yaml:12: Service shop/cart spec.clusterIP`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!(
            "{}:{}: {} {}",
            self.file, self.number, self.object, self.field
        );
        f.write_str(text.trim_end())
    }
}
