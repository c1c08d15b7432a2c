//! Cuts a YAML list as kubectl prints it at its items, by their indentation.
//!
//! A line with a dash at the items' own column starts the next item unless it lies within a quoted
//! scalar or a flow collection; then the item before it lacks its closing character and does not
//! parse, and the list is read in one piece.

use std::ops::Range;
use std::sync::LazyLock;

use super::header::KeyLine;
use super::lines::lines;

/// A list's items and what is left without them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Stretches that are a YAML list of one element each.
    pub(super) items: Vec<Range<usize>>,
    /// The text around the items.
    pub(super) envelope: String,
}

/// The items of a document that may be a list and whose items stand in lines of their own. Whether
/// it is one, the envelope tells.
pub(super) fn cut(text: &str) -> Option<Cut> {
    static ITEMS: LazyLock<KeyLine> = LazyLock::new(|| KeyLine::new("items:", 0));
    let after_key = ITEMS.first(text)?;
    let line = text[after_key..].split('\n').next()?.trim();
    if !line.is_empty() && !line.starts_with('#') {
        return None;
    }
    let body = after_key + text[after_key..].find('\n')? + 1;
    let (first, column) = first_item(text, body)?;
    let end = end_of_items(text, first, column);
    Some(Cut {
        items: items(text, first, column, end),
        envelope: format!("{}{}", &text[..first], &text[end..]),
    })
}

/// Cuts at the dashes of one column.
fn items(text: &str, first: usize, column: usize, end: usize) -> Vec<Range<usize>> {
    let prefix = format!("{}-", " ".repeat(column));
    let mut starts = vec![first];
    starts.extend(lines(text.as_bytes(), first..end, &prefix, |at| {
        dash(text, at + column)
    }));
    let ends = starts.iter().skip(1).copied().chain([end]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..end)
        .collect()
}

/// The elements of a document that is a list as a whole, and whose elements stand in lines of their
/// own.
pub(super) fn elements(text: &str) -> Option<Vec<Range<usize>>> {
    let start = text
        .split_inclusive('\n')
        .next()
        .filter(|line| line.trim_end() == "---");
    let (first, column) = first_item(text, start.map_or(0, str::len))?;
    let end = end_of_items(text, first, column);
    (end == text.len()).then(|| items(text, first, column, end))
}

/// Start of the first item's line, and the column of its dash.
fn first_item(text: &str, body: usize) -> Option<(usize, usize)> {
    let mut at = body;
    for line in text[body..].split_inclusive('\n') {
        let rest = line.trim_start_matches(' ');
        let column = line.len() - rest.len();
        if dash(text, at + column) {
            return Some((at, column));
        }
        if !rest.trim().is_empty() && !rest.starts_with('#') {
            return None;
        }
        at += line.len();
    }
    None
}

/// Whether there is the dash of a list item at this offset.
fn dash(text: &str, at: usize) -> bool {
    let rest = &text.as_bytes()[at..];
    rest.first() == Some(&b'-') && matches!(rest.get(1), None | Some(b' ' | b'\n' | b'\r'))
}

/// Start of the first line past the items: one at column 0 that neither continues them nor is
/// empty or a comment.
fn end_of_items(text: &str, first: usize, column: usize) -> usize {
    let bytes = text.as_bytes();
    let past = |at: usize| match bytes.get(at) {
        None => true,
        Some(b' ' | b'\n' | b'\r' | b'#') => false,
        Some(b'-') => column > 0 || !dash(text, at),
        Some(_) => true,
    };
    let found = lines(bytes, first..bytes.len(), "", past);
    found.first().copied().unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Option<Vec<&str>> {
        Some(
            cut(text)?
                .items
                .into_iter()
                .map(|range| &text[range])
                .collect(),
        )
    }

    #[test]
    fn cuts_kubectl_lists() {
        let text = "apiVersion: v1\nitems:\n- kind: A\n  x: |\n    - y\n- kind: B\nkind: List\n";
        let cut = cut(text).unwrap();
        assert_eq!(
            items(text).unwrap(),
            ["- kind: A\n  x: |\n    - y\n", "- kind: B\n"]
        );
        assert_eq!(cut.envelope, "apiVersion: v1\nitems:\nkind: List\n");
    }

    #[test]
    fn cuts_indented_lists() {
        let text = "apiVersion: v1\nkind: List\nitems:\n# two\n  - kind: A\n    l:\n    - 1\n  - kind: B\n";
        assert_eq!(
            items(text).unwrap(),
            ["  - kind: A\n    l:\n    - 1\n", "  - kind: B\n"]
        );
    }

    #[test]
    fn cuts_documents_that_are_lists() {
        let cut = |text| {
            let found = elements(text)?.into_iter();
            Some(found.map(|range| &text[range]).collect::<Vec<&str>>())
        };
        assert_eq!(
            cut("---\n# two\n- a: 1\n  l:\n  - x\n- b\n"),
            Some(vec!["- a: 1\n  l:\n  - x\n", "- b\n"])
        );
        for text in ["a: 1\n", "- a\nb: 1\n", "[a]\n", "", "-a\n"] {
            assert_eq!(cut(text), None, "{text}");
        }
    }

    #[test]
    fn leaves_others_alone() {
        for text in [
            "apiVersion: v1\nkind: List\nitems: []\n",
            "apiVersion: v1\nkind: List\nitems:\n",
            "apiVersion: v1\nkind: List\nitems:\n  [{kind: A}]\n",
            "kind: List\nspec:\n  items:\n  - a\n",
            "",
        ] {
            assert_eq!(items(text), None, "{text}");
        }
    }
}
