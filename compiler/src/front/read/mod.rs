//! One stretch of text into its object: the kind looked up, the value read, problems named.

mod embedded;
mod kinds;
mod report;
mod tree;
mod typed;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value as Tree;

use crate::diag::{Code, Finding, Place, Severity};
use crate::front::fault::Fault;
use crate::front::foreign::{self, Foreign, Stray};
use crate::front::header::{Class, Header, Probe, item_column, sniff_yaml};
use crate::front::installer::{self};
use crate::front::joined::{Joined, joined};
use crate::front::kube_proxy;
use crate::front::parse::{Paths, Shape, parse};
use crate::front::strict::Watch;
use crate::front::{json, variables};
use crate::source::locate::first_line;
use crate::source::outline::Outline;
use crate::source::{
    Document, Extent, FieldPath, Format, ObjectKind, ObjectName, Segment, Span, limits,
};

pub(super) use kinds::Value;
pub use kinds::{Located, Manifests};
use kinds::{kind_group, name_in, unread, unread_kind, weight};

/// What is counted that has no kind.
pub(super) const UNKNOWN: &str = "unknown";

/// A stretch of a source that is parsed by itself.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) format: Format,
    pub(super) shape: Shape,
    /// The header of objects that bring none, in a list that says what it lists.
    pub(super) inherited: Option<Arc<Header>>,
    pub(super) part: Grouping,
    pub(super) role: PieceRole,
}

/// What a piece of text is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceRole {
    /// An object: a document, or an item of a List.
    Object,
    /// An element of a list that is a whole document: an object, or something of others.
    Element,
}

/// Whether a piece is all that was cut, which says what it means if it does not parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// The text is wrong.
    Alone,
    /// The cut may be wrong: the whole must be read in one piece to tell.
    OfGroup,
}

/// What a piece gave.
#[derive(Debug, Default)]
pub(super) struct ReadPiece {
    pub(super) objects: Vec<Object>,
    /// Findings about text that belongs to no object.
    pub(super) findings: Vec<Finding>,
    /// What is no manifest.
    pub(super) strays: Vec<Stray>,
    /// Kinds of objects that passed by.
    pub(super) others: Vec<String>,
    /// A [`Grouping::OfGroup`] that did not parse; there is nothing else then.
    pub(super) broken: bool,
}

/// An object that has no id yet.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) name: ObjectName,
    pub(super) document: Document,
    /// Nothing if it could not be read.
    pub(super) value: Option<Value>,
    pub(super) problems: Vec<Problem>,
}

/// A finding about a field of an object that has no id yet.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    pub(super) fault: Fault,
    pub(super) path: FieldPath,
}

/// Reads a piece of a source's text.
pub(super) fn read(piece: &Piece, source: &str) -> ReadPiece {
    let mut reader = Reader {
        piece,
        text: &source[piece.span.range()],
        outcome: ReadPiece::default(),
        outline: OnceCell::new(),
        plain_words: OnceCell::new(),
    };
    reader.read();
    if reader.outcome.broken {
        return ReadPiece {
            broken: true,
            ..ReadPiece::default()
        };
    }
    reader.outcome
}

/// How the header of an object is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    /// From a line that looks like it.
    Sniffed,
    /// From the list around it.
    Inherited,
    /// From parsing the text, which is sound then.
    Probed,
}

pub(super) struct Reader<'p> {
    piece: &'p Piece,
    text: &'p str,
    pub(super) outcome: ReadPiece,
    /// Of the text, once something is to be pointed at.
    outline: OnceCell<Option<Outline<'p>>>,
    /// Paths of the words without quotes that kubectl takes for numbers or booleans.
    plain_words: OnceCell<Option<Rc<BTreeSet<Vec<Segment>>>>>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let sniffed = match (self.piece.format, self.piece.shape) {
            (Format::Yaml, Shape::Whole) => sniff_yaml(self.text, 0),
            (Format::Yaml, Shape::Item) => {
                item_column(self.text).and_then(|column| sniff_yaml(self.text, column))
            }
            (Format::Json, _) => json::sniff(self.text),
        };
        let is_list = sniffed
            .as_ref()
            .is_some_and(|header| matches!(header.classify(), Class::List(_)));
        if self.text.len() > limits::OBJECT_BYTES && !is_list {
            self.too_large();
            return;
        }
        match (sniffed, self.piece.inherited.as_deref()) {
            (Some(header), _) => self.dispatch(&header, Certainty::Sniffed),
            (None, Some(inherited)) if inherited.kind.is_some() => {
                self.dispatch(inherited, Certainty::Inherited);
            }
            (None, _) => self.probe(),
        }
    }

    fn parse<T: DeserializeOwned>(&self, paths: Paths) -> (Result<T, Fault>, Watch) {
        parse(self.text, self.piece.format, self.piece.shape, paths)
    }

    /// Learns the header by parsing the whole text.
    fn probe(&mut self) {
        let (result, watch) = self.parse::<Probe>(Paths::Forget);
        match result {
            Err(fault) => self.refuse(fault),
            Ok(Probe::Nothing) => {}
            Ok(Probe::List) => self.read_tree(),
            Ok(Probe::Misfit) => self.misfit(first_line(self.text)),
            Ok(Probe::Mapping(_)) if self.merges(&watch) => self.read_tree(),
            Ok(Probe::Mapping(_)) if watch.duplicate && self.is_joined() => {}
            Ok(Probe::Mapping(header)) => {
                let header = header.or(self.piece.inherited.as_deref());
                match header.classify() {
                    Class::Used(_) | Class::List(_) => {}
                    _ => self.report_duplicates(&watch, Severity::Warning, ""),
                }
                self.dispatch(&header, Certainty::Probed);
            }
        }
    }

    /// Whether the text has several objects with no line between them; tells of it then.
    fn is_joined(&mut self) -> bool {
        if (self.piece.format, self.piece.shape) != (Format::Yaml, Shape::Whole) {
            return false;
        }
        let Some(objects) = self.outline().and_then(joined) else {
            return false;
        };
        let severity = |class: &Class| match class {
            Class::Used(ObjectKind::ConfigMap) if !embedded::may_hold(self.text) => {
                Severity::Warning
            }
            Class::Used(kind) => weight(*kind),
            Class::List(_) | Class::Unread(_) => Severity::Error,
            Class::Other(_) | Class::Unknown => Severity::Warning,
        };
        let classes: Vec<Class> = objects.iter().map(|one| one.header.classify()).collect();
        let is_read = |class: &Class| severity(class) == Severity::Error;
        let severity = if classes.iter().any(is_read) {
            Severity::Error
        } else {
            Severity::Warning
        };
        for pair in objects.windows(2) {
            let [first, second] = pair else { continue };
            let kind = |one: &Joined| one.header.kind.clone().unwrap_or_default();
            let message = format!(
                "`apiVersion` and `kind` stand twice in one document: a {} follows a {} without a line `---` between them",
                kind(second),
                kind(first)
            );
            let (first, second) = (
                self.span(first.start.clone()),
                self.span(second.start.clone()),
            );
            let finding = Finding {
                severity,
                ..Finding::error(Code::DuplicateKey, Place::Span(second), message)
            };
            self.outcome.findings.push(
                finding
                    .help("write a line `---` before the second object; a file that others are put behind should end in one")
                    .also(Place::Span(first), "first here"),
            );
        }
        for class in classes {
            if let Class::Used(_) | Class::Other(_) = class {
                self.pass(&class, first_line(self.text));
            }
        }
        true
    }

    fn dispatch(&mut self, header: &Header, certainty: Certainty) {
        let class = match header.classify() {
            Class::Used(kind) => match self.typed_of(kind, header, certainty) {
                Some(kind) => Class::Used(kind),
                None => return,
            },
            class => class,
        };
        match class {
            Class::Used(ObjectKind::ConfigMap) if embedded::may_hold(self.text) => {
                self.read_tree();
            }
            Class::List(_) => self.read_tree(),
            class @ (Class::Used(ObjectKind::ConfigMap) | Class::Other(_) | Class::Unknown)
                if self.installer(&class) => {}
            Class::Used(_) | Class::Unread(_) | Class::Other(_) | Class::Unknown => {
                if certainty == Certainty::Probed {
                    self.pass(&class, first_line(self.text));
                } else {
                    self.check(&class);
                }
            }
        }
    }

    /// Checks an object that passes by, and that it is what it was taken for.
    fn check(&mut self, class: &Class) {
        let (result, watch) = self.parse::<Probe>(Paths::Forget);
        match result {
            Ok(Probe::Mapping(header))
                if !self.merges(&watch)
                    && header
                        .clone()
                        .or(self.piece.inherited.as_deref())
                        .classify()
                        == *class =>
            {
                self.report_duplicates(&watch, Severity::Warning, "");
                self.pass(class, first_line(self.text));
            }
            _ => self.probe(),
        }
    }

    /// Counts an object that is not read.
    fn pass(&mut self, class: &Class, place: std::ops::Range<usize>) {
        match class {
            Class::Used(kind) => self.outcome.others.push(kind.with_group()),
            Class::List(_) => {}
            Class::Other(kind) => {
                self.outcome.others.push(kind.clone());
                if kind.ends_with(".kustomize.config.k8s.io") {
                    self.stray(Foreign::Kustomization, place);
                } else if kind.starts_with("ENC[") {
                    self.stray(Foreign::EncryptedUnknown, place);
                }
            }
            Class::Unknown if self.piece.role == PieceRole::Element => {
                self.stray(Foreign::Element, place);
            }
            Class::Unknown => {
                self.outcome.others.push(UNKNOWN.to_owned());
                let what = if foreign::is_encrypted(self.text) {
                    Foreign::EncryptedUnknown
                } else if foreign::is_cut_off(self.text) {
                    Foreign::CutOff
                } else {
                    Foreign::NoObject
                };
                self.stray(what, place);
            }
            Class::Unread(unread_api) => {
                let place = Place::Span(self.span(place));
                self.outcome
                    .others
                    .push(unread_kind(*unread_api).to_owned());
                self.outcome.findings.push(unread(*unread_api, place));
            }
        }
    }

    /// Reads text that no other reader takes as the configuration of what installs clusters; whether it is
    /// one that says something of kube-proxy, or one that is nothing else.
    fn installer(&mut self, class: &Class) -> bool {
        let could_be = match class {
            Class::Unknown => {
                let is_object = self.piece.role == PieceRole::Object;
                is_object && (installer::may_tell(self.text) || kube_proxy::is_k3s(self.text))
            }
            class => installer::is_kind(&kind_group(class)) && installer::may_tell(self.text),
        };
        if !could_be {
            return false;
        }
        let (Ok(tree), watch) = self.parse::<Tree>(Paths::Forget) else {
            return false;
        };
        if !self.installer_tree(class, &tree, &FieldPath::root()) {
            return false;
        }
        self.report_duplicates(&watch, Severity::Warning, "");
        true
    }

    fn installer_tree(&mut self, class: &Class, tree: &Tree, path: &FieldPath) -> bool {
        let found = match class {
            Class::Unknown if path.is_root() => installer::of_text(self.text, tree),
            Class::Unknown => None,
            class => installer::of_kind(&kind_group(class), tree),
        };
        let Some(found) = found else {
            return false;
        };
        let kind = ObjectKind::Installer(found.what);
        self.outcome.others.push(match class {
            Class::Unknown => kind.as_str().to_owned(),
            class => kind_group(class),
        });
        let document = self.document(path);
        self.outcome.objects.push(Object {
            name: name_in(kind, tree),
            document,
            value: Some(Value::Installer(Box::new(found.manifest))),
            problems: Vec::new(),
        });
        true
    }

    fn stray(&mut self, what: Foreign, place: std::ops::Range<usize>) {
        let place = self.span(place);
        self.outcome.strays.push(Stray { what, place });
    }

    /// Whether an object of a kind that is read is none yet; tells of it then.
    fn not_yet(&mut self) -> bool {
        let what = if foreign::is_encrypted(self.text) {
            Some(Foreign::Encrypted)
        } else {
            foreign::template(self.text)
        };
        if let Some(what) = what {
            self.stray(what, first_line(self.text));
        }
        what.is_some()
    }

    /// Whether a value stands for one that is filled in before the object is one. Annotations may speak of
    /// variables to others.
    fn has_variables(&self) -> bool {
        variables::is_in(self.text) && self.outline().is_some_and(variables::is_in_object)
    }

    /// Counts what is read and not compiled.
    fn count(&mut self, kind: ObjectKind) {
        if kind.extent() == Extent::Part {
            self.outcome.others.push(kind.with_group());
        }
    }
}

/// The byte at a line and column, both from 1, or the end of the text.
pub(super) fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', text.as_bytes())
            .nth(line - 2)
            .map_or(text.len(), |at| at + 1),
    };
    let rest = text[start..].split('\n').next().unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(at, _)| at);
    start + within
}

/// Bytes up to the next white space, but at least a character if the line has one.
pub(super) fn word(rest: &str) -> usize {
    /// Characters of a word that are shown: a text may be one line of many megabytes.
    const LONGEST: usize = 1_000;
    let mut chars = rest.char_indices().take(LONGEST);
    match chars.find(|(_, c)| c.is_whitespace()) {
        Some((0, '\n' | '\r')) => 0,
        Some((0, first)) => first.len_utf8(),
        Some((end, _)) => end,
        None => {
            let mut rest_of_it = rest.char_indices().skip(LONGEST);
            rest_of_it.next().map_or(rest.len(), |(at, _)| at)
        }
    }
}
