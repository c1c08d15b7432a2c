//! A difference in a terminal.

use std::fmt::Write as _;

use super::alike::told;
use super::outline::Outline;
use crate::escape::visible;

/// The difference as text without colours; the signs of changes stand in the sixth column.
pub fn human(outline: &Outline) -> String {
    let mut out = format!(
        "Old  {}\nNew  {}\n\n",
        visible(&outline.old),
        visible(&outline.new)
    );
    // Writing to a String cannot fail.
    for told in told(&outline.sections) {
        let section = told.section;
        let _ = writeln!(out, "  {}", section.title());
        for entry in &section.entries {
            let nodes = entry.nodes.as_ref().map(|nodes| format!("on {nodes}"));
            let about: Vec<&str> = [entry.port.as_str(), nodes.as_deref().unwrap_or_default()]
                .into_iter()
                .filter(|text| !text.is_empty())
                .collect();
            if !about.is_empty() {
                let _ = writeln!(out, "    {}", about.join(", "));
            }
            for line in &entry.lines {
                let _ = writeln!(out, "     {} {}", line.sign.as_char(), line.text);
            }
        }
        if let Some(others) = told.others() {
            let _ = writeln!(out, "    {others}");
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}.", outline.headline);
    for note in &outline.notes {
        let _ = writeln!(out, "{}.", visible(note));
    }
    out
}
