//! GitHub's workflow commands: `::notice file=…,line=…::message`.

use super::visible;

/// Text after the second `::`.
pub fn message(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// A text of several lines after the second `::`, which stay lines.
pub fn messages(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(message).collect();
    lines.join("%0A")
}

/// The path of a file as a property. It has to be the file's own: letters and digits of any script stay as
/// they are, with what is put on them.
pub fn path(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let plain = rest.find(is_letter).unwrap_or(rest.len());
        out.push_str(&property(&rest[..plain]));
        rest = &rest[plain..];
        if plain == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Whether a character beyond ASCII is a letter or digit, or an accent on one.
pub fn is_letter(c: char) -> bool {
    !c.is_ascii() && (c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}'))
}

/// The value of a property, which ends at a comma or colon.
pub fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
