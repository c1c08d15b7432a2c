//! The one line of a source that a diagnostic shows.

use std::ops::Range;

use crate::escape;
use crate::source::{Sources, Span};

/// Characters of a line that are shown; longer ones are cut around the span.
const WIDTH: usize = 120;

/// How many of them may come before the span.
const LEAD: usize = 60;

/// A line made visible, and where in it the span lies.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub(super) line: String,
    pub(super) marked: Range<usize>,
}

/// Takes the line at a span's start; a span over several lines is cut at its first.
pub(super) fn excerpt(sources: &Sources, span: Span) -> Excerpt {
    let text = &sources.get(span.source).text;
    let start = floor(text, span.start);
    let end = floor(text, span.end).max(start);
    let line = sources.line_range(span.source, start);
    let marked = start..end.min(line.end).max(start);

    let window_start = back(text, line.start, start, LEAD);
    let window_end = forward(text, window_start, line.end, WIDTH);
    let mut out = String::new();
    if window_start > line.start {
        out.push_str("...");
    }
    let mut range = None;
    let mut finish = None;
    for (at, _) in text[window_start..window_end].char_indices() {
        let at = window_start + at;
        if at == marked.start {
            range = Some(out.len());
        }
        if at >= marked.end && at > marked.start {
            finish.get_or_insert(out.len());
        }
        escape::push(&mut out, &text[at..]);
    }
    let begin = range.unwrap_or(out.len());
    let finish = finish.unwrap_or(out.len()).max(begin);
    if window_end < line.end {
        out.push_str("...");
    }
    Excerpt {
        line: out,
        marked: begin..finish,
    }
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// So many characters before an offset, but not before a bound.
fn back(text: &str, bound: usize, offset: usize, count: usize) -> usize {
    text[bound..offset]
        .char_indices()
        .rev()
        .take(count)
        .last()
        .map_or(offset, |(at, _)| bound + at)
}

/// So many characters after an offset, but not after a bound.
fn forward(text: &str, offset: usize, bound: usize, count: usize) -> usize {
    text[offset..bound]
        .char_indices()
        .nth(count)
        .map_or(bound, |(at, _)| offset + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, range: Range<usize>) -> Excerpt {
        let mut sources = Sources::default();
        let source = sources.add("a", text.to_owned());
        excerpt(
            &sources,
            Span {
                source,
                start: range.start,
                end: range.end,
            },
        )
    }

    #[test]
    fn takes_the_line_and_marks_the_span() {
        let whole = Excerpt {
            line: "b: cd".to_owned(),
            marked: 3..5,
        };
        assert_eq!(cut("a: 1\nb: cd\ne", 8..10), whole);
        assert_eq!(cut("a: 1\nb: cd\r\ne", 8..13), whole);
        let escaped = Excerpt {
            line: "\\u{e9}: \\tx".to_owned(),
            marked: 10..11,
        };
        assert_eq!(cut("é: \tx", 5..6), escaped);
        assert_eq!(
            cut("", 0..0),
            Excerpt {
                line: String::new(),
                marked: 0..0
            }
        );
    }

    #[test]
    fn cuts_long_lines_around_the_span() {
        let text = format!("{}HERE{}", "a".repeat(5000), "b".repeat(5000));
        let Excerpt { line, marked } = cut(&text, 5000..5004);
        assert_eq!(&line[marked], "HERE");
        assert!(line.len() <= WIDTH + 6 && line.starts_with("...a") && line.ends_with("b..."));
    }
}
