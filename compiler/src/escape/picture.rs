//! Labels in pictures: Graphviz and Mermaid, both in double quotes.

use std::fmt::Write as _;

use super::visible;

/// A label of Graphviz.
pub(crate) fn dot(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// A label of Mermaid: letters that mean something become its character numbers.
pub(crate) fn mermaid(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ':' | '/' | '-' | '[' | ']' => {
                out.push(c);
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}
