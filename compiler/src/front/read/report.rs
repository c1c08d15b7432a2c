//! What is wrong, and where it stands.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value as Tree;

use super::kinds::weight_at;
use super::typed::to_path;
use super::{Grouping, Problem, Reader, offset, word};
use crate::diag::{Code, Finding, Place, Severity};
use crate::front::config::{self};
use crate::front::fault::Fault;
use crate::front::foreign::{self, Foreign};
use crate::front::header::Class;
use crate::front::parse::{Shape, plain_words};
use crate::front::strict::Watch;
use crate::front::variables;
use crate::source::locate::{ScalarLines, first_line};
use crate::source::outline::Outline;
use crate::source::{Document, Extent, FieldPath, Format, ObjectKind, Segment, Span, limits};

impl<'p> Reader<'p> {
    /// Where the lines of a scalar of this piece stand.
    pub(super) fn scalar_lines(&self, path: &FieldPath) -> Option<ScalarLines> {
        let spot = self.outline()?.find(self.in_piece(path).segments());
        ScalarLines::new(self.text, &spot.scalar?)
    }

    pub(super) fn outline(&self) -> Option<&Outline<'p>> {
        self.outline
            .get_or_init(|| Outline::parse(self.text))
            .as_ref()
    }

    /// Paths of the words of this piece that have no quotes and are no text to kubectl.
    pub(super) fn plain_words(&self) -> Option<Rc<BTreeSet<Vec<Segment>>>> {
        let of_text = || plain_words(self.text, self.piece.format).map(Rc::new);
        self.plain_words.get_or_init(of_text).clone()
    }

    pub(super) fn merges(&self, watch: &Watch) -> bool {
        watch.merge && self.piece.format == Format::Yaml
    }

    pub(super) fn report_duplicates(
        &mut self,
        watch: &Watch,
        severity: Severity,
        owner: &(impl std::fmt::Display + ?Sized),
    ) {
        self.report_each_duplicate(watch, owner, |_| severity);
    }

    /// Reports duplicates in a tree, each by what the object around it is.
    pub(super) fn report_duplicates_within(&mut self, watch: &Watch, tree: &Tree) {
        let inherited = self.piece.inherited.clone();
        self.report_each_duplicate(watch, "", |path| {
            weight_at(tree, path, inherited.as_deref())
        });
    }

    pub(super) fn report_each_duplicate(
        &mut self,
        watch: &Watch,
        owner: &(impl std::fmt::Display + ?Sized),
        severity: impl Fn(&[Segment]) -> Severity,
    ) {
        if !watch.duplicate {
            return;
        }
        let Some(duplicates) = self.outline().map(Outline::duplicates) else {
            let place = Place::Span(self.span(first_line(self.text)));
            let finding = Finding {
                severity: severity(&[]),
                ..Finding::error(
                    Code::DuplicateKey,
                    place,
                    format!("a key stands twice{owner}"),
                )
            };
            self.outcome.findings.push(finding.help("keep one of them"));
            return;
        };
        for duplicate in duplicates {
            let path = &duplicate.path[self.piece.shape.wrappers().min(duplicate.path.len())..];
            let (first, second) = (self.span(duplicate.first), self.span(duplicate.second));
            let finding = Finding {
                severity: severity(path),
                ..duplicate_finding(&duplicate.key, path, owner, first, second)
            };
            self.outcome.findings.push(finding);
        }
    }

    pub(super) fn too_large(&mut self) {
        let place = Place::Span(self.span(first_line(self.text)));
        self.outcome.findings.push(
            Finding::error(
                Code::Limit,
                place,
                format!("an object of more than {}", limits::OBJECT_SIZE),
            )
            .help("the API server takes no object of that size; split the file into its objects"),
        );
    }

    /// Tells of a value that is no mapping where an object is expected.
    pub(super) fn misfit(&mut self, place: std::ops::Range<usize>) {
        self.pass(&Class::Unknown, place);
    }

    /// Reports text that does not parse.
    pub(super) fn refuse(&mut self, fault: Fault) {
        if self.piece.part == Grouping::OfGroup {
            self.outcome.broken = true;
            return;
        }
        let what = foreign::by_beginning(self.text).or_else(|| foreign::template(self.text));
        if let Some(what) = what {
            return self.stray(what, first_line(self.text));
        }
        let line = fault
            .place
            .and_then(|(line, _)| self.text.lines().nth(line - 1));
        if line.is_some_and(variables::is_in) {
            return self.stray(Foreign::Variables, first_line(self.text));
        }
        let range = fault.place.map(|(line, column)| {
            let start = offset(self.text, line, column);
            start..start + word(&self.text[start..])
        });
        let place = Place::Span(self.span(range.unwrap_or_else(|| first_line(self.text))));
        self.outcome
            .findings
            .push(Finding::error(fault.code, place, fault.message).help(fault.help));
    }

    pub(super) fn refuse_at(&mut self, fault: Option<Fault>, path: &[Segment]) {
        let Some(fault) = fault else { return };
        let path = to_path(path, self.piece.shape.wrappers());
        let place = Place::Span(self.span(self.find(&path)));
        self.outcome
            .findings
            .push(Finding::error(fault.code, place, fault.message).help(fault.help));
    }

    pub(super) fn document(&self, path: &FieldPath) -> Document {
        Document {
            span: self.piece.span,
            format: self.piece.format,
            path: self.in_piece(path),
            start: 0,
        }
    }

    /// A path from the object, as a path from the start of the piece.
    pub(super) fn in_piece(&self, path: &FieldPath) -> FieldPath {
        match self.piece.shape {
            Shape::Whole => path.clone(),
            Shape::Item => {
                path.segments()
                    .iter()
                    .fold(FieldPath::root().index(0), |path, segment| match segment {
                        Segment::Key(key) => path.key(key.clone()),
                        Segment::Index(index) => path.index(*index),
                    })
            }
        }
    }

    pub(super) fn find(&self, path: &FieldPath) -> std::ops::Range<usize> {
        let path = self.in_piece(path);
        self.outline()
            .map(|outline| outline.find(path.segments()).span)
            .filter(|span| !span.is_empty())
            .unwrap_or_else(|| first_line(self.text))
    }

    pub(super) fn span(&self, range: std::ops::Range<usize>) -> Span {
        let Span { source, start, .. } = self.piece.span;
        Span {
            source,
            start: start + range.start,
            end: start + range.end,
        }
    }
}

/// A value that does not fit; a duplicate key is reported with both its places instead.
pub(super) fn data_problem(fault: Fault, watch: &Watch, skip: usize) -> Option<Problem> {
    (fault.code != Code::DuplicateKey).then(|| Problem {
        severity: Severity::Error,
        fault,
        path: to_path(watch.trail(), skip),
    })
}

pub(super) fn unknown_problems(watch: &Watch, skip: usize, kind: ObjectKind) -> Vec<Problem> {
    watch
        .unknown_paths
        .iter()
        .filter(|path| {
            kind.extent() == Extent::Whole
                && (kind != ObjectKind::KubeProxyConfiguration || !config::is_inert(&path[skip..]))
        })
        .map(|path| {
            let name = match path.last() {
                Some(Segment::Key(key)) => key,
                _ => "",
            };
            Problem {
                severity: Severity::Warning,
                fault: Fault {
                    code: Code::UnknownField,
                    message: format!("the field `{name}` is not in the API and is ignored"),
                    help: "correct the spelling, or remove the field".to_owned(),
                    place: None,
                },
                path: to_path(path, skip),
            }
        })
        .collect()
}

pub(super) fn duplicate_finding(
    key: &str,
    path: &[Segment],
    owner: &(impl std::fmt::Display + ?Sized),
    first: Span,
    second: Span,
) -> Finding {
    let path = to_path(path, 0);
    let within = if path.is_root() {
        String::new()
    } else {
        format!(" in `{path}`")
    };
    Finding::error(
        Code::DuplicateKey,
        Place::Span(second),
        format!("the key `{key}` stands twice{within}{owner}"),
    )
    .help("keep one of them; readers disagree on which one counts")
    .also(Place::Span(first), "first here")
}
