//! From a field of an object to its bytes.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::objects::{Document, Objects};
use super::outline::{Outline, Scalar};
use crate::source::{FieldPath, ObjectId, Segment, Sources, Span};

/// Looks up fields, keeping the last document's outline: ask object by object.
#[derive(Debug)]
pub(crate) struct Locator<'a> {
    sources: &'a Sources,
    objects: &'a Objects,
    last: Option<(Span, Option<Outline<'a>>)>,
}

impl<'a> Locator<'a> {
    /// A locator with nothing looked up yet.
    pub(crate) fn new(sources: &'a Sources, objects: &'a Objects) -> Self {
        Self {
            sources,
            objects,
            last: None,
        }
    }

    /// See [`Objects::locate`].
    pub(crate) fn locate(&mut self, id: ObjectId, path: &FieldPath) -> Span {
        let Document {
            span, path: prefix, ..
        } = self.objects.document(id);
        let text = &self.sources.get(span.source).text[span.range()];
        if self.last.as_ref().is_none_or(|(last, _)| last != span) {
            self.last = Some((*span, Outline::parse(text)));
        }
        let full: Vec<Segment> = prefix
            .segments()
            .iter()
            .chain(path.segments())
            .cloned()
            .collect();
        let found = match &self.last {
            Some((_, Some(outline))) => follow(outline, text, &full),
            _ => first_line(text),
        };
        let found = if text.get(found.clone()).is_some() {
            found
        } else {
            first_line(text)
        };
        Span {
            source: span.source,
            start: span.start + found.start,
            end: span.start + found.end,
        }
    }
}

fn follow(outline: &Outline<'_>, text: &str, path: &[Segment]) -> Range<usize> {
    let spot = outline.find(path);
    if spot.span.is_empty() && spot.steps == 0 {
        return first_line(text);
    }
    let rest = &path[spot.steps..];
    match spot.scalar {
        // A path that goes on within a scalar: YAML within YAML, as in a ConfigMap.
        Some(scalar) if !rest.is_empty() => {
            let inner = Outline::parse(scalar.text).map(|inner| inner.find(rest).span);
            inner
                .and_then(|inner| outward(text, &scalar, inner))
                .unwrap_or(spot.span)
        }
        _ => spot.span,
    }
}

/// Maps bytes of a literal block scalar's value to the bytes of the document it was written in.
pub(super) fn outward(
    text: &str,
    scalar: &Scalar<'_>,
    inner: Range<usize>,
) -> Option<Range<usize>> {
    if scalar.style != ScalarStyle::Literal {
        return None;
    }
    let before = scalar.text.get(..inner.start)?;
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let wanted = scalar.text.lines().nth(line)?;
    let length = inner.len().min(wanted.len().saturating_sub(column));
    // The value starts on the line after the indicator, but parsers disagree on whether the span
    // does; compare text to be sure.
    let mut at = line_start(text, scalar.span.start);
    let lines = text.get(at..)?.split_inclusive('\n').map(|written| {
        let start = at;
        at += written.len();
        (start, written.trim_end_matches(['\n', '\r']))
    });
    let first = scalar.text.lines().next()?;
    let mut body = lines.skip_while(|(_, written)| {
        let indented = written.starts_with(' ') || written.is_empty();
        !(indented && written.trim_start_matches(' ') == first.trim_start_matches(' '))
    });
    let (start, written) = body.nth(line)?;
    let indent = written
        .len()
        .checked_sub(wanted.trim_end_matches('\r').len())?;
    if written[..indent].bytes().any(|byte| byte != b' ') {
        return None;
    }
    let start = start + indent + column;
    Some(start..start + length)
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |at| at + 1)
}

/// The first line that says something, without white space around it.
pub(super) fn first_line(text: &str) -> Range<usize> {
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
