//! What went wrong or deserves attention, for the person who must act.
//!
//! Stages report through [`Findings`]; nothing is looked up then. When a run is over,
//! [`Report::new`] resolves every finding's place in the source text, sorts and deduplicates, and
//! one small renderer per output format takes it from there.

pub(crate) mod bound;
mod code;
mod fold;
mod names;
pub(crate) mod render;

pub use bound::{LeftOut, MOST_ALIKE};
pub use code::Code;
pub use fold::Alike;
pub use names::some;
pub use render::{Style, human, human_styled, json};

use std::cmp::Ordering;

use bound::{shortened, way_out};

use crate::source::{FieldPath, LineColumn, ObjectId, Objects, Origin, SourceId, Sources, Span};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused; nothing is written.
    Error,
    /// It compiles, and somebody should look.
    Warning,
    /// Nothing is wrong; somebody may want to know.
    Info,
}

/// Where a finding points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere in the input: it is about the command line or about something missing.
    Nowhere,
    /// A stretch of a source, known already.
    Span(Span),
    /// A field of an object; a path that the manifest lacks points at its nearest parent.
    Field(ObjectId, FieldPath),
}

impl From<Origin> for Place {
    fn from(origin: Origin) -> Self {
        Self::Field(origin.object, origin.field.path())
    }
}

impl From<ObjectId> for Place {
    fn from(object: ObjectId) -> Self {
        Self::Field(object, FieldPath::root())
    }
}

/// One finding, not yet resolved to file and line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
    /// A field, a stretch of a source, or nowhere in the input.
    pub place: Place,
    /// What is wrong, in one sentence without a full stop. Any text; renderers escape it.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Further places with a word on each, such as the other claimant of an address.
    pub also: Vec<(Place, String)>,
}

impl Finding {
    /// An error: the input will be refused.
    pub fn error(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, place.into(), message.into())
    }

    /// A warning: the input is taken, and may not do what is meant.
    pub fn warning(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, place.into(), message.into())
    }

    /// Something worth knowing.
    pub fn info(code: Code, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, place.into(), message.into())
    }

    fn new(severity: Severity, code: Code, place: Place, message: String) -> Self {
        Self {
            severity,
            code,
            place,
            message,
            help: String::new(),
            also: Vec::new(),
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Points at a further place.
    #[must_use]
    pub fn also(mut self, place: impl Into<Place>, label: impl Into<String>) -> Self {
        self.also.push((place.into(), label.into()));
        self
    }
}

impl Finding {
    /// Where it points to: its own place, then the further ones.
    fn places(&self) -> impl Iterator<Item = &Place> {
        let also = self.also.iter().map(|(place, _)| place);
        std::iter::once(&self.place).chain(also)
    }

    /// By place, then by everything else: findings about an object stand together.
    pub(crate) fn cmp_place(&self, other: &Self) -> Ordering {
        (&self.place, self.severity)
            .cmp(&(&other.place, other.severity))
            .then_with(|| self.cmp(other))
    }
}

/// The findings of a run, as they come.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Reports one finding.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Takes over another stage's findings.
    pub fn append(&mut self, mut other: Self) {
        self.list.append(&mut other.list);
    }

    /// The findings, to be said better by who knows more.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.list.iter_mut()
    }

    /// Whether any finding refuses the input.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The findings in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// A finding with everything a renderer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
    /// `Service shop/cart`, where it is about an object.
    pub object: Option<String>,
    /// `spec.ports[0].nodePort`, where it is about a field.
    pub field: Option<FieldPath>,
    /// File, line and bytes, where it is about text.
    pub location: Option<Location>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Other places that have to do with it, such as a first use.
    pub also: Vec<Label>,
}

/// A resolved place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Name of the source.
    pub file: String,
    /// Start, for people.
    pub start: LineColumn,
    /// Bytes of the file, from the first to the one after the last.
    pub span: Span,
}

/// A further place of a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The object at that place.
    pub object: Option<String>,
    /// File, line and bytes; `None` where the place is not in a text.
    pub location: Option<Location>,
    /// What it has to do with the finding.
    pub text: String,
}

/// All diagnostics of a run: errors first, then by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The diagnostics, sorted, without repetition; of those alike the first [`MOST_ALIKE`].
    pub diagnostics: Vec<Diagnostic>,
    /// Those beyond, counted.
    pub left_out: Vec<LeftOut<Code>>,
}

impl Report {
    /// Resolves findings against the text they are about.
    pub fn new(findings: &Findings, sources: &Sources, objects: &Objects) -> Self {
        let mut sorted: Vec<&Finding> = findings.list.iter().collect();
        sorted.sort_unstable_by(|one, other| one.cmp_place(other));
        sorted.dedup();
        let left_out = bound::bound(&mut sorted, |finding| (finding.severity, finding.code));
        let mut diagnostics = resolve(sorted, sources, objects);
        diagnostics.sort_by(|one, other| order(one).cmp(&order(other)));
        Self {
            diagnostics,
            left_out,
        }
    }

    /// A report of diagnostics that have their places already, in this order.
    pub fn of(mut diagnostics: Vec<Diagnostic>) -> Self {
        let sort = |diagnostic: &Diagnostic| (diagnostic.severity, diagnostic.code);
        let left_out = bound::bound(&mut diagnostics, sort);
        Self {
            diagnostics,
            left_out,
        }
    }

    /// The report without anything less severe.
    #[must_use]
    pub fn at_least(mut self, severity: Severity) -> Self {
        self.diagnostics
            .retain(|diagnostic| diagnostic.severity <= severity);
        self.left_out.retain(|one| one.severity <= severity);
        self
    }

    /// How many diagnostics have this severity, those left out among them.
    pub fn count(&self, severity: Severity) -> usize {
        let told = self.diagnostics.iter();
        let told = told.filter(|diagnostic| diagnostic.severity == severity);
        told.count() + bound::count(&self.left_out, severity)
    }
}

/// Resolves findings, in their order.
pub(crate) fn resolve<'f>(
    findings: impl IntoIterator<Item = &'f Finding>,
    sources: &Sources,
    objects: &Objects,
) -> Vec<Diagnostic> {
    let findings: Vec<&Finding> = findings.into_iter().collect();
    let places = findings.iter().flat_map(|finding| finding.places());
    let fields: Vec<(ObjectId, &FieldPath)> = places
        .filter_map(|place| match place {
            Place::Field(object, path) => Some((*object, path)),
            Place::Nowhere | Place::Span(_) => None,
        })
        .collect();
    let mut resolver = Resolver {
        sources,
        fields: objects.locate(sources, &fields).into_iter(),
    };
    findings
        .into_iter()
        .map(|finding| diagnostic(finding, objects, &mut resolver))
        .collect()
}

/// Errors first, then by place, then by what is said.
pub(crate) fn order(diagnostic: &Diagnostic) -> (Severity, Option<(SourceId, usize)>, Code, &str) {
    let place = diagnostic
        .location
        .as_ref()
        .map(|at| (at.span.source, at.span.start));
    (
        diagnostic.severity,
        place,
        diagnostic.code,
        &diagnostic.message,
    )
}

fn diagnostic(finding: &Finding, objects: &Objects, resolver: &mut Resolver<'_>) -> Diagnostic {
    let field = match &finding.place {
        Place::Field(_, path) if !path.is_root() => Some(path.clone()),
        _ => None,
    };
    Diagnostic {
        severity: finding.severity,
        code: finding.code,
        object: object_of(&finding.place, objects),
        field,
        location: resolver.resolve(&finding.place),
        message: shortened(finding.message.clone()),
        help: way_out(finding.help.clone()),
        also: finding
            .also
            .iter()
            .map(|(place, text)| Label {
                object: object_of(place, objects),
                location: resolver.resolve(place),
                text: shortened(text.clone()),
            })
            .collect(),
    }
}

fn object_of(place: &Place, objects: &Objects) -> Option<String> {
    match place {
        Place::Field(object, _) => Some(shortened(objects.name(*object).to_string())),
        Place::Nowhere | Place::Span(_) => None,
    }
}

/// Resolves places in the order of [`Finding::places`].
struct Resolver<'a> {
    sources: &'a Sources,
    /// Of the places that are fields.
    fields: std::vec::IntoIter<Span>,
}

impl Resolver<'_> {
    fn resolve(&mut self, place: &Place) -> Option<Location> {
        let span = match place {
            Place::Nowhere => return None,
            Place::Span(span) => *span,
            Place::Field(..) => self.fields.next()?,
        };
        Some(Location {
            file: self.sources.get(span.source).name.clone(),
            start: self.sources.line_column(span.source, span.start),
            span,
        })
    }
}
