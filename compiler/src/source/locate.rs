//! From fields of objects to their bytes.
//!
//! Places are asked for all at once: each document is then parsed a single time, however many of its
//! fields are to be shown and in whatever order.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::ScalarStyle;
use rayon::prelude::*;

use super::objects::{Document, Objects};
use super::outline::{Outline, Scalar};
use super::{FieldPath, ObjectId, Segment, Sources, Span};

/// The bytes of each of these fields, in the order asked; see [`Objects::locate`].
///
/// # Panics
/// For an object of other sources.
pub(crate) fn locate(
    sources: &Sources,
    objects: &Objects,
    fields: &[(ObjectId, &FieldPath)],
) -> Vec<Span> {
    let mut order: Vec<(Span, usize)> = fields
        .iter()
        .enumerate()
        .map(|(at, (object, _))| (objects.document(*object).span, at))
        .collect();
    order.sort_unstable();
    let by_document: Vec<&[(Span, usize)]> = order
        .chunk_by(|(one, _), (other, _)| one == other)
        .collect();
    let located: Vec<Vec<Span>> = by_document
        .par_iter()
        .map(|chunk| {
            let span = chunk[0].0;
            let text = &sources.get(span.source).text[span.range()];
            let outline = Outline::parse(text);
            let mut finder = outline.as_ref().map(|outline| Finder::new(outline, text));
            let found = chunk.iter().map(|(_, at)| {
                let (object, path) = fields[*at];
                let Document {
                    path: prefix,
                    start,
                    ..
                } = objects.document(object);
                let full: Vec<Segment> = prefix
                    .segments()
                    .iter()
                    .chain(path.segments())
                    .cloned()
                    .collect();
                let found = finder.as_mut().map(|finder| finder.find(&full, *start));
                let found = found.filter(|found| text.get(found.clone()).is_some());
                let found = found.unwrap_or_else(|| first_line(text));
                Span {
                    source: span.source,
                    start: span.start + found.start,
                    end: span.start + found.end,
                }
            });
            found.collect()
        })
        .collect();
    let mut spans: Vec<(usize, Span)> = order
        .iter()
        .map(|(_, at)| *at)
        .zip(located.into_iter().flatten())
        .collect();
    spans.sort_unstable_by_key(|(at, _)| *at);
    spans.into_iter().map(|(_, span)| span).collect()
}

/// The bytes of a field of a text that is one document; of one that it has not, those of the nearest
/// around it.
pub fn span_in(text: &str, path: &FieldPath) -> Range<usize> {
    let found = Outline::parse(text).map(|outline| outline.find(path.segments()).span);
    found
        .filter(|found| text.get(found.clone()).is_some())
        .unwrap_or_else(|| first_line(text))
}

/// Looks up fields of one document.
struct Finder<'o> {
    outline: &'o Outline<'o>,
    text: &'o str,
    /// Documents in scalars, by where the scalar starts and where the document does in its value.
    embedded: BTreeMap<(usize, usize), Option<Embedded<'o>>>,
}

/// YAML within a scalar, as in a `ConfigMap`.
struct Embedded<'o> {
    outline: Outline<'o>,
    lines: ScalarLines,
}

impl<'o> Finder<'o> {
    fn new(outline: &'o Outline<'o>, text: &'o str) -> Self {
        Self {
            outline,
            text,
            embedded: BTreeMap::new(),
        }
    }

    /// A field of the object that starts at an offset of the text that its path leads to.
    fn find(&mut self, path: &[Segment], start: usize) -> Range<usize> {
        let spot = self.outline.find(path);
        if spot.span.is_empty() && spot.steps == 0 {
            return first_line(self.text);
        }
        let rest = &path[spot.steps..];
        match spot.scalar {
            // A path that goes on within a scalar.
            Some(scalar) if !rest.is_empty() => {
                let text = self.text;
                let embedded = self
                    .embedded
                    .entry((scalar.span.start, start))
                    .or_insert_with(|| {
                        Some(Embedded {
                            outline: Outline::parse(scalar.text.get(start..)?)?,
                            lines: ScalarLines::new(text, &scalar)?,
                        })
                    });
                embedded
                    .as_ref()
                    .and_then(|Embedded { outline, lines }| {
                        let Range { start: from, end } = outline.find(rest).span;
                        lines.outward(start + from..start + end)
                    })
                    .unwrap_or(spot.span)
            }
            _ => spot.span,
        }
    }
}

/// Where the lines of a literal block scalar's value stand in the document it was written in.
pub(crate) struct ScalarLines(Vec<Line>);

/// A line without its end.
struct Line {
    /// In the value.
    inner: Range<usize>,
    /// Where it starts in the document.
    outer: usize,
}

impl ScalarLines {
    /// Of a scalar of a text; nothing where it is written in another style.
    pub(crate) fn new(text: &str, scalar: &Scalar<'_>) -> Option<Self> {
        if scalar.style != ScalarStyle::Literal {
            return None;
        }
        // The value starts on the line after the indicator, but parsers disagree on whether the span
        // does; compare text to be sure.
        let mut at = line_start(text, scalar.span.start);
        let lines = text.get(at..)?.split_inclusive('\n').map(|written| {
            let start = at;
            at += written.len();
            (start, written.trim_end_matches(['\n', '\r']))
        });
        let first = scalar.text.lines().next()?;
        let body = lines.skip_while(|(_, written)| {
            let indented = written.starts_with(' ') || written.is_empty();
            !(indented && written.trim_start_matches(' ') == first.trim_start_matches(' '))
        });
        let mut inner = 0;
        let values = scalar.text.split_inclusive('\n').map(|line| {
            let start = inner;
            inner += line.len();
            (start, line.trim_end_matches(['\n', '\r']))
        });
        // A line that is not written as it is read ends what is known.
        let lines = values
            .zip(body)
            .map_while(|((start, value), (outer, written))| {
                let indent = written.len().checked_sub(value.len())?;
                let blank = written[..indent].bytes().all(|byte| byte == b' ');
                blank.then(|| Line {
                    inner: start..start + value.len(),
                    outer: outer + indent,
                })
            });
        Some(Self(lines.collect()))
    }

    /// Maps bytes of the value to those of the document; they end with their line.
    pub(crate) fn outward(&self, inner: Range<usize>) -> Option<Range<usize>> {
        let after = self
            .0
            .partition_point(|line| line.inner.start <= inner.start);
        let line = self.0.get(after.checked_sub(1)?)?;
        if inner.start > line.inner.end {
            return None;
        }
        let outward = |at: usize| line.outer + (at - line.inner.start);
        let end = inner.end.clamp(inner.start, line.inner.end);
        Some(outward(inner.start)..outward(end))
    }
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The first line that says something, without white space around it.
pub(crate) fn first_line(text: &str) -> Range<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim();
        if !said.is_empty() && !said.starts_with('#') && said != "---" {
            let lead = line.len() - line.trim_start().len();
            return start + lead..start + lead + said.len();
        }
        start += line.len();
    }
    0..0
}
