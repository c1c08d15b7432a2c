//! Markdown, as forges read it in comments.

use std::fmt::Write as _;

use super::visible;

/// What forges look for after Markdown is rendered, where neither a backslash nor an entity is left
/// to tell: users, issues, merge requests, labels, milestones, snippets and epics. A comment between
/// the sign and the name parts them.
const SIGNS: &str = "@#!~%$&^";
const PARTED: &str = "<!-- -->";

/// Within a line or a cell of a table, so that it is no markup, mention, reference or link.
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            // Signs that begin HTML and entities, and the two that make addresses links, which a
            // backslash does not keep from it.
            '<' | '>' | '&' => entity(&mut out, c),
            ':' if text[at..].starts_with("://") => entity(&mut out, c),
            '.' if before.eq_ignore_ascii_case(&'w') => entity(&mut out, c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        if parts(&text[at..], before) {
            out.push_str(PARTED);
        }
        before = c;
    }
    out
}

/// Whether what begins here could be a reference: a sign or `GH-`, and a name or number.
fn parts(rest: &str, before: char) -> bool {
    let mut chars = rest.chars();
    let (sign, next) = (chars.next(), chars.next());
    let names = |c: char| c.is_alphanumeric() || matches!(c, '"' | '_' | '{');
    next.is_some_and(names)
        && sign.is_some_and(|sign| {
            SIGNS.contains(sign) || sign == '-' && before.eq_ignore_ascii_case(&'h')
        })
}

fn entity(out: &mut String, c: char) {
    match c {
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '&' => out.push_str("&amp;"),
        // Writing to a String cannot fail.
        _ => drop(write!(out, "&#{};", u32::from(c))),
    }
}

/// As code within a line.
pub fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'"))
}

/// Within a fence of three backticks, which nothing in it can end.
pub fn fenced(text: &str) -> String {
    visible(text).replace("```", "'''")
}

/// What can stand in an HTML comment.
pub fn marker(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/');
    let text: String = text
        .chars()
        .take(100)
        .map(|c| if safe(c) { c } else { '-' })
        .collect();
    // Two dashes could end the comment.
    text.split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}
