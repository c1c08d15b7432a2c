mod summary;

use clap::{ArgGroup, Args, ValueEnum};
use portolan_compiler::compile::Input;
use portolan_compiler::diag::{self, Severity, Style};
use portolan_compiler::escape;
use portolan_compiler::front::LintConfig;
use portolan_compiler::lint::render::{self, explain, list};
use portolan_compiler::lint::{self, Report, RuleId, UnknownRule};

use super::shared::fail_on::FailOn;
use super::shared::filter::FilterArgs;
use super::shared::from_top::FromTop;
use super::shared::manifests::{FileArgs, ManifestArgs};
use super::shared::outputs::{self, OutputArg};
use super::shared::profile::ProfileArgs;
use super::shared::save::save;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::input::{self, Before, Loaded};
use crate::report::{Clock, Exit, Failure, ProgressLine, Verbosity};

/// Find what is legal and unwise in manifests
///
/// Reads what compile reads and looks for what no schema shows: addresses claimed twice, ports that
/// nothing answers, traffic that goes where nobody meant it to. It looks from every Node of the input,
/// and goes on where compile stops.
///
/// A rule is accepted on an object, with a reason, by an annotation on it or on its Service:
///   portolan.dev/ignore: "PTL011=announced by the router; PTL015=health checks are ours"
/// A LintConfig among the input sets severities and says what manifests do not; --schema prints its
/// schema. What compile refuses is an error whatever they say.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    group = ArgGroup::new("subject")
        .args(["filename", "list", "explain", "schema"])
        .required(true),
    after_help = "\
Examples:
  portolan lint -f cluster.yaml -f kube-proxy.yaml
  portolan lint -f git/ -R --base cluster.yaml --output github --output sarif=lint.sarif
  portolan lint -f cluster.yaml -n shop -l 'app in (cart, pay)'
  portolan lint --explain PTL011",
)]
pub(crate) struct LintArgs {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Look from this Node only [default: every Node of the input]
    #[arg(long, value_name = "NAME", help_heading = "What to look at")]
    node: Option<String>,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Leave these rules out
    #[arg(
        long,
        value_name = "RULE",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = rule,
        help_heading = "What to look at"
    )]
    disable: Vec<RuleId>,

    /// Print all rules
    #[arg(long, conflicts_with_all = ["explain", "schema"], help_heading = "Rules")]
    list: bool,

    /// Print what a rule is about, with an example that triggers it and one that does not
    #[arg(
        long,
        value_name = "RULE",
        value_parser = rule,
        conflicts_with = "schema",
        help_heading = "Rules"
    )]
    explain: Option<RuleId>,

    /// Print the JSON schema of LintConfig
    #[arg(long, help_heading = "Rules")]
    schema: bool,

    /// Print findings as text, json, sarif, junit or github, or write them to a file
    #[arg(
        long,
        value_name = "FORMAT[=FILE]",
        default_value = "text",
        value_parser = outputs::parse::<Format>,
        help_heading = "Output"
    )]
    output: Vec<OutputArg<Format>>,

    /// Exit 1 if there is a finding at least this severe
    #[arg(
        long,
        value_name = "SEVERITY",
        value_enum,
        default_value = "warning",
        help_heading = "Output"
    )]
    fail_on: FailOn,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With their source lines.
    Text,
    /// As one JSON document.
    Json,
    /// As SARIF 2.1.0.
    Sarif,
    /// As a JUnit report.
    Junit,
    /// As GitHub's workflow commands.
    Github,
}

fn rule(text: &str) -> Result<RuleId, UnknownRule> {
    text.to_ascii_uppercase().parse()
}

pub(crate) fn run(
    args: &LintArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let asked = match args.explain {
        Some(rule) => Some(explain(rule)),
        None if args.list => Some(list()),
        None if args.schema => Some(schema()),
        None => None,
    };
    if let Some(text) = asked {
        context.streams.stdout.styled(&text);
        return Ok(Exit::Done);
    }
    look(args, context, clock)
}

fn look(args: &LintArgs, context: &mut Context<'_, '_>, clock: &Clock) -> Result<Exit, Failure> {
    outputs::refuse_two(&args.output)?;
    let typed = &context.typed;
    let arguments = input::arguments(
        &args.files.filename,
        &args.manifests.base,
        |role, argument| typed.again(role, argument),
    );
    clock.begin_phase("load files");
    let reading = args.manifests.reading.reading();
    let before = Before {
        files: context.settings.lint_config()?.into_iter().collect(),
        ..Before::default()
    };
    let Loaded { sources, rejected } =
        input::load_with(before, &arguments, &reading, context.streams.stdin)
            .map_err(Failure::all)?;
    if context.verbosity > Verbosity::Quiet {
        args.manifests.reading.tell_unmet(context);
    }
    let input = Input { sources };
    let mirror = args.profile.mirror();
    let options = lint::Options {
        filter: args.filter.filter(),
        ..mirror.lint_options(args.node.clone(), &args.manifests, args.disable.clone())
    };
    let line = ProgressLine::suited(context.verbosity, context.streams.stdout.device());
    let report = clock.watch(&mut context.streams.stderr, line, || {
        lint::lint(&input, &options, clock)
    });
    clock.begin_phase("print");
    // What is no text at all has sources of its own.
    let mut whole = report.clone();
    if let Some((rejected, _)) = &rejected {
        whole.add_rejected(rejected);
    }
    for OutputArg { format, file } in &args.output {
        // Standard output takes the colours out where they are not wanted.
        let style = match file {
            None => Style::Coloured,
            Some(_) => Style::Plain,
        };
        let alike = context.verbosity.alike();
        let text = match format {
            Format::Text => {
                let rejected = rejected.iter();
                let rejected: String = rejected
                    .map(|(report, sources)| diag::human_styled(report, sources, style, alike))
                    .collect();
                rejected + &render::text(&report, &input.sources, style, alike)
            }
            Format::Json => render::json(&whole),
            Format::Sarif => render::sarif(&FromTop::here().report(&whole)),
            Format::Junit => render::junit(&whole),
            Format::Github => render::github(&FromTop::here().report(&whole)),
        };
        match file {
            Some(path) => {
                let saved = save(path, text.as_bytes())?;
                if context.verbosity > Verbosity::Quiet {
                    context.streams.stderr.say(&saved);
                }
            }
            None if *format == Format::Text => context.streams.stdout.styled(&text),
            None => context.streams.stdout.document(&text),
        }
    }
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&whole.mirrors);
        context.streams.stderr.say(&summary::text(&whole));
    }
    Ok(exit(&whole, args.fail_on.into()))
}

fn exit(report: &Report, fail_on: Severity) -> Exit {
    let mut findings = report.of_input();
    if findings.any(|finding| finding.diagnostic.severity <= fail_on) {
        Exit::Differs
    } else {
        Exit::Done
    }
}

/// The schema, with a final newline, as it is checked in under `docs/`.
fn schema() -> String {
    let schema = schemars::schema_for!(LintConfig);
    escape::json(&schema)
}
