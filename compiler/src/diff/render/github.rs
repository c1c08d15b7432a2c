//! A difference as workflow commands, which GitHub shows beside the lines of a pull request.

use std::fmt::Write as _;

use super::outline::{Outline, Section};
use crate::escape::{message, path, property};

/// GitHub shows ten annotations of a kind and step, and runners slow down with many.
const SHOWN: usize = 50;

/// The difference, an annotation for each section: a warning where nobody answers any more, or
/// connections end.
pub fn github(outline: &Outline) -> String {
    let mut out = String::new();
    for section in outline.sections.iter().take(SHOWN) {
        command(&mut out, section);
    }
    let mut rest = outline.headline.clone();
    for note in &outline.notes {
        let _ = write!(rest, ". {note}");
    }
    // Writing to a String cannot fail.
    let verb = outline.reporter.as_str();
    let _ = writeln!(out, "::notice title=portolan {verb}::{}", message(&rest));
    out
}

fn command(out: &mut String, section: &Section) {
    let warns = section
        .entries
        .iter()
        .any(|entry| entry.silences || entry.disrupts);
    out.push_str(if warns { "::warning " } else { "::notice " });
    if let Some(place) = &section.place {
        let _ = write!(out, "file={},line={},", path(&place.file), place.line);
    }
    let said: Vec<String> = section
        .entries
        .iter()
        .map(|entry| {
            let nodes = entry.nodes.as_ref().map(|nodes| format!(" (on {nodes})"));
            let port = match entry.port.as_str() {
                "" => String::new(),
                port => format!("{port}: "),
            };
            format!("{port}{}{}", entry.summary, nodes.unwrap_or_default())
        })
        .collect();
    let said: Vec<String> = said.iter().map(|line| message(line)).collect();
    let _ = writeln!(
        out,
        "title={}::{}",
        property(&section.title()),
        said.join("%0A")
    );
}
