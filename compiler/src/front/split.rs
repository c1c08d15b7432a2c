//! Cuts a stream of YAML documents at its markers.
//!
//! A line that starts with `---` or `...` followed by white space ends a document wherever it
//! stands, even within a quoted or a block scalar, so the cut needs no parser.

use std::ops::Range;

use super::lines::lines;

/// The documents of a text, as stretches that parse by themselves: a document's directives and its
/// `---` belong to it. Stretches with nothing but comments are left out.
pub(super) fn documents(text: &str, start: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut open = start;
    for marker in markers(bytes, start) {
        let before = prologue(&text[open..marker]);
        // Directives stand before the marker of the document they are for.
        if bytes[marker] == b'-' && before == Prologue::Directives {
            continue;
        }
        if before == Prologue::Content {
            found.push(open..marker);
        }
        open = match bytes[marker] {
            b'-' => marker,
            _ => memchr::memchr(b'\n', &bytes[marker..]).map_or(bytes.len(), |at| marker + at),
        };
    }
    if prologue(&text[open..]) == Prologue::Content {
        found.push(open..bytes.len());
    }
    found
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

/// What a stretch holds, judged by its first line that is neither blank nor a comment.
fn prologue(text: &str) -> Prologue {
    let mut seen = Prologue::Nothing;
    for line in text.split('\n') {
        let rest = line.trim_start();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        if line.starts_with('%') {
            seen = Prologue::Directives;
            continue;
        }
        let marker = line.strip_prefix("---").map(str::trim_start);
        if marker.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            // The marker of a document that holds nothing so far.
            seen = Prologue::Nothing;
            continue;
        }
        return Prologue::Content;
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        documents(text, 0)
            .into_iter()
            .map(|range| &text[range])
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
}
