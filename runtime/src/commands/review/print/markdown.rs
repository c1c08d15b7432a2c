//! One comment on a change.

use std::fmt::Write as _;

use portolan_compiler::diag::Severity;
use portolan_compiler::diff::render;
use portolan_compiler::english::count;
use portolan_compiler::escape::{code, fenced, markdown as text, marker};

use crate::commands::review::Reviewed;
use crate::commands::review::findings::Findings;
use crate::commands::review::golden::Golden;
use crate::commands::review::judge::{Edit, Judge};
use crate::commands::review::part::ReviewPart;
use crate::commands::review::verdict::Verdict;
use crate::out::{Content, unified};

/// Comments longer than 65,536 characters are refused by the usual forges; below 60,000 there is room
/// for what others put around one.
const LIMIT: usize = 60_000;
/// Of what stands at the end, where not all has room.
const END: usize = 200;
/// Of what stands beside the Services of one cluster, at most.
const BESIDE: usize = 6_000;
/// Findings of one cluster that are told one by one.
const FINDINGS: usize = 20;
/// Characters of what failed.
const FAILURE: usize = 2_000;

pub(super) fn markdown(
    judge: &Judge,
    reviewed: &[Reviewed],
    verdict: &Verdict,
    name: &str,
) -> String {
    let mut out = format!("<!-- portolan:{} -->\n", marker(name));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "### portolan: {}\n", text(&verdict.said));
    let _ = writeln!(out, "Against {}.\n", code(&judge.revision.said()));
    edit(judge, &mut out);
    let each = LIMIT.saturating_sub(END + out.len()) / reviewed.len().max(1);
    for one in reviewed {
        let mut part = String::new();
        if let Some(name) = &one.cluster {
            let _ = writeln!(part, "### Cluster {}\n", text(name));
        }
        if let Some(said) = one.standing.said() {
            let _ = writeln!(part, "**{}.**\n", text(said));
        }
        rules(one, &mut part);
        findings(one, &mut part);
        let room = each.saturating_sub(part.len());
        services(one, room, &mut part);
        if !part.ends_with("\n\n") {
            part.push('\n');
        }
        if out.len() + part.len() > LIMIT - END {
            let _ = writeln!(
                out,
                "\nToo long for a comment: the rest is left out, which `portolan review` prints."
            );
            break;
        }
        out.push_str(&part);
    }
    out
}

fn edit(judge: &Judge, out: &mut String) {
    for said in judge.notes() {
        let _ = writeln!(out, "**{}.**\n", text(&said));
    }
    if let Edit::Changed { path, old, new } = &judge.edit {
        let name = path.to_string_lossy();
        let diff = unified(
            &name,
            Content::Text,
            Some(old.as_bytes()),
            Some(new.as_bytes()),
        );
        let diff = anstream::adapter::strip_str(&diff).to_string();
        folded("What it says", &diff, out);
    }
}

/// A block of code to unfold, cut where it is too long.
fn folded(summary: &str, body: &str, out: &mut String) {
    let mut block = String::new();
    for line in body.lines() {
        let line = fenced(line);
        if block.len() + line.len() > BESIDE / 2 {
            block.push_str("...\n");
            break;
        }
        block.push_str(&line);
        block.push('\n');
    }
    let _ = write!(
        out,
        "<details><summary>{}</summary>\n\n```diff\n{block}```\n\n</details>\n\n",
        text(summary)
    );
}

/// Why a part says nothing.
fn untold<T>(part: &ReviewPart<T>, out: &mut String) {
    match part {
        ReviewPart::Done(_) => {}
        ReviewPart::Failed { why, .. } => {
            let why: String = why.trim_end().chars().take(FAILURE).collect();
            let lines = why.lines().map(|line| fenced(line) + "\n");
            let _ = writeln!(
                out,
                "It could not be looked at:\n\n```\n{}```\n",
                lines.collect::<String>()
            );
        }
        ReviewPart::None(why) => {
            let _ = writeln!(out, "Not looked at: {}.\n", text(why));
        }
    }
}

fn rules(one: &Reviewed, out: &mut String) {
    // Nobody asked for it, and so nobody misses it.
    if matches!(one.golden, ReviewPart::None(_)) {
        return;
    }
    let _ = writeln!(out, "#### Compiled rules\n");
    untold(&one.golden, out);
    let ReviewPart::Done(golden) = &one.golden else {
        return;
    };
    let folder = code(&golden.folder);
    let Golden { files: 1.., .. } = golden else {
        let _ = writeln!(out, "{folder} is up to date.\n");
        return;
    };
    let _ = writeln!(
        out,
        "{folder} is not up to date, {}. To write it: {}\n",
        count(golden.files, "file"),
        code(&golden.command)
    );
    if let Some(caveat) = golden.caveat {
        let _ = writeln!(out, "{}.\n", text(caveat));
    }
    let styled = golden.differences.styled();
    folded(
        "What differs",
        &anstream::adapter::strip_str(&styled).to_string(),
        out,
    );
}

fn services(one: &Reviewed, room: usize, out: &mut String) {
    let headline = match &one.services {
        ReviewPart::Done(changed) => text(&changed.outline.headline),
        ReviewPart::Failed { .. } | ReviewPart::None(_) => "Services".to_owned(),
    };
    let _ = writeln!(out, "#### {headline}\n");
    untold(&one.services, out);
    if let ReviewPart::Done(changed) = &one.services {
        if let Some(beyond) = &changed.beyond {
            let _ = writeln!(out, "**{}**\n", text(beyond));
        }
        out.push_str(&render::markdown_part(&changed.outline, room));
    }
}

fn findings(one: &Reviewed, out: &mut String) {
    let _ = writeln!(out, "#### Findings of lint\n");
    untold(&one.findings, out);
    if let ReviewPart::Done(findings) = &one.findings {
        table(findings, out);
        if let Some(said) = findings.edit.said() {
            let _ = writeln!(out, "**{}.**\n", text(said));
        }
        let _ = writeln!(out, "{}.\n", text(&findings.said()));
    }
}

fn table(findings: &Findings, out: &mut String) {
    let new = &findings.new.findings;
    if new.is_empty() {
        return;
    }
    let _ = writeln!(out, "| Rule | Where | Finding |\n|---|---|---|");
    for finding in new.iter().take(FINDINGS) {
        let diagnostic = &finding.diagnostic;
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let place = diagnostic.location.as_ref();
        let place = place.map(|place| format!("{}:{}", place.file, place.start.line));
        let place = place
            .or_else(|| diagnostic.object.clone())
            .unwrap_or_default();
        let object = diagnostic
            .object
            .as_ref()
            .map(|object| format!("{object}: "));
        let said = format!("{}{}", object.unwrap_or_default(), diagnostic.message);
        let said: String = said.chars().take(300).collect();
        let _ = writeln!(
            out,
            "| {} {severity} | {} | {} |",
            finding.kind.id(),
            text(&place),
            text(&said)
        );
    }
    out.push('\n');
    if new.len() > FINDINGS {
        let _ = writeln!(
            out,
            "and {}.\n",
            count(new.len() - FINDINGS, "further finding")
        );
    }
}
