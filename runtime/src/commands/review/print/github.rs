//! As workflow commands, which GitHub shows beside the lines of a pull request.

use std::fmt::Write as _;

use portolan_compiler::diff::render;
use portolan_compiler::escape::{message, messages, property};
use portolan_compiler::lint;

use crate::commands::review::Reviewed;
use crate::commands::review::judge::Judge;
use crate::commands::review::part::ReviewPart;
use crate::commands::review::verdict::Verdict;
use crate::commands::shared::from_top::FromTop;

pub(super) fn github(judge: &Judge, reviewed: &[Reviewed], verdict: &Verdict) -> String {
    let mut out = String::new();
    let top = FromTop::here();
    for one in reviewed {
        let cluster = one.cluster.as_ref();
        let cluster = cluster.map_or_else(String::new, |name| format!(" ({name})"));
        if let Some(said) = one.standing.said() {
            let title = property(&format!("portolan review{cluster}"));
            let _ = writeln!(out, "::notice title={title}::{}", message(said));
        }
        let mut failed = |part: &str, why: &str| {
            // Writing to a String cannot fail.
            let title = property(&format!("portolan: {part}{cluster}"));
            let _ = writeln!(out, "::error title={title}::{}", messages(why.trim_end()));
        };
        match &one.golden {
            ReviewPart::Failed { why, .. } => failed("compiled rules", why),
            ReviewPart::Done(golden) if golden.files > 0 => {
                let said = format!(
                    "{} is not up to date. To write it: {}",
                    golden.folder, golden.command
                );
                failed("compiled rules", &said);
            }
            ReviewPart::Done(_) | ReviewPart::None(_) => {}
        }
        match &one.services {
            ReviewPart::Failed { why, .. } => failed("Services", why),
            ReviewPart::Done(changed) => {
                if let Some(beyond) = &changed.beyond {
                    failed("blast radius", beyond);
                }
                out += &render::github(&top.outline(&changed.outline));
            }
            ReviewPart::None(_) => {}
        }
        match &one.findings {
            ReviewPart::Failed { why, .. } => {
                let title = property(&format!("portolan: lint{cluster}"));
                let _ = writeln!(out, "::error title={title}::{}", messages(why.trim_end()));
            }
            ReviewPart::Done(findings) => {
                out += &lint::render::github(&top.report(&findings.new));
                if let Some(said) = findings.edit.said() {
                    let title = property(&format!("portolan: lint{cluster}"));
                    let _ = writeln!(out, "::warning title={title}::{}", message(said));
                }
            }
            ReviewPart::None(_) => {}
        }
    }
    for said in judge.notes() {
        let _ = writeln!(out, "::notice title=portolan review::{}", message(&said));
    }
    let said = format!("against {}: {}", judge.revision.said(), verdict.said);
    let _ = writeln!(out, "::notice title=portolan review::{}", message(&said));
    out
}
