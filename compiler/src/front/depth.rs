//! Nesting, judged before a YAML parser sees the text: the time it takes grows with the square of the
//! depth of collections in brackets.

use granit_parser::{ErrorKind, Event, Marker, Parser};

use crate::source::limits;

/// Where mappings and lists in brackets nest so deep that the text is not to be parsed: the line and
/// the column, from 1.
///
/// The limit here is twice that of what is read, which the reader itself holds to the level.
pub(super) fn too_deep(text: &str) -> Option<(usize, usize)> {
    if at_most(text) <= limits::PARSED_NESTING {
        return None;
    }
    let at = |mark: &Marker| (mark.line(), mark.col() + 1);
    let mut depth = 0_usize;
    let mut beyond = None;
    for next in Parser::new_from_str(text) {
        match next {
            Ok((Event::SequenceStart(..) | Event::MappingStart(..), span)) => {
                depth += 1;
                if depth == limits::NESTING + 1 {
                    beyond = Some(at(&span.start));
                }
                if depth > limits::PARSED_NESTING {
                    return beyond;
                }
            }
            Ok((Event::SequenceEnd | Event::MappingEnd, _)) => depth = depth.saturating_sub(1),
            Ok(_) => {}
            // What only this parser refuses is left to the other one, unless that could take long.
            Err(error) => {
                let too_deep = *error.kind() == ErrorKind::RecursionLimitExceeded
                    || open_at_once(text) > limits::PARSED_NESTING;
                return too_deep.then(|| beyond.unwrap_or_else(|| at(error.marker())));
            }
        }
    }
    None
}

/// How many brackets may be open at once, at most: counted exactly where none can be text.
fn at_most(text: &str) -> usize {
    let bytes = text.as_bytes();
    let opened = memchr::memchr2_iter(b'{', b'[', bytes).count();
    if opened <= limits::PARSED_NESTING || memchr::memchr3(b'"', b'\'', b'#', bytes).is_some() {
        return opened;
    }
    // Brackets in block scalars and in plain text close more than there is, at depth 0, or open what
    // is none: too many are counted then, never too few.
    open_at_once(text)
}

/// How many brackets are open at once, at most, if all of them are brackets.
fn open_at_once(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_and_not_number() {
        let many = format!("a: [{}]\n", "{b: [1]}, ".repeat(5_000));
        assert_eq!(at_most(&many), 3);
        assert_eq!(too_deep(&many), None);
        let quoted = many.replace('1', "'1'");
        assert!(at_most(&quoted) > limits::PARSED_NESTING);
        assert_eq!(too_deep(&quoted), None);
    }

    #[test]
    fn brackets_in_text_hide_nothing() {
        let deep = "[".repeat(2_000);
        for text in [
            deep.clone(),
            format!("a: {deep}"),
            format!("a: [\"]]]]\", {deep}"),
            format!("a: ['{}', {}", "]".repeat(3_000), deep),
            format!("a: 1 # {}\nb: {deep}", "]".repeat(3_000)),
            format!("a: |\n  {}\nb: {}", "]".repeat(3_000), "{a: ".repeat(2_000)),
            format!("a: {}", "\n  {\"b\":".repeat(2_000)),
        ] {
            assert!(too_deep(&text).is_some(), "{}", &text[..30.min(text.len())]);
        }
    }
}
