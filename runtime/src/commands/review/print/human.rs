//! For a terminal.

use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::escape::{paragraph, visible};

use crate::commands::review::Reviewed;
use crate::commands::review::judge::{Edit, Judge};
use crate::commands::review::part::ReviewPart;
use crate::commands::review::verdict::Verdict;
use crate::commands::shared::outlined;
use crate::out::{Content, unified};

const BOLD: Style = Style::new().bold();
/// Columns before further lines of what failed.
const INDENT: usize = 2;

pub(super) fn human(judge: &Judge, reviewed: &[Reviewed], verdict: &Verdict) -> String {
    let mut text = format!("Against {}\n", visible(&judge.revision.said()));
    // Writing to a String cannot fail.
    for said in judge.notes() {
        let _ = writeln!(text, "note: {}", visible(&said));
    }
    if let Edit::Changed { path, old, new } = &judge.edit {
        let name = path.to_string_lossy();
        text += &unified(
            &name,
            Content::Text,
            Some(old.as_bytes()),
            Some(new.as_bytes()),
        );
    }
    for one in reviewed {
        if let Some(name) = &one.cluster {
            let _ = writeln!(text, "\n{BOLD}Cluster {}{BOLD:#}", visible(name));
        }
        if let Some(said) = one.standing.said() {
            let _ = writeln!(text, "note: {said}");
        }
        rules(one, &mut text);
        services(one, &mut text);
        findings(one, &mut text);
    }
    let _ = writeln!(text, "\n{BOLD}Review: {}.{BOLD:#}", visible(&verdict.said));
    text
}

fn heading(name: &str, text: &mut String) {
    let _ = writeln!(text, "\n{BOLD}{name}{BOLD:#}");
}

/// What a part says that has nothing to say; whether it has.
fn is_told<T>(part: &ReviewPart<T>, text: &mut String) -> bool {
    match part {
        ReviewPart::Done(_) => true,
        ReviewPart::Failed { why, .. } => {
            let _ = writeln!(text, "{}", paragraph(why.trim_end(), INDENT));
            false
        }
        ReviewPart::None(why) => {
            let _ = writeln!(text, "not looked at: {why}");
            false
        }
    }
}

fn rules(one: &Reviewed, text: &mut String) {
    heading("Compiled rules", text);
    if !is_told(&one.golden, text) {
        return;
    }
    if let ReviewPart::Done(golden) = &one.golden {
        let folder = visible(&golden.folder);
        if golden.files == 0 {
            let _ = writeln!(text, "{folder} is up to date");
            return;
        }
        let files = count(golden.files, "file");
        let _ = writeln!(text, "{folder} is not up to date, {files}");
        text.push_str(&golden.differences.styled());
        let _ = writeln!(text, "To write it: {}", visible(&golden.command));
        if let Some(caveat) = golden.caveat {
            let _ = writeln!(text, "note: {caveat}");
        }
    }
}

fn services(one: &Reviewed, text: &mut String) {
    heading("Services", text);
    is_told(&one.services, text);
    if let ReviewPart::Done(changed) = &one.services {
        text.push_str(&outlined::text(&changed.outline));
        if let Some(beyond) = &changed.beyond {
            let _ = writeln!(text, "{}", visible(beyond));
        }
    }
}

fn findings(one: &Reviewed, text: &mut String) {
    heading("Findings of lint", text);
    is_told(&one.findings, text);
    if let ReviewPart::Done(findings) = &one.findings {
        text.push_str(&findings.text);
        if let Some(said) = findings.edit.said() {
            let _ = writeln!(text, "note: {said}");
        }
        let _ = writeln!(text, "{}", findings.said());
    }
}
