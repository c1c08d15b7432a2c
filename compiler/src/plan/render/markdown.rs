//! A plan as one comment on a change: the table first, the rest folded.

use std::fmt::Write as _;

use super::human::{UNKNOWN_SERVING, folded, grouped};
use super::lines::{FLOW, Line};
use super::{Counts, Page, mode};
use crate::english::count;
use crate::escape::{self, fenced};
use crate::plan::Serving;

/// Comments longer than about this are refused by the usual forges.
const LIMIT: usize = 60_000;

/// The plan as Markdown.
pub fn markdown(page: &Page<'_>) -> String {
    let counts = Counts::of(page);
    let untouched = count(counts.untouched, page.services.noun());
    let mut out = format!(
        "<!-- portolan:{} -->\n### portolan: {} ",
        page.node, page.node
    );
    // Writing to a String cannot fail.
    if page.plan.is_empty() {
        let _ = writeln!(out, "holds what is asked for\n\n{untouched}.");
        let _ = writeln!(out, "Target `{}`.", page.target.short());
        out.push_str(&unserved(page));
        notes(page, &mut out);
        return out;
    }
    let _ = writeln!(out, "has {counts}\n\nTarget `{}`.\n", page.target.short());
    if let Some(change) = mode::sentence(page) {
        let _ = writeln!(out, "Mode {}.\n", escape::markdown(&change));
    }
    notes(page, &mut out);
    if !page.notes.is_empty() {
        out.push('\n');
    }
    out.push_str("| | add | change | remove | ends connections |\n|---|---|---|---|---|\n");
    let groups = grouped(page);
    let mut details = String::new();
    let mut left_out = 0;
    for (heading, lines) in &groups {
        let number = |sign: char| lines.iter().filter(|line| counts_as(line, sign)).count();
        let ends = if number('!') > 0 { "yes" } else { "no" };
        let row = format!(
            "| {} | {} | {} | {} | {ends} |\n",
            escape::markdown(&heading.to_string()),
            number('+'),
            number('~'),
            number('-')
        );
        if out.len() + details.len() + row.len() > LIMIT {
            left_out += 1;
            continue;
        }
        out.push_str(&row);
        let _ = writeln!(details, "# {}", fenced(&heading.to_string()));
        for line in folded(lines) {
            let _ = writeln!(details, "{}", fenced(&line));
        }
    }
    if left_out > 0 {
        let _ = writeln!(out, "| and {left_out} more | | | | |");
    }
    if page.plan.serving == Serving::Unknown {
        let _ = writeln!(out, "\nUDP: {UNKNOWN_SERVING}.");
    }
    out.push_str(&unserved(page));
    let _ = write!(
        out,
        "\n{untouched} untouched.\n\n<details><summary>{}</summary>\n\n```diff\n{details}```\n\n</details>\n",
        count(page.plan.steps.len(), "step")
    );
    out
}

fn unserved(page: &Page<'_>) -> String {
    let unserved = page.plan.unserved();
    unserved.map_or_else(String::new, |unserved| format!("\nIPv6: {unserved}.\n"))
}

/// What has to be known of the capture, before what is planned on it.
fn notes(page: &Page<'_>, out: &mut String) {
    for note in page.notes {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "- {}", escape::markdown(note));
    }
}

/// Rules are parts of their chain's line, and flows are no objects.
fn counts_as(line: &Line, sign: char) -> bool {
    line.sign == sign && line.noun != "rule" && (line.noun != FLOW || sign == '!')
}
