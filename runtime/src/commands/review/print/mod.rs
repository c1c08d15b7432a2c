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
use super::{Format, ReviewArgs, Reviewed};
use crate::commands::shared::Context;
use crate::commands::shared::outputs::OutputArg;
use crate::commands::shared::save::save;
use crate::report::{Exit, Failure, Verbosity};

pub(super) fn print(
    args: &ReviewArgs,
    judge: &Judge,
    reviewed: &[Reviewed],
    exit: Exit,
    context: &mut Context<'_, '_>,
) -> Result<(), Failure> {
    for OutputArg { format, file } in &args.output {
        let text = match format {
            Format::Human => human::human(judge, reviewed, exit),
            Format::Json => json::json(judge, reviewed, exit),
            Format::Markdown => markdown::markdown(judge, reviewed, exit, &args.marker),
            Format::Github => github::github(judge, reviewed, exit),
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
    for one in reviewed {
        let ReviewPart::Done(findings) = &one.findings else {
            continue;
        };
        let text = lint::render::sarif(&findings.all);
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

/// All of it in a few words.
fn verdict(reviewed: &[Reviewed], exit: Exit) -> String {
    let mut said = Vec::new();
    let count = |of: fn(&Reviewed) -> Exit, exit: Exit| {
        reviewed.iter().filter(|one| of(one) == exit).count()
    };
    let failed = reviewed
        .iter()
        .flat_map(Reviewed::exits)
        .any(|exit| exit > Exit::Changes);
    if failed {
        said.push("something could not be reviewed");
    }
    if count(|one| one.exits()[0], Exit::Differs) > 0 {
        said.push("compiled rules are not up to date");
    }
    if count(|one| one.exits()[1], Exit::Differs) > 0 {
        said.push("more changes than may at once");
    }
    if count(|one| one.exits()[2], Exit::Differs) > 0 {
        said.push("lint has new findings");
    }
    if said.is_empty() || exit == Exit::Done {
        return "nothing to mend".to_owned();
    }
    said.join(", ")
}
