//! JSON, SARIF among it.

use std::fmt::Write as _;

use serde::Serialize;

/// A document over several lines, with a final line feed, in ASCII: it means the same, and cannot
/// disturb a terminal or a log.
pub fn json(document: &impl Serialize) -> String {
    // Documents have keys that are strings: serialising cannot fail.
    ascii(&(serde_json::to_string_pretty(document).unwrap_or_default() + "\n"))
}

/// A document in one line, with a final line feed, in ASCII as above.
pub fn json_line(document: &impl Serialize) -> String {
    ascii(&(serde_json::to_string(document).unwrap_or_default() + "\n"))
}

/// JSON that others wrote, as it may be printed. In what is JSON, signs that are not printable stand
/// within strings only, where `\u` means them.
pub fn json_source(text: &str) -> String {
    ascii(text)
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    let mut before = None;
    for c in text.chars() {
        // DEL is one that JSON itself lets pass; after `##`, CI systems look for a command.
        if matches!(c, '\n' | ' '..='~') && !(c == '#' && before == Some('#')) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        before = Some(c);
    }
    out
}
