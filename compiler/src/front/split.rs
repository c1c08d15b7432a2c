//! Cuts a stream of YAML documents at its markers.
//!
//! A line that starts with `---` or `...` followed by white space ends a document wherever it
//! stands, even within a quoted or a block scalar, so the cut needs no parser.

use std::ops::Range;

use super::lines::lines;

/// A document of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where the document is, in bytes of the text.
    pub(super) range: Range<usize>,
    /// What of its beginning kubectl makes something else of.
    pub(super) seam: Option<Seam>,
}

/// How a document begins that kubectl does not see as one: it cuts at lines that hold `---` alone, and reads
/// the first document of each stretch. Source: `YAMLReader` in `k8s.io/apimachinery/pkg/util/yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seam {
    /// On the line of its `---`.
    OnMarker,
    /// After a `...`, without a `---`.
    AfterEnd,
    /// Behind a directive such as `%YAML 1.2`.
    Directive,
}

impl Seam {
    /// What is to be said of it, and the way out.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::OnMarker => (
                "a document that begins on the line of its `---`: kubectl refuses the file from here on",
                "begin it on the line after `---`",
            ),
            Self::AfterEnd => (
                "a document after `...` without a `---`: kubectl does not see it, and applies nothing of it",
                "write a line `---` before it",
            ),
            Self::Directive => (
                "a directive before a document: kubectl refuses the file from here on",
                "remove it: kubectl reads YAML 1.1, and takes no directives",
            ),
        }
    }
}

/// The documents of a text, as stretches that parse by themselves: a document's directives and its
/// `---` belong to it. Stretches with nothing but comments are left out.
pub(super) fn documents(text: &str, start: usize) -> Vec<Cut> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut add = |range: Range<usize>, after| {
        let (prologue, directive) = prologue(&text[range.clone()]);
        if prologue == Prologue::Content {
            let seam = match (directive, after) {
                (Prologue::Directives, _) => Some(Seam::Directive),
                (_, After::End) => Some(Seam::AfterEnd),
                _ => begins_on_marker(&text[range.clone()]).then_some(Seam::OnMarker),
            };
            found.push(Cut { range, seam });
        }
    };
    let (mut open, mut after) = (start, After::Marker);
    for marker in markers(bytes, start) {
        // Directives stand before the marker of the document they are for.
        let before = prologue(&text[open..marker]).0;
        if bytes[marker] == b'-' && before == Prologue::Directives {
            continue;
        }
        add(open..marker, after);
        (open, after) = if bytes[marker] == b'-' {
            (marker, After::Marker)
        } else {
            let end = memchr::memchr(b'\n', &bytes[marker..]);
            (end.map_or(bytes.len(), |at| marker + at), After::End)
        };
    }
    add(open..bytes.len(), after);
    found
}

/// What a document comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// `---`, or nothing.
    Marker,
    /// `...`, which ends a document.
    End,
}

fn begins_on_marker(document: &str) -> bool {
    let line = document.lines().next().unwrap_or_default();
    let rest = line.strip_prefix("---").map(str::trim_start);
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('#'))
}

/// Offsets of all document markers, in order.
fn markers(bytes: &[u8], start: usize) -> Vec<usize> {
    let is_marker = |at: usize| {
        matches!(bytes.get(at..at + 3), Some(b"---" | b"..."))
            && matches!(bytes.get(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    };
    let mut found: Vec<usize> = is_marker(start).then_some(start).into_iter().collect();
    for prefix in ["---", "..."] {
        found.extend(lines(bytes, start..bytes.len(), prefix, is_marker));
    }
    found.sort_unstable();
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prologue {
    Nothing,
    Directives,
    Content,
}

/// What a stretch holds, judged by its first line that is neither blank nor a comment; and whether
/// directives stand before it.
fn prologue(text: &str) -> (Prologue, Prologue) {
    let mut seen = Prologue::Nothing;
    let mut before = Prologue::Nothing;
    for line in text.split('\n') {
        let rest = line.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if line.starts_with('%') {
            seen = Prologue::Directives;
            before = seen;
            continue;
        }
        let marker = line.strip_prefix("---").map(str::trim_start);
        if marker.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            // The marker of a document that holds nothing so far.
            seen = Prologue::Nothing;
            continue;
        }
        return (Prologue::Content, before);
    }
    (seen, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        documents(text, 0)
            .into_iter()
            .map(|cut| &text[cut.range])
            .collect()
    }

    #[test]
    fn cuts_at_markers_only() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("# nothing\n\n---\n# still nothing\n---\n", &[]),
            ("a: 1", &["a: 1"]),
            ("a: 1\n---\nb: 2\n", &["a: 1\n", "---\nb: 2\n"]),
            (
                "---\na: 1\n--- # why\nb: 2",
                &["---\na: 1\n", "--- # why\nb: 2"],
            ),
            ("--- {a: 1}\n--- text", &["--- {a: 1}\n", "--- text"]),
            ("a: 1\r\n---\r\nb: 2\r\n", &["a: 1\r\n", "---\r\nb: 2\r\n"]),
            (
                "a: |\n  x\n  ---\n  y\n---\nb: 2",
                &["a: |\n  x\n  ---\n  y\n", "---\nb: 2"],
            ),
            ("a: 1\n----\n", &["a: 1\n----\n"]),
            ("a: 1\n...\nb: 2\n...\n", &["a: 1\n", "\nb: 2\n"]),
            ("%YAML 1.2\n---\na: 1\n", &["%YAML 1.2\n---\na: 1\n"]),
            (
                "a: 1\n...\n%YAML 1.2\n---\nb: 2\n",
                &["a: 1\n", "\n%YAML 1.2\n---\nb: 2\n"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn kubectl_cuts_at_lines_of_three_dashes_alone() {
        use Seam::{AfterEnd, Directive, OnMarker};
        let cases: &[(&str, &[Option<Seam>])] = &[
            (
                "a: 1\n---\nb: 2\n--- # why\nc: 3\n---  \nd: 4\n",
                &[None; 4],
            ),
            ("a: 1\n--- {b: 2}\n", &[None, Some(OnMarker)]),
            ("--- |\n  text\n", &[Some(OnMarker)]),
            ("a: 1\n...\n", &[None]),
            ("a: 1\n...\n# nothing\n---\nb: 2\n", &[None, None]),
            (
                "a: 1\n...\nb: 2\n---\nc: 3\n",
                &[None, Some(AfterEnd), None],
            ),
            (
                "%YAML 1.1\n---\na: 1\n---\nb: 2\n",
                &[Some(Directive), None],
            ),
        ];
        for (text, expected) in cases {
            let found: Vec<Option<Seam>> =
                documents(text, 0).into_iter().map(|cut| cut.seam).collect();
            assert_eq!(found, *expected, "{text:?}");
        }
    }
}
