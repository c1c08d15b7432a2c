//! The table of everything that was read: which object, from which bytes.

use std::collections::BTreeSet;
use std::fmt;

use super::kind::ObjectKind;
use super::locate::locate;
use super::{FieldPath, ObjectId, Role, Segment, Sources, Span};

/// `Service shop/cart`: an object as people name it. Names are as written, not validated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// `kind` of the manifest.
    pub kind: ObjectKind,
    /// Namespace, where the kind has one; `default` where the manifest names none.
    pub namespace: Option<Box<str>>,
    /// Name; empty for a configuration, which has none.
    pub name: Box<str>,
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        match &self.namespace {
            Some(namespace) => write!(f, " {namespace}/{}", self.name),
            None if self.name.is_empty() => Ok(()),
            None => write!(f, " {}", self.name),
        }
    }
}

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, as people write it.
    Yaml,
    /// JSON, as programs write it.
    Json,
}

/// The text of one object, and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A stretch that parses by itself: a whole document, or one item of a list.
    pub span: Span,
    /// How it is written.
    pub format: Format,
    /// Where in the stretch the object lies: the root, `items[3]` of a list that could not be
    /// split, or `data[config.conf]` for a configuration in a `ConfigMap`.
    pub path: FieldPath,
    /// Where it starts in the text that stands there, in bytes: a value of a `ConfigMap` may have several
    /// documents.
    pub start: usize,
}

/// Everything that was read, by [`ObjectId`].
#[derive(Debug, Default)]
pub struct Objects {
    list: Vec<(ObjectName, Document)>,
}

impl Objects {
    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.list.reserve(more);
    }

    /// Adds an object.
    pub fn add(&mut self, name: ObjectName, document: Document) -> ObjectId {
        let id = ObjectId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push((name, document));
        id
    }

    /// The object's kind, namespace and name.
    pub fn name(&self, id: ObjectId) -> &ObjectName {
        &self.list[id.0 as usize].0
    }

    /// The object as people find it: its name, and the key where it is part of a `ConfigMap`.
    pub fn described(&self, id: ObjectId) -> String {
        let (name, document) = &self.list[id.0 as usize];
        match document.path.segments().last() {
            Some(Segment::Key(key)) if name.kind == ObjectKind::ConfigMap => {
                format!("{name}, key {key}")
            }
            _ => name.to_string(),
        }
    }

    /// The object's text.
    pub fn document(&self, id: ObjectId) -> &Document {
        &self.list[id.0 as usize].1
    }

    /// All objects with their text, in the order they were read.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ObjectId, &Document)> {
        (0u32..)
            .map(ObjectId)
            .zip(self.list.iter().map(|(_, document)| document))
    }

    /// What decides rules by itself, of one role: Services and their endpoints.
    pub fn services_and_endpoints(&self, sources: &Sources, role: Role) -> BTreeSet<ObjectName> {
        let decides = |kind| {
            matches!(
                kind,
                ObjectKind::Service | ObjectKind::EndpointSlice | ObjectKind::Endpoints
            )
        };
        let list = self.list.iter();
        let wanted = list.filter(|(name, document)| {
            decides(name.kind) && sources.get(document.span.source).role == role
        });
        wanted.map(|(name, _)| name.clone()).collect()
    }

    /// The bytes of the values of fields, in the order asked; for a path that the manifest lacks, of
    /// its nearest parent.
    ///
    /// For a scalar its text, for a mapping or list the key before it. Parses the documents of the
    /// objects again, each once: for reports, not for the happy path.
    ///
    /// # Panics
    /// For an object of other sources.
    pub fn locate(&self, sources: &Sources, fields: &[(ObjectId, &FieldPath)]) -> Vec<Span> {
        locate(sources, self, fields)
    }
}
