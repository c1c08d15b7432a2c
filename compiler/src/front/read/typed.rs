//! An object into the type of its kind.

use granit_parser::ScalarStyle;
use serde_json::Value as Tree;

use super::kinds::{Readable, name_in, named, weight};
use super::report::{data_problem, unknown_problems};
use super::{Certainty, Object, Problem, Reader};
use crate::diag::{Code, Severity};
use crate::front::fault::{Fault, TEXT_HELP};
use crate::front::foreign::Foreign;
use crate::front::header::{Class, Header, Probe};
use crate::front::parse::Paths;
use crate::front::strict::{Watch, yaml11};
use crate::source::locate::first_line;
use crate::source::{Extent, FieldPath, ObjectKind, Segment};

impl Reader<'_> {
    /// The way of most objects: text straight into its type.
    pub(super) fn typed<T: Readable>(&mut self, header: &Header, certainty: Certainty) {
        let (result, watch) = self.parse::<T>(Paths::Forget);
        if self.merges(&watch) {
            self.read_tree();
            return;
        }
        let verified = match certainty {
            Certainty::Sniffed => watch.has_kind && watch.has_api_version,
            Certainty::Inherited | Certainty::Probed => true,
        };
        let Class::Used(kind) = header.classify() else {
            return;
        };
        match result {
            Ok(value) if verified => {
                let (namespace, name) = value.metadata();
                let name = named(kind, namespace, name);
                let suspect = name.name.contains("{{") || watch.unknown;
                if suspect && kind.extent() == Extent::Whole && self.not_yet() {
                    return;
                }
                if kind.extent() == Extent::Whole && self.has_variables() {
                    return self.stray(Foreign::Variables, first_line(self.text));
                }
                let (value, problems) =
                    if (watch.unknown || watch.words) && kind.extent() == Extent::Whole {
                        match self.look_again::<T>(kind) {
                            Some(again) => again,
                            None => return self.failed::<T>(kind),
                        }
                    } else {
                        (value, Vec::new())
                    };
                self.report_duplicates(&watch, weight(kind), &format_args!(" of {name}"));
                self.count(kind);
                let document = self.document(&FieldPath::root());
                // Nearly always the only one.
                self.outcome.objects.reserve_exact(1);
                self.outcome.objects.push(Object {
                    name,
                    document,
                    value: Some(value.wrap()),
                    problems,
                });
            }
            Ok(_) => self.probe(),
            Err(_) if certainty == Certainty::Probed => self.failed::<T>(kind),
            Err(_) => {
                // Is the text wrong, or the header, or a value?
                match self.parse::<Probe>(Paths::Forget).0 {
                    Ok(Probe::Mapping(found))
                        if found.clone().or(self.piece.inherited.as_deref()).classify()
                            == Class::Used(kind) =>
                    {
                        self.failed::<T>(kind);
                    }
                    _ => self.probe(),
                }
            }
        }
    }

    /// Reports why sound text does not fit its type.
    pub(super) fn failed<T: Readable>(&mut self, kind: ObjectKind) {
        let (result, watch) = self.parse::<T>(Paths::Track);
        let Err(fault) = result.map(drop) else { return };
        self.count(kind);
        if kind.extent() == Extent::Part {
            return self.report_duplicates(&watch, weight(kind), "");
        }
        if self.not_yet() {
            return;
        }
        if self.has_variables() {
            return self.stray(Foreign::Variables, first_line(self.text));
        }
        let (sketch, _) = self.parse::<Tree>(Paths::Forget);
        let name = name_in(kind, &sketch.unwrap_or_default());
        self.report_duplicates(&watch, weight(kind), &format_args!(" of {name}"));
        let skip = self.piece.shape.wrappers();
        let mut problems = unknown_problems(&watch, skip, kind);
        problems.extend(self.word_problems(&watch, &FieldPath::root(), skip, kind));
        problems.extend(data_problem(fault.of(kind), &watch, skip));
        let document = self.document(&FieldPath::root());
        self.outcome.objects.push(Object {
            name,
            document,
            value: None,
            problems,
        });
    }

    /// Reads once more, to know where what was noticed is, and which words have quotes; nothing if a value
    /// does not fit its type then.
    fn look_again<T: Readable>(&self, kind: ObjectKind) -> Option<(T, Vec<Problem>)> {
        let (value, watch) = self.parse::<T>(Paths::Track);
        let value = value.ok()?;
        let skip = self.piece.shape.wrappers();
        let mut problems = unknown_problems(&watch, skip, kind);
        problems.extend(self.word_problems(&watch, &FieldPath::root(), skip, kind));
        Some((value, problems))
    }

    /// Texts of an object at a path that kubectl takes for something else, as they have no quotes.
    pub(super) fn word_problems(
        &self,
        watch: &Watch,
        object: &FieldPath,
        skip: usize,
        kind: ObjectKind,
    ) -> Vec<Problem> {
        if kind == ObjectKind::Pod || watch.word_paths.is_empty() {
            return Vec::new();
        }
        let Some(outline) = self.outline() else {
            return Vec::new();
        };
        let object = self.in_piece(object);
        let paths = watch
            .word_paths
            .iter()
            .map(|path| &path[skip.min(path.len())..]);
        paths
            .filter_map(|path| {
                let full: Vec<Segment> = object.segments().iter().chain(path).cloned().collect();
                let spot = outline.find(&full);
                let scalar = spot.scalar.filter(|scalar| {
                    spot.steps == full.len() && scalar.style == ScalarStyle::Plain
                })?;
                let what = yaml11(scalar.text)?.what();
                Some(Problem {
                    severity: Severity::Error,
                    fault: Fault {
                        code: Code::WrongType,
                        message: format!("expected text, found {what}: {}", scalar.text),
                        help: TEXT_HELP.to_owned(),
                        place: None,
                    },
                    path: to_path(path, 0),
                })
            })
            .collect()
    }
}

pub(super) fn to_path(trail: &[Segment], skip: usize) -> FieldPath {
    trail
        .iter()
        .skip(skip)
        .fold(FieldPath::root(), |path, segment| match segment {
            Segment::Key(key) => path.key(key.clone()),
            Segment::Index(index) => path.index(*index),
        })
}
