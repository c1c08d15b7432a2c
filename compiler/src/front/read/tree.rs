//! Text that needs a look at the whole first: lists in one piece, merge keys, the `ConfigMap` around a
//! configuration.

use serde_json::Value as Tree;

use super::kinds::{Readable, name_in};
use super::report::{data_problem, unknown_problems};
use super::{Object, PieceRole, Reader};
use crate::diag::{Code, Finding, Place};
use crate::front::fault::Fault;
use crate::front::foreign::Foreign;
use crate::front::header::{Class, Header, Probe};
use crate::front::installer::{self};
use crate::front::merge;
use crate::front::parse::Paths;
use crate::front::strict::{Strict, Watch};
use crate::source::locate::first_line;
use crate::source::{Extent, FieldPath, ObjectKind};

impl Reader<'_> {
    /// The way of whatever needs a look at the whole first: lists in one piece, merge keys, the
    /// `ConfigMap` around a configuration.
    pub(super) fn read_tree(&mut self) {
        let (result, watch) = self.parse::<Tree>(Paths::Forget);
        let Ok(mut tree) = result else {
            if let Err(fault) = self.parse::<Probe>(Paths::Forget).0 {
                return self.refuse(fault);
            }
            // Sound, but with values that JSON cannot express, such as tags.
            let (result, watch) = self.parse::<Tree>(Paths::Track);
            return self.refuse_at(result.err(), watch.trail());
        };
        self.report_duplicates_within(&watch, &tree);
        if self.merges(&watch) && merge::expand(&mut tree).is_err() {
            let place = Place::Span(self.span(first_line(self.text)));
            self.outcome.findings.push(
                Finding::error(
                    Code::Syntax,
                    place,
                    "a merge key `<<` whose value is neither a mapping nor a list of mappings",
                )
                .help("merge an alias of a mapping, or quote the key"),
            );
            return;
        }
        let inherited = self.piece.inherited.clone();
        self.tree(tree, &FieldPath::root(), inherited.as_deref());
    }

    pub(super) fn tree(&mut self, tree: Tree, path: &FieldPath, inherited: Option<&Header>) {
        let text = |tree: &Tree, key: &str| tree.get(key)?.as_str().map(str::to_owned);
        match &tree {
            Tree::Null => return,
            Tree::Object(_) => {}
            Tree::Array(_) if path.is_root() && self.piece.role == PieceRole::Object => {
                return self.elements(tree);
            }
            Tree::Array(_) | Tree::String(_) | Tree::Bool(_) | Tree::Number(_) => {
                return self.misfit(self.find(path));
            }
        }
        let header = Header {
            api_version: text(&tree, "apiVersion"),
            kind: text(&tree, "kind"),
        };
        let header = header.or(inherited);
        let class = match header.classify() {
            Class::Used(kind) => match self.typed_tree_of(kind, &tree, path) {
                Some(kind) => Class::Used(kind),
                None => return,
            },
            class => class,
        };
        match class {
            Class::List(inherited) => self.items(tree, path, &inherited),
            Class::Used(ObjectKind::ConfigMap) => self.config_map(&tree, path),
            Class::Other(kind)
                if installer::is_kind(&kind)
                    && self.installer_tree(&Class::Other(kind.clone()), &tree, path) => {}
            class @ (Class::Used(_) | Class::Unread(_) | Class::Other(_) | Class::Unknown) => {
                let place = match class {
                    Class::Other(_) => 0..0,
                    _ => self.find(path),
                };
                self.pass(&class, place);
            }
        }
    }

    pub(super) fn items(&mut self, mut tree: Tree, path: &FieldPath, inherited: &Header) {
        match tree.get_mut("items").map(Tree::take) {
            Some(Tree::Null) => {}
            None => self.without_items(&tree, path),
            Some(Tree::Array(items)) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.tree(
                        item,
                        &path.clone().key("items").index(index),
                        Some(inherited),
                    );
                }
            }
            Some(_) => {
                let place = Place::Span(self.span(self.find(&path.clone().key("items"))));
                self.outcome.findings.push(
                    Finding::error(Code::WrongType, place, "the items of a List are not a list")
                        .help("write each object as an item of its own"),
                );
            }
        }
    }

    /// Tells of a List whose items stand under a key that is not theirs.
    fn without_items(&mut self, tree: &Tree, path: &FieldPath) {
        let meant = |key: &str| matches!(key.to_ascii_lowercase().as_str(), "items" | "item");
        let keys = tree.as_object().into_iter().flat_map(|map| map.keys());
        for key in keys.filter(|key| meant(key)) {
            let place = Place::Span(self.span(self.find(&path.clone().key(key.clone()))));
            let message = format!("a List with `{key}` and without `items`: nothing in it is read");
            self.outcome.findings.push(
                Finding::error(Code::UnknownField, place, message).help("write the key as `items`"),
            );
        }
    }

    /// Reads a list that is a whole document like the items of a List.
    pub(super) fn elements(&mut self, tree: Tree) {
        let Tree::Array(elements) = tree else { return };
        for (index, element) in elements.into_iter().enumerate() {
            let path = FieldPath::root().index(index);
            let is_object = element.get("apiVersion").is_some() && element.get("kind").is_some();
            if is_object {
                self.tree(element, &path, None);
            } else if !element.is_null() {
                let place = self.find(&path);
                self.stray(Foreign::Element, place);
            }
        }
    }

    pub(super) fn typed_tree<T: Readable>(
        &mut self,
        tree: &Tree,
        path: &FieldPath,
        kind: ObjectKind,
    ) {
        let name = name_in(kind, tree);
        let from = self.in_piece(path);
        let skip = from.segments().len();
        let read = |plain| {
            let watch = Watch::new(self.text.len(), self.piece.format, 0);
            let mut watch = watch.tracking(from.segments(), plain);
            (T::deserialize(Strict::new(tree, &mut watch)), watch)
        };
        let (mut result, mut watch) = read(None);
        if watch.words {
            (result, watch) = read(self.plain_words());
        }
        self.count(kind);
        if kind.extent() == Extent::Part && result.is_err() {
            return;
        }
        let mut problems = unknown_problems(&watch, skip, kind);
        problems.extend(self.word_problems(&watch, path, skip, kind));
        let value = match result {
            Ok(value) => Some(value.wrap()),
            Err(error) => {
                problems.extend(data_problem(
                    Fault::json(&error, &watch).of(kind),
                    &watch,
                    skip,
                ));
                None
            }
        };
        let document = self.document(path);
        self.outcome.objects.push(Object {
            name,
            document,
            value,
            problems,
        });
    }
}
