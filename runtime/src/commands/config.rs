use std::fmt::Write as _;

use clap::Args;
use portolan_compiler::escape::{self, visible};
use serde::Serialize;

use super::shared::RepositoryArgs;
use super::shared::format::{Format, FormatArgs};
use crate::commands::shared::Context;
use crate::input::SETTINGS_FILE;
use crate::report::{Exit, Failure, Verbosity};
use crate::settings::{self, Held, InFile, SETTINGS, Settings, SettingsError};

/// Print what portolan.yaml and the environment say, and where each value comes from
///
/// portolan.yaml says once what is typed otherwise: which manifests, which base, which mode. It is looked
/// for from the current folder upward to the top of the Git repository, and only compile, lint, diff,
/// graph and review read it: nothing that touches a node does. The command line outranks the environment,
/// and that the file.
///
/// For each setting there is a variable, named after its option: `PORTOLAN_BASE`, `PORTOLAN_MODE` and so on.
/// Several paths are separated by colons.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  portolan config
  portolan config --cluster prod --output json
  portolan config --schema > portolan.schema.json")]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Print the JSON schema of portolan.yaml, for editors
    #[arg(long, conflicts_with = "output")]
    schema: bool,

    #[command(flatten)]
    format: FormatArgs,
}

/// A version of the JSON document: its fields, and what they mean.
const FORMAT_VERSION: &str = "1.0";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    format: &'static str,
    format_version: &'static str,
    /// The file; `null` where there is none.
    file: Option<&'a str>,
    /// What holds, once for each cluster.
    clusters: Vec<OfCluster<'a>>,
    /// Variables that look like settings and are none.
    unread_variables: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfCluster<'a> {
    /// `null` where none is told apart.
    cluster: Option<&'a str>,
    settings: Vec<Shown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    name: &'static str,
    option: String,
    variable: Option<String>,
    /// Whether portolan.yaml may say it.
    in_file: bool,
    /// `null` where nobody says it.
    values: Option<Vec<String>>,
    /// `null` where nobody says it.
    origin: Option<String>,
    /// What holds where nobody says it.
    default: &'static str,
}

pub(crate) fn run(args: &ConfigArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    if args.schema {
        context.streams.stdout.bytes(settings::schema().as_bytes());
        return Ok(Exit::Done);
    }
    let settings = context.settings.clone();
    let of_clusters = of_clusters(&settings)?;
    let file = settings
        .repository
        .as_ref()
        .map(|repository| &*repository.name);
    match args.format.format {
        Format::Json => {
            let document = Document {
                format: "portolan-config",
                format_version: FORMAT_VERSION,
                file,
                clusters: of_clusters,
                unread_variables: settings.environment.unread(),
            };
            context.streams.stdout.document(&escape::json(&document));
        }
        Format::Human => {
            let text = human(file, &of_clusters);
            context.streams.stdout.styled(&text);
            for name in settings.environment.unread() {
                if context.verbosity > Verbosity::Quiet {
                    let line = format!(
                        "note: {} is set, and no setting is called so\n",
                        visible(name)
                    );
                    context.streams.stderr.say(&line);
                }
            }
        }
    }
    Ok(Exit::Done)
}

/// What holds for the cluster that is named, or for each.
fn of_clusters(settings: &Settings) -> Result<Vec<OfCluster<'_>>, SettingsError> {
    let repository = settings.repository.as_ref();
    let clusters = repository.into_iter();
    let clusters = clusters.flat_map(settings::Repository::clusters);
    let mut each: Vec<Option<&str>> = match &settings.cluster {
        Some(name) => vec![Some(name)],
        None => clusters.map(Some).collect(),
    };
    if each.is_empty() {
        each.push(None);
    }
    let each = each.into_iter().map(|cluster| {
        let held = settings.held(cluster)?;
        let shown = SETTINGS.iter().map(|setting| {
            let said = held.iter().find(|one| one.setting.name == setting.name);
            Shown {
                name: setting.name,
                option: format!("--{}", setting.option),
                variable: setting.variable(),
                in_file: setting.in_file == InFile::Yes,
                values: said.map(|one| one.values.clone()),
                origin: said.map(|one: &Held| one.origin.to_string()),
                default: setting.default,
            }
        });
        Ok(OfCluster {
            cluster,
            settings: shown.collect(),
        })
    });
    each.collect()
}

fn human(file: Option<&str>, clusters: &[OfCluster<'_>]) -> String {
    let mut text = match file {
        Some(file) => format!("Settings of {}\n", visible(file)),
        None => format!("There is no {SETTINGS_FILE} here, nor above in the repository\n"),
    };
    for one in clusters {
        text.push('\n');
        // Writing to a String cannot fail.
        let mut indent = "";
        if let Some(name) = one.cluster {
            let _ = writeln!(text, "cluster {}", visible(name));
            indent = "  ";
        }
        let rows = one.settings.iter().map(|shown| {
            if let (Some(values), Some(origin)) = (&shown.values, &shown.origin) {
                return (shown.name, values.join(" "), origin.clone());
            }
            let variable = shown.variable.iter();
            let say = variable.fold("default".to_owned(), |say, name| format!("{say}; {name}"));
            (shown.name, shown.default.to_owned(), say)
        });
        let rows: Vec<_> = rows
            .map(|(name, value, origin)| (name, visible(&value), visible(&origin)))
            .collect();
        const WIDEST: usize = 44;
        let widest = rows.iter().map(|(_, value, _)| value.chars().count());
        let widest = widest.max().unwrap_or_default().min(WIDEST);
        for (name, value, origin) in rows {
            let _ = writeln!(text, "{indent}{name:<12}  {value:<widest$}  {origin}");
        }
    }
    text
}
