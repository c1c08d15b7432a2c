//! Plain scalars in brackets that end in a colon, such as `[2001:db8::]`.
//!
//! To kubectl's parser the colon belongs to the scalar, as no white space follows it; libyaml refuses
//! it. Such scalars get quotes, so that both read the same. Source: `yaml_parser_scan_plain_scalar` of
//! `sigs.k8s.io/yaml/goyaml.v2`.

use granit_parser::{Event, Parser, ScalarStyle};

/// The text with quotes around them, if it has any.
pub(super) fn quoted(text: &str) -> Option<String> {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for next in Parser::new_from_str(text) {
        // What follows a mistake stays as it is: libyaml will find it too.
        let Ok((event, span)) = next else { break };
        let Event::Scalar(_, ScalarStyle::Plain, _, _) = event else {
            continue;
        };
        let Some(span) = span.byte_range() else { break };
        let mut after = text.get(span.end..)?.bytes();
        let is_one = after.next() == Some(b':')
            && matches!(after.next(), Some(b',' | b'[' | b']' | b'{' | b'}'));
        // An empty scalar has no place of its own, and an alias may come back to one.
        if !is_one || span.is_empty() || span.start < done {
            continue;
        }
        let end = span.end + 1;
        quoted.push_str(text.get(done..span.start)?);
        quoted.push('\'');
        quoted.push_str(&text.get(span.start..end)?.replace('\'', "''"));
        quoted.push('\'');
        done = end;
    }
    (done > 0).then(|| {
        quoted.push_str(&text[done..]);
        quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_that_end_in_a_colon_get_quotes() {
        for (text, expected) in [
            ("a: [2001:db8::]\n", Some("a: ['2001:db8::']\n")),
            (
                "a: [fd00::, b:, 'c:',\n  d's:]\n",
                Some("a: ['fd00::', 'b:', 'c:',\n  'd''s:']\n"),
            ),
            ("a: {b:, c: fd00::}\n", Some("a: {'b:', c: 'fd00::'}\n")),
            ("a: [b: 1, c]\n", None),
            ("a: b:c\n", None),
            ("{\"a\":[1]}", None),
        ] {
            assert_eq!(quoted(text).as_deref(), expected, "{text}");
        }
    }
}
