//! A review in the format asked for.

mod github;
mod human;
mod json;
mod markdown;

use anstream::adapter::strip_str;
use portolan_compiler::{escape, lint};
use serde_json::Value;

use super::judge::Judge;
use super::part::ReviewPart;
use super::verdict::Verdict;
use super::{Format, ReviewArgs, Reviewed};
use crate::commands::shared::Context;
use crate::commands::shared::from_top::FromTop;
use crate::commands::shared::outputs::OutputArg;
use crate::commands::shared::save::save;
use crate::report::{Failure, Verbosity};

pub(super) fn print(
    args: &ReviewArgs,
    judge: &Judge,
    reviewed: &[Reviewed],
    verdict: &Verdict,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    for OutputArg { format, file } in &args.output {
        let text = match format {
            Format::Human => human::human(judge, reviewed, verdict),
            Format::Json => json::json(judge, reviewed, verdict),
            Format::Markdown => markdown::markdown(judge, reviewed, verdict, &args.marker),
            Format::Github => github::github(judge, reviewed, verdict),
            Format::Sarif => sarif(reviewed),
        };
        match file {
            Some(path) => {
                let plain = strip_str(&text).to_string();
                let saved = save(path, plain.as_bytes())?;
                if context.verbosity > Verbosity::Quiet {
                    context.streams.stderr.say(&saved);
                }
            }
            None if *format == Format::Human => context.streams.stdout.styled(&text),
            None => context.streams.stdout.document(&text),
        }
    }
    Ok(())
}

/// The findings of all clusters, each in a run of its own.
fn sarif(reviewed: &[Reviewed]) -> String {
    let mut all: Option<Value> = None;
    let top = FromTop::here();
    for one in reviewed {
        let ReviewPart::Done(findings) = &one.findings else {
            continue;
        };
        let text = lint::render::sarif(&top.report(&findings.all));
        let document: Value = serde_json::from_str(&text).unwrap_or_default();
        match &mut all {
            None => all = Some(document),
            Some(all) => {
                let further = document["runs"].as_array().cloned().unwrap_or_default();
                if let Some(runs) = all["runs"].as_array_mut() {
                    runs.extend(further);
                }
            }
        }
    }
    // Without any, there was nothing to look at.
    let none = || lint::render::sarif(&lint::Report::default());
    all.map_or_else(none, |all| escape::json(&all))
}
