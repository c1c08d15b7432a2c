//! The shape of one document with the bytes of every key and value: parsed only when something
//! is to be shown to a person.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use super::{Segment, limits};

/// A document's nodes; spans are offsets into its text.
#[derive(Debug)]
pub(crate) struct Outline<'t> {
    nodes: Vec<Node<'t>>,
    root: Option<usize>,
}

#[derive(Debug)]
struct Node<'t> {
    span: Range<usize>,
    shape: Shape<'t>,
}

#[derive(Debug)]
enum Shape<'t> {
    Scalar(Cow<'t, str>, ScalarStyle),
    List(Vec<usize>),
    Mapping(Mapping<'t>),
    /// The node the alias stands for.
    Alias(Option<usize>),
}

/// Above this many keys, a mapping's are looked up in order, not one by one.
const FEW_KEYS: usize = 16;

#[derive(Debug, Default)]
struct Mapping<'t> {
    entries: Vec<Entry<'t>>,
    /// Indices of the entries, sorted by key and then by place; empty where the keys are few.
    by_key: Vec<usize>,
}

impl<'t> Mapping<'t> {
    /// Sorts the keys, once all are there.
    fn close(&mut self) {
        if self.entries.len() > FEW_KEYS {
            let mut by_key: Vec<usize> = (0..self.entries.len()).collect();
            by_key.sort_by_key(|at| self.entries[*at].key.as_deref());
            self.by_key = by_key;
        }
    }

    /// The last entry with a key: it wins, as it does when the document is read.
    fn get(&self, key: &str) -> Option<&Entry<'t>> {
        if self.by_key.is_empty() {
            let mut entries = self.entries.iter().rev();
            return entries.find(|entry| entry.key.as_deref() == Some(key));
        }
        let after = self
            .by_key
            .partition_point(|at| self.entries[*at].key.as_deref() <= Some(key));
        let last = &self.entries[self.by_key[after.checked_sub(1)?]];
        (last.key.as_deref() == Some(key)).then_some(last)
    }
}

#[derive(Debug)]
struct Entry<'t> {
    /// The key's text; nothing for a key that is no scalar.
    key: Option<Cow<'t, str>>,
    span: Range<usize>,
    value: usize,
}

/// Where a path leads.
#[derive(Debug)]
pub(crate) struct Spot<'o> {
    /// What to point at: a scalar's text, or the key before a mapping or list.
    pub(crate) span: Range<usize>,
    /// How many steps of the path led here; fewer than asked if a step is missing.
    pub(crate) steps: usize,
    /// The scalar at the end, if there is one.
    pub(crate) scalar: Option<Scalar<'o>>,
}

/// A scalar and the bytes it was written in.
#[derive(Debug, Clone)]
pub(crate) struct Scalar<'o> {
    pub(crate) text: &'o str,
    pub(crate) span: Range<usize>,
    pub(crate) style: ScalarStyle,
}

/// A value that holds no others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// A scalar without quotes, and its bytes.
    Plain(Range<usize>),
    /// Any other scalar.
    Quoted,
    /// An alias of a value with an anchor.
    Alias,
}

/// A key that a mapping has twice.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Duplicate {
    pub(crate) key: String,
    /// The way to the mapping.
    pub(crate) path: Vec<Segment>,
    pub(crate) first: Range<usize>,
    pub(crate) second: Range<usize>,
}

impl<'t> Outline<'t> {
    /// Parses a text with one document; nothing if it cannot be parsed.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let mut builder = Builder::default();
        for next in Parser::new_from_str(text) {
            let (event, span) = next.ok()?;
            let span = span.byte_range()?;
            if builder.take(event, span, text)? == Progress::Complete {
                break;
            }
        }
        Some(Self {
            root: builder.root,
            nodes: builder.nodes,
        })
    }

    /// Follows a path as far as it goes.
    pub(crate) fn find(&self, path: &[Segment]) -> Spot<'_> {
        let Some(root) = self.root else {
            return Spot {
                span: 0..0,
                steps: 0,
                scalar: None,
            };
        };
        let mut node = self.resolve(root);
        let mut span = self.whole(root);
        let mut steps = 0;
        for segment in path {
            let (place, next) = match (segment, &self.nodes[node].shape) {
                (Segment::Key(key), Shape::Mapping(mapping)) => match mapping.get(key) {
                    Some(entry) => (entry.span.clone(), entry.value),
                    None => break,
                },
                (Segment::Index(index), Shape::List(elements)) => match elements.get(*index) {
                    Some(&element) => (self.whole(element), element),
                    None => break,
                },
                _ => break,
            };
            steps += 1;
            let value = &self.nodes[next];
            span = match &value.shape {
                Shape::Scalar(..) | Shape::Alias(_) if !value.span.is_empty() => value.span.clone(),
                _ => place,
            };
            node = self.resolve(next);
        }
        let scalar = match &self.nodes[node].shape {
            Shape::Scalar(text, style) => Some(Scalar {
                text,
                span: self.nodes[node].span.clone(),
                style: *style,
            }),
            _ => None,
        };
        Spot {
            span,
            steps,
            scalar,
        }
    }

    /// The keys of a document that is a mapping, where each stands, and the text of its value if it is a
    /// scalar.
    pub(crate) fn top(&self) -> Vec<(&str, Range<usize>, Option<&str>)> {
        let Some(Shape::Mapping(mapping)) = self.root.map(|root| &self.nodes[root].shape) else {
            return Vec::new();
        };
        let entries = mapping.entries.iter().filter_map(|entry| {
            let value = match &self.nodes[entry.value].shape {
                Shape::Scalar(text, _) => Some(&**text),
                Shape::List(_) | Shape::Mapping(_) | Shape::Alias(_) => None,
            };
            Some((entry.key.as_deref()?, entry.span.clone(), value))
        });
        entries.collect()
    }

    /// All duplicate keys, in order of the second.
    pub(crate) fn duplicates(&self) -> Vec<Duplicate> {
        let mut found = Vec::new();
        if let Some(root) = self.root {
            self.collect_duplicates(root, &mut Vec::new(), &mut found);
        }
        found.sort_by_key(|duplicate| duplicate.second.start);
        found
    }

    /// Visits every value that holds no others, with its path, in order; the text an alias stands for
    /// once only, where it is written.
    pub(crate) fn leaves(&self, visit: &mut dyn FnMut(&[Segment], Leaf)) {
        if let Some(root) = self.root {
            self.visit_leaves(root, &mut Vec::new(), visit);
        }
    }

    /// Paths of the scalars without quotes whose text is meant, whether they are written there or are aliases.
    pub(crate) fn plain(&self, meant: impl Fn(&str) -> bool) -> BTreeSet<Vec<Segment>> {
        let mut found = BTreeSet::new();
        self.leaves(&mut |path, leaf| {
            let scalar = (leaf != Leaf::Quoted).then(|| self.find(path).scalar);
            let plain = scalar
                .flatten()
                .filter(|one| one.style == ScalarStyle::Plain);
            if plain.is_some_and(|scalar| meant(scalar.text)) {
                found.insert(path.to_vec());
            }
        });
        found
    }

    fn visit_leaves(
        &self,
        node: usize,
        path: &mut Vec<Segment>,
        visit: &mut dyn FnMut(&[Segment], Leaf),
    ) {
        let Node { span, shape } = &self.nodes[node];
        match shape {
            Shape::Scalar(_, ScalarStyle::Plain) => visit(path, Leaf::Plain(span.clone())),
            Shape::Scalar(..) => visit(path, Leaf::Quoted),
            Shape::Alias(_) => visit(path, Leaf::Alias),
            Shape::List(elements) => {
                for (index, &element) in elements.iter().enumerate() {
                    path.push(Segment::Index(index));
                    self.visit_leaves(element, path, visit);
                    path.pop();
                }
            }
            Shape::Mapping(Mapping { entries, .. }) => {
                for entry in entries {
                    let key = entry.key.as_deref().unwrap_or_default().to_owned();
                    path.push(Segment::Key(key.into()));
                    self.visit_leaves(entry.value, path, visit);
                    path.pop();
                }
            }
        }
    }

    fn collect_duplicates(&self, node: usize, path: &mut Vec<Segment>, found: &mut Vec<Duplicate>) {
        match &self.nodes[node].shape {
            Shape::Scalar(..) | Shape::Alias(_) => {}
            Shape::List(elements) => {
                for (index, &element) in elements.iter().enumerate() {
                    path.push(Segment::Index(index));
                    self.collect_duplicates(element, path, found);
                    path.pop();
                }
            }
            Shape::Mapping(Mapping { entries, .. }) => {
                let mut keys: Vec<(&str, usize)> = entries
                    .iter()
                    .enumerate()
                    .filter_map(|(at, entry)| Some((entry.key.as_deref()?, at)))
                    .collect();
                keys.sort_unstable();
                for pair in keys.windows(2) {
                    let ((first, one), (second, two)) = (pair[0], pair[1]);
                    if first == second {
                        found.push(Duplicate {
                            key: first.to_owned(),
                            path: path.clone(),
                            first: entries[one].span.clone(),
                            second: entries[two].span.clone(),
                        });
                    }
                }
                for entry in entries {
                    let key = entry.key.as_deref().unwrap_or_default().to_owned();
                    path.push(Segment::Key(key.into()));
                    self.collect_duplicates(entry.value, path, found);
                    path.pop();
                }
            }
        }
    }

    fn resolve(&self, node: usize) -> usize {
        match self.nodes[node].shape {
            Shape::Alias(Some(target)) => target,
            _ => node,
        }
    }

    /// What to point at for a node without a key: its first key, or its text.
    fn whole(&self, node: usize) -> Range<usize> {
        let Node { span, shape } = &self.nodes[node];
        match shape {
            Shape::Mapping(mapping) => mapping
                .entries
                .first()
                .map_or_else(|| span.clone(), |entry| entry.span.clone()),
            _ => span.clone(),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Progress {
    Open,
    Complete,
}

#[derive(Debug, Default)]
struct Builder<'t> {
    nodes: Vec<Node<'t>>,
    root: Option<usize>,
    open: Vec<Frame>,
    /// Anchors by the parser's numbers.
    anchors: BTreeMap<usize, usize>,
}

/// A collection whose end has not been met.
#[derive(Debug)]
struct Frame {
    node: usize,
    /// In a mapping, the key that waits for its value.
    key: Option<usize>,
}

impl<'t> Builder<'t> {
    fn take(&mut self, event: Event<'t>, span: Range<usize>, text: &str) -> Option<Progress> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                // A tag says what a value is, as quotes do.
                let style = match (style, tag) {
                    (ScalarStyle::Plain, Some(_)) => ScalarStyle::DoubleQuoted,
                    (style, _) => style,
                };
                self.add(Shape::Scalar(value, style), trim(text, span), anchor);
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied();
                self.add(Shape::Alias(target), span, 0);
            }
            Event::SequenceStart(_, anchor, _) => {
                let node = self.add(Shape::List(Vec::new()), span, anchor);
                self.open.push(Frame { node, key: None });
            }
            Event::MappingStart(_, anchor, _) => {
                let node = self.add(Shape::Mapping(Mapping::default()), span, anchor);
                self.open.push(Frame { node, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = self.open.pop()?;
                if let Shape::Mapping(mapping) = &mut self.nodes[closed.node].shape {
                    mapping.close();
                }
            }
            Event::DocumentEnd => return Some(Progress::Complete),
            _ => {}
        }
        (self.open.len() <= limits::PARSED_NESTING).then_some(Progress::Open)
    }

    fn add(&mut self, shape: Shape<'t>, span: Range<usize>, anchor: usize) -> usize {
        let node = self.nodes.len();
        self.nodes.push(Node { span, shape });
        if anchor != 0 {
            self.anchors.insert(anchor, node);
        }
        let Some(frame) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return node;
        };
        let parent = frame.node;
        match (&self.nodes[parent].shape, frame.key.take()) {
            (Shape::Mapping(_), None) => frame.key = Some(node),
            (Shape::Mapping(_), Some(key)) => {
                let target = match self.nodes[key].shape {
                    Shape::Alias(Some(target)) => target,
                    _ => key,
                };
                let text = match &self.nodes[target].shape {
                    Shape::Scalar(text, _) => Some(text.clone()),
                    _ => None,
                };
                let entry = Entry {
                    key: text,
                    span: self.nodes[key].span.clone(),
                    value: node,
                };
                if let Shape::Mapping(mapping) = &mut self.nodes[parent].shape {
                    mapping.entries.push(entry);
                }
            }
            _ => {
                if let Shape::List(elements) = &mut self.nodes[parent].shape {
                    elements.push(node);
                }
            }
        }
        node
    }
}

/// A block scalar's span ends after its line break; people want to see its text.
fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let length = text
        .get(span.clone())
        .map_or(0, |value| value.trim_end().len());
    span.start..span.start + length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Segment {
        Segment::Key(name.to_owned().into())
    }

    #[test]
    fn finds_values_keys_and_nearest_parents() {
        let text =
            "spec:\n  ports:\n  - port: 80\n    name: web\n  - port: 81\nlabels: {a.b: x, c: }\n";
        let outline = Outline::parse(text).unwrap();
        let cases: &[(&[Segment], &str, usize)] = &[
            (&[], "spec", 0),
            (&[key("spec")], "spec", 1),
            (&[key("spec"), key("ports")], "ports", 2),
            (&[key("spec"), key("ports"), Segment::Index(1)], "port", 3),
            (
                &[key("spec"), key("ports"), Segment::Index(1), key("port")],
                "81",
                4,
            ),
            (
                &[key("spec"), key("ports"), Segment::Index(7), key("port")],
                "ports",
                2,
            ),
            (&[key("spec"), key("nothing")], "spec", 1),
            (&[key("labels"), key("a.b")], "x", 2),
            (&[key("labels"), key("c")], "c", 2),
        ];
        for (path, expected, steps) in cases {
            let spot = outline.find(path);
            assert_eq!(&text[spot.span.clone()], *expected, "{path:?}");
            assert_eq!(spot.steps, *steps, "{path:?}");
        }
    }

    #[test]
    fn follows_aliases() {
        let text = "a: &x\n  b: 1\nc: *x\n";
        let outline = Outline::parse(text).unwrap();
        assert_eq!(&text[outline.find(&[key("c")]).span], "*x");
        assert_eq!(&text[outline.find(&[key("c"), key("b")]).span], "1");
    }

    #[test]
    fn reads_json() {
        let text = r#"{"spec": {"ports": [{"port": 80}]}}"#;
        let outline = Outline::parse(text).unwrap();
        let path = [key("spec"), key("ports"), Segment::Index(0), key("port")];
        assert_eq!(&text[outline.find(&path).span], "80");
    }

    #[test]
    fn finds_duplicates_however_they_are_written() {
        let text = "a: 1\nm:\n- {k: 1, \"k\": 2, l: 3}\n'a': 2\n";
        let found = Outline::parse(text).unwrap().duplicates();
        let seen: Vec<_> = found
            .iter()
            .map(|d| {
                (
                    d.key.as_str(),
                    &text[d.first.clone()],
                    &text[d.second.clone()],
                )
            })
            .collect();
        assert_eq!(seen, [("k", "k", "\"k\""), ("a", "a", "'a'")]);
        assert_eq!(found[0].path, [key("m"), Segment::Index(0)]);
    }
}
