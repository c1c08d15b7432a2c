mod error;
mod findings;
mod golden;
mod judge;
mod part;
mod places;
mod print;
mod services;
mod sides;
mod verdict;

use std::path::PathBuf;

use clap::{Args, FromArgMatches as _, ValueEnum};
use portolan_compiler::compile::Input;
use portolan_compiler::diag::Report;
use portolan_compiler::diff::service::BlastRadius;
use portolan_compiler::lint::{RuleId, UnknownRule};

use super::shared::fail_on::FailOn;
use super::shared::manifests::{FileArgs, ManifestArgs};
use super::shared::outputs::{self, OutputArg};
use super::shared::profile::ProfileArgs;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::report::{Clock, Exit, Failure, Verbosity};
use crate::settings::{self, Settings};
use judge::{Judge, Looked, Standing};
use part::ReviewPart;
use places::Places;
use verdict::Verdict;

/// Review a change: compiled rules, Services, findings, all at once
///
/// Holds the working tree against a revision: are the compiled rules that the repository keeps up to
/// date, what changes for the users of Services, which findings of lint are new, and is it more than
/// may change at once.
///
/// What portolan.yaml and a LintConfig say is taken from REV, and nothing that the change does to them
/// decides about the change: it is shown. Without such a file, options say what to read. Each cluster
/// is looked at in turn.
///
/// Exits 1 where compiled rules are not up to date, where findings are new that fail lint, or where
/// more changes than --blast-radius allows; that Services change is no failure. What fails in one
/// part does not keep the others from being told. Where there is nothing to look at, no Service or no
/// change, that is no success: it exits 66.
#[derive(Debug, Args)]
#[command(
    mut_arg("filename", |arg| arg.value_name("FILE|DIR").help(
        "Read manifests from a file or a folder, on both sides"
    )),
    after_help = "\
Examples:
  portolan review
  portolan review main --output markdown=review.md --output github
  portolan review origin/main -f clusters/prod --base base.yaml --out rules --blast-radius 20%"
)]
pub(crate) struct ReviewArgs {
    /// The revision before the change, or the branch that it goes to, compared as the current branch left
    /// it [default: origin's default branch, or main or master, or the upstream of another name]
    #[arg(value_name = "REV")]
    revision: Option<String>,

    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Look at this Node only [default: every Node]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    node: Option<String>,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Check that the compiled rules in this folder are up to date
    #[arg(long, value_name = "DIR", help_heading = "What to look at")]
    out: Option<PathBuf>,

    /// Leave these rules of lint out
    #[arg(
        long,
        value_name = "RULE",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = rule,
        help_heading = "What to look at"
    )]
    disable: Vec<RuleId>,

    /// Exit 1 if there is a new finding at least this severe
    #[arg(
        long,
        value_name = "SEVERITY",
        value_enum,
        default_value = "warning",
        help_heading = "What to look at"
    )]
    fail_on: FailOn,

    /// Exit 1 if more than this share of the Services would change or go
    #[arg(long, value_name = "PERCENT", help_heading = "What to look at")]
    blast_radius: Option<BlastRadius>,

    /// Print the review as human, json, markdown or github, or write it to a file; sarif has all findings
    /// of lint
    #[arg(
        long,
        value_name = "FORMAT[=FILE]",
        default_value = "human",
        value_parser = outputs::parse::<Format>,
        help_heading = "Output"
    )]
    output: Vec<OutputArg<Format>>,

    /// Mark the Markdown with this name, so that a later comment can replace it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "review",
        help_heading = "Output"
    )]
    marker: String,
}

/// How a review is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As text
    Human,
    /// As one JSON document
    Json,
    /// As one comment on a change
    Markdown,
    /// As GitHub's workflow commands
    Github,
    /// All findings of lint as SARIF 2.1.0
    Sarif,
}

fn rule(text: &str) -> Result<RuleId, UnknownRule> {
    text.to_ascii_uppercase().parse()
}

/// What the working tree has, and what of it is no text.
type Read<'a> = (&'a Input, Option<&'a Report>);

/// What came of one cluster.
struct Reviewed {
    /// Its name, where the repository tells several apart.
    cluster: Option<String>,
    standing: Standing,
    golden: ReviewPart<golden::Golden>,
    services: ReviewPart<services::Changed>,
    findings: ReviewPart<findings::Findings>,
}

impl Reviewed {
    fn exits(&self) -> [Exit; 3] {
        [
            self.golden.exit(golden::Golden::exit),
            self.services.exit(services::Changed::exit),
            self.findings.exit(findings::Findings::exit),
        ]
    }
}

pub(crate) fn run(
    args: &ReviewArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    outputs::refuse_two(&args.output)?;
    let judge = Judge::find(args.revision.as_deref(), context.settings.config.as_deref())?;
    let mut settings = Settings {
        repository: judge.repository.clone(),
        ..context.settings.clone()
    };
    let mut reviewed = Vec::new();
    for looked in judge.clusters(settings.cluster.clone()) {
        settings.cluster.clone_from(&looked.cluster);
        let complete = |settings: &Settings| {
            (context.completion.0)(settings).and_then(|matches| {
                Ok(ReviewArgs::from_arg_matches(&matches)
                    .map_err(|error| settings::refused(&error))?)
            })
        };
        // What the file says once the change is there: a value that no command takes fails here already.
        let edited = judge.edited().filter(|_| looked.standing != Standing::Gone);
        let edited = edited.map(|repository| Settings {
            repository: Some(repository.clone()),
            ..settings.clone()
        });
        let after = edited.as_ref().map(&complete).transpose();
        let settings = match (looked.standing, edited) {
            (Standing::New, Some(edited)) => edited,
            _ => settings.clone(),
        };
        let completed = complete(&settings).and_then(|args| Ok((args, after?)));
        reviewed.push(match completed {
            Ok((args, after)) => {
                let places = Places::find(&args, after.as_ref(), context);
                args.review(looked, &places, &settings, &judge, context, clock)
            }
            Err(failure) => Reviewed {
                cluster: looked.cluster,
                standing: looked.standing,
                golden: ReviewPart::failed(&failure),
                services: ReviewPart::None("its settings cannot be used"),
                findings: ReviewPart::None("its settings cannot be used"),
            },
        });
    }
    clock.begin_phase("print");
    let exits = reviewed.iter().flat_map(Reviewed::exits);
    let exit = Exit::of_all(exits.chain([judge.exit()]));
    let verdict = Verdict::of(&judge, &reviewed, exit);
    print::print(args, &judge, &reviewed, &verdict, context)?;
    Ok(verdict.exit)
}

impl ReviewArgs {
    /// Looks at one cluster.
    fn review(
        &self,
        Looked { cluster, standing }: Looked,
        places: &Places,
        settings: &Settings,
        judge: &Judge,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Reviewed {
        let sides = match sides::Both::find(self, places, settings, judge) {
            Ok(sides) => sides,
            Err(failure) => {
                return Reviewed {
                    cluster,
                    standing,
                    golden: ReviewPart::failed(&failure),
                    services: ReviewPart::None("nothing was read"),
                    findings: ReviewPart::None("nothing was read"),
                };
            }
        };
        // What is found is told in the review itself.
        let verbosity = std::mem::replace(&mut context.verbosity, Verbosity::Quiet);
        clock.begin_phase("load files");
        let (golden, findings) = match sides.load_new(self) {
            Ok(loaded) => {
                let input = Input {
                    sources: loaded.sources,
                };
                let read = (&input, loaded.rejected.as_ref().map(|(report, _)| report));
                let golden = match standing {
                    Standing::Gone => ReviewPart::None("the change takes this cluster away"),
                    Standing::Stays | Standing::New => {
                        let is_edited = standing == Standing::Stays && judge.edited().is_some();
                        let caveat = is_edited.then_some(golden::EDITED);
                        golden::look(self, (places, caveat), read, settings, context, clock)
                    }
                };
                let findings = if sides.new.is_nothing() {
                    ReviewPart::None("the working tree has no manifests")
                } else {
                    findings::look(self, &sides, read, context, clock)
                };
                (golden, findings)
            }
            Err(failure) => (
                ReviewPart::failed(&failure),
                ReviewPart::None("nothing was read"),
            ),
        };
        let services = services::look(self, &sides, context, clock);
        context.verbosity = verbosity;
        Reviewed {
            cluster,
            standing,
            golden,
            services,
            findings,
        }
    }
}
