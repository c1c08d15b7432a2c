//! XML, as JUnit reports are written in. Characters that no XML document may hold are escaped by
//! [`visible`], so that four with a meaning of their own are left.

use super::visible;

/// Text between tags, or in an attribute in double quotes.
pub(crate) fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
