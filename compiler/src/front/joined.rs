//! Objects that stand in one document: what files give that are put one after the other, where the first
//! does not end in a line `---`.

use std::ops::Range;

use super::header::Header;
use crate::source::outline::Outline;

/// One of several objects in a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) header: Header,
    /// Its first key that says what it is.
    pub(super) start: Range<usize>,
}

/// The objects of a document that has several; nothing where a key merely stands twice.
pub(super) fn joined(outline: &Outline<'_>) -> Option<Vec<Joined>> {
    let mut found: Vec<Joined> = Vec::new();
    for (key, span, value) in outline.top() {
        let field: fn(&mut Header) -> &mut Option<String> = match key {
            "apiVersion" => |header| &mut header.api_version,
            "kind" => |header| &mut header.kind,
            _ => continue,
        };
        let last = found.last_mut();
        if last.is_none_or(|last| field(&mut last.header).is_some()) {
            found.push(Joined {
                header: Header::default(),
                start: span,
            });
        }
        *field(&mut found.last_mut()?.header) = value.map(str::to_owned);
    }
    let is_whole = |one: &Joined| one.header.api_version.is_some() && one.header.kind.is_some();
    (found.len() > 1 && found.iter().all(is_whole)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_objects_are_told_from_a_key_that_stands_twice() {
        for (text, expected) in [
            (
                "apiVersion: v1\nkind: A\nspec: 1\napiVersion: v1\nkind: B\nspec: 2\n",
                Some("A 0, B 31"),
            ),
            (
                "kind: A\napiVersion: v1\nkind: B\napiVersion: v1\nkind: C\napiVersion: v1\n",
                Some("A 0, B 23, C 46"),
            ),
            ("apiVersion: v1\nkind: A\nkind: B\n", None),
            ("apiVersion: v1\napiVersion: v1\nkind: A\n", None),
            ("apiVersion: v1\nkind: A\nspec: {}\nspec: {}\n", None),
            ("apiVersion: v1\nkind: A\n", None),
            ("[]", None),
        ] {
            let outline = Outline::parse(text).unwrap();
            let found = joined(&outline).map(|found| {
                let each = found.iter().map(|one| {
                    format!(
                        "{} {}",
                        one.header.kind.as_deref().unwrap(),
                        one.start.start
                    )
                });
                each.collect::<Vec<_>>().join(", ")
            });
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
