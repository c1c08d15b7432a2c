//! The line of a manifest behind something.

use std::fmt;

use crate::front::Objects;
use crate::source::{Origin, Sources};

/// What was compiled, to find lines in.
#[derive(Debug, Clone, Copy)]
pub struct Manifests<'a> {
    /// The objects.
    pub objects: &'a Objects,
    /// Their texts.
    pub sources: &'a Sources,
}

/// A line of a manifest, and what it says.
pub(super) struct Line<'a> {
    pub(super) file: &'a str,
    pub(super) number: usize,
    pub(super) object: String,
    pub(super) field: String,
}

impl<'a> Manifests<'a> {
    pub(super) fn line(&self, origin: Origin) -> Line<'a> {
        let path = origin.field.path();
        let document = self.objects.document(origin.object).span;
        let span = self.objects.locate(self.sources, origin.object, &path);
        let span = span.unwrap_or(document);
        Line {
            file: &self.sources.get(span.source).name,
            number: self.sources.line_column(span.source, span.start).line,
            object: self.objects.name(origin.object).to_string(),
            field: path.to_string(),
        }
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
