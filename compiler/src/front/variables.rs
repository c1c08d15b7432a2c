//! Variables in text that becomes a manifest once they are filled in: `port: ${PORT}`, as Flux's
//! `postBuild.substitute` and `envsubst` take them.

use memchr::memmem;

use crate::source::Segment;
use crate::source::outline::Outline;

/// Whether a text has a variable: `${NAME}`, or one with a default, such as `${NAME:-1}`. `$${NAME}` is
/// the text `${NAME}`.
pub(super) fn is_in(text: &str) -> bool {
    memmem::find_iter(text.as_bytes(), "${").any(|at| {
        let rest = &text[at + 2..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        !text[..at].ends_with('$') && is_name && rest.starts_with(['}', ':', '-', '='])
    })
}

/// Whether a value of an object has one, but for its annotations.
pub(super) fn is_in_object(outline: &Outline<'_>) -> bool {
    let mut found = false;
    outline.leaves(&mut |path, _| {
        let keys = path.iter().filter_map(|segment| match segment {
            Segment::Key(key) => Some(&**key),
            Segment::Index(_) => None,
        });
        let is_annotation = keys.take(2).eq(["metadata", "annotations"]);
        if !found && !is_annotation {
            let scalar = outline.find(path).scalar;
            found = scalar.is_some_and(|scalar| is_in(scalar.text));
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_by_their_names() {
        for (text, expected) in [
            ("port: ${PORT}", true),
            ("port: ${PORT:=80}", true),
            ("{port: ${port_1:-80}}", true),
            ("a: $${PORT}", false),
            ("a: $PORT", false),
            ("a: ${}", false),
            ("a: ${1}", false),
            ("a: ${a b}", false),
            ("a: ${PORT", false),
        ] {
            assert_eq!(is_in(text), expected, "{text}");
        }
    }

    #[test]
    fn annotations_do_not_count() {
        for (text, expected) in [
            ("metadata: {annotations: {a: '${X}'}}", false),
            ("metadata: {name: '${X}'}", true),
            ("spec:\n  ports:\n  - port: ${X}\n", true),
            ("spec: {}\n# ${X}\n", false),
        ] {
            let outline = Outline::parse(text).unwrap();
            assert_eq!(is_in_object(&outline), expected, "{text}");
        }
    }
}
