//! A difference as one comment on a change: a table first, the rest folded. Too much for a comment, it
//! becomes the table alone, and then numbers.

use std::fmt::Write as _;

use super::alike::{Told, told};
use super::outline::{Line, Outline, PortChanges, Sign, Table};
use crate::english::count;
use crate::escape::{self, code, fenced};

/// Comments longer than 65,536 characters are refused by the usual forges; what wraps this one needs
/// some too.
const LIMIT: usize = 60_000;
/// What the lines after the table take at most.
const RESERVE: usize = 4_000;

/// The difference as Markdown, shorter than 60,000 characters. `marker` tells later runs which comment
/// to replace.
pub fn markdown(outline: &Outline, marker: &str) -> String {
    let mut out = format!("<!-- portolan:{} -->\n", escape::marker(marker));
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "### portolan: {}\n",
        escape::markdown(&shortened(&outline.headline))
    );
    body(outline, LIMIT, &mut out);
    out
}

/// The same without a heading, as a part of a comment: no longer than so many characters.
pub fn markdown_part(outline: &Outline, limit: usize) -> String {
    let mut out = String::new();
    body(outline, limit, &mut out);
    out
}

fn body(outline: &Outline, limit: usize, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{} -> {}\n",
        code(&shortened(&outline.old)),
        code(&shortened(&outline.new))
    );
    notes(&outline.notes, limit, out);
    let told = told(&outline.sections);
    match &outline.table {
        Some(table) => whole_table(table, limit, out),
        None => table(&told, limit, out),
    }
    if let Some(picture) = &outline.picture
        && out.len() + picture.len() + RESERVE < limit
    {
        let _ = write!(
            out,
            "<details><summary>Picture</summary>\n\n```mermaid\n{picture}```\n\n</details>\n\n"
        );
    }
    details(&told, limit, out);
}

/// Notes whole, as they hold commands to be typed; as many as leave room for the rest.
fn notes(notes: &[String], limit: usize, out: &mut String) {
    let mut left_out = 0;
    for note in notes {
        let text = format!("{}.\n\n", escape::markdown(note));
        if left_out > 0 || out.len() + text.len() > limit / 2 {
            left_out += 1;
        } else {
            out.push_str(&text);
        }
    }
    if left_out > 0 {
        let _ = writeln!(
            out,
            "and {}, which `--output human` prints.\n",
            count(left_out, "further note")
        );
    }
}

/// As many rows of a table as there is room for.
fn whole_table(table: &Table, limit: usize, out: &mut String) {
    let row = |cells: &[String]| {
        let cells: Vec<String> = cells
            .iter()
            .map(|cell| escape::markdown(&shortened(cell)))
            .collect();
        format!("| {} |\n", cells.join(" | "))
    };
    out.push_str(&row(&table.header));
    let _ = writeln!(out, "|{}", "---|".repeat(table.header.len()));
    rows(table.rows.iter().map(|cells| row(cells)), limit / 2, out);
}

/// Rows until a text has so many bytes, and how many are left out.
fn rows(rows: impl Iterator<Item = String>, limit: usize, out: &mut String) {
    let mut left_out = 0;
    for row in rows {
        if left_out > 0 || out.len() + row.len() > limit {
            left_out += 1;
        } else {
            out.push_str(&row);
        }
    }
    if left_out > 0 {
        let _ = writeln!(out, "\nand {}.", count(left_out, "further row"));
    }
    out.push('\n');
}

fn table(told: &[Told<'_>], limit: usize, out: &mut String) {
    if told.is_empty() {
        return;
    }
    let ports = entries(told).any(|(_, entry)| !entry.port.is_empty());
    let disrupts = entries(told).any(|(_, entry)| entry.disrupts || entry.silences);
    let mut columns = vec!["", "Change", "Nodes"];
    if ports {
        columns.insert(1, "Port");
    }
    if disrupts {
        columns.push("Interrupts");
    }
    let _ = writeln!(
        out,
        "| {} |\n|{}",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
    let row = |(told, entry): (&Told<'_>, &PortChanges)| {
        let title = match told.number() {
            0 => told.section.title(),
            more => format!("{} and {more} more alike", told.section.title()),
        };
        let mut cells = vec![
            escape::markdown(&shortened(&title)),
            escape::markdown(&shortened(&entry.summary)),
            escape::markdown(entry.nodes.as_deref().unwrap_or("all")),
        ];
        if ports {
            cells.insert(1, escape::markdown(&entry.port));
        }
        if disrupts {
            let what = match (entry.silences, entry.disrupts) {
                (true, _) => "**all traffic**",
                (false, true) => "yes",
                (false, false) => "no",
            };
            cells.push(what.to_owned());
        }
        format!("| {} |\n", cells.join(" | "))
    };
    rows(entries(told).map(row), limit.saturating_sub(RESERVE), out);
}

fn entries<'t>(told: &'t [Told<'_>]) -> impl Iterator<Item = (&'t Told<'t>, &'t PortChanges)> {
    told.iter()
        .flat_map(|told| told.section.entries.iter().map(move |entry| (told, entry)))
}

fn details(told: &[Told<'_>], limit: usize, out: &mut String) {
    let (mut lines, mut left_out) = (0, 0);
    let mut body = String::new();
    for (told, entry) in entries(told) {
        let mut heading = told.section.title();
        if !entry.port.is_empty() {
            let _ = write!(heading, ", {}", entry.port);
        }
        if let Some(nodes) = &entry.nodes {
            let _ = write!(heading, ", on {nodes}");
        }
        let mut text = format!("# {}\n", fenced(&heading));
        let last = told.section.entries.last();
        let others = last
            .filter(|last| std::ptr::eq(*last, entry))
            .and_then(|_| told.others())
            .map(|others| Line::new(Sign::None, others));
        for line in entry.lines.iter().chain(&others) {
            // What is neither added nor removed has a sign that viewers colour too.
            let sign = match line.sign {
                Sign::Change => '!',
                sign => sign.as_char(),
            };
            let _ = writeln!(text, "{sign} {}", fenced(&line.text));
            // What follows a gap would be taken for what follows the line before it.
            if left_out > 0 || out.len() + body.len() + text.len() + RESERVE / 4 > limit {
                left_out += 1;
            } else {
                body.push_str(&text);
                lines += 1;
            }
            text.clear();
        }
    }
    if !body.is_empty() {
        let _ = write!(
            out,
            "<details><summary>{}</summary>\n\n```diff\n{body}```\n\n</details>\n",
            count(lines, "line")
        );
    }
    if left_out > 0 {
        let _ = writeln!(
            out,
            "\nToo long for a comment: {} left out, which `--output human` prints.",
            count(left_out, "line")
        );
    }
}

/// Text that could be longer than anybody reads.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 300;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::render::Section;

    #[test]
    fn notes_are_whole_or_left_out() {
        let command = format!(
            "helm template NAME chart | {}",
            "portolan diff a - ".repeat(40)
        );
        let outline = Outline {
            notes: vec![command.clone(), "x".repeat(LIMIT)],
            ..Outline::default()
        };
        let text = markdown(&outline, "diff");
        assert!(text.contains(&escape::markdown(&command)), "{text}");
        assert!(text.contains("and 1 further note, which"), "{text}");
        assert!(text.len() < LIMIT);
    }

    /// However the lines are spread, the comment is short and has as many of them as fit.
    #[test]
    fn what_is_too_long_is_cut_within_a_section() {
        for (sections, lines) in [(1, 20_000), (20, 1_000), (20_000, 1)] {
            let line = Line::new(Sign::Add, "endpoint 10.244.0.5:8080");
            let entry = PortChanges {
                port: String::new(),
                nodes: None,
                lines: vec![line; lines],
                summary: "+1 endpoint".to_owned(),
                disrupts: false,
                silences: false,
            };
            let section = Section {
                heading: "shop/cart".to_owned(),
                fate: None,
                place: None,
                entries: vec![entry],
                shape: None,
            };
            let outline = Outline {
                sections: vec![section; sections],
                ..Outline::default()
            };
            let text = markdown(&outline, "diff");
            assert!((55_000..60_000).contains(&text.len()), "{}", text.len());
            let shown = text.matches("\n+ ").count();
            let left_out = format!("Too long for a comment: {} lines left", 20_000 - shown);
            assert!(text.contains(&left_out), "{left_out}");
            assert_eq!(text.matches("```").count() % 2, 0);
        }
    }
}
