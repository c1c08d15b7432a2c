//! Whether the compiled rules that the repository keeps are up to date.

use std::path::Path;

use portolan_compiler::compile::{self, NodeSelection};
use portolan_compiler::diag::{self, Severity, Style};

use super::error::ReviewError;
use super::part::ReviewPart;
use super::places::Places;
use super::{Read, ReviewArgs};
use crate::commands::shared::Context;
use crate::commands::shared::emit::{Job, SourceMaps};
use crate::out::{Check, Differences, Extent, Folder, Scope};
use crate::report::{Clock, Exit, Failure, Output};
use crate::settings::Settings;

/// What of the rules is not up to date.
pub(super) struct Golden {
    /// The folder, as it is named.
    pub(super) folder: String,
    pub(super) differences: Differences,
    /// How many files differ.
    pub(super) files: usize,
    /// The command line that writes them anew.
    pub(super) command: String,
    /// Why that may not be enough.
    pub(super) caveat: Option<&'static str>,
}

impl Golden {
    pub(super) fn exit(&self) -> Exit {
        if self.files == 0 {
            Exit::Done
        } else {
            Exit::Differs
        }
    }
}

/// Why rules may not be up to date though the command that writes them was run.
pub(super) const EDITED: &str = "rules are held against what portolan.yaml said before the change: what the command \
                      writes by the edited one may differ still, and somebody has to look";

/// Options that say what compile makes.
const COMPILED: [&str; 13] = [
    "filename",
    "recursive",
    "follow_links",
    "exclude",
    "base",
    "keep_base",
    "endpoints",
    "kube_version",
    "mode",
    "node",
    "out",
    "config",
    "cluster",
];

/// Compiles what the working tree has, and holds it against the folder.
pub(super) fn look(
    args: &ReviewArgs,
    (places, caveat): (&Places, Option<&'static str>),
    read: Read<'_>,
    settings: &Settings,
    context: &Context<'_, '_>,
    clock: &Clock,
) -> ReviewPart<Golden> {
    match &places.out {
        None => ReviewPart::None("no folder of compiled rules is named (out)"),
        Some(folder) => check(args, (folder, caveat), read, settings, context, clock).into(),
    }
}

fn check(
    args: &ReviewArgs,
    (folder, caveat): (&Path, Option<&'static str>),
    (input, rejected): Read<'_>,
    settings: &Settings,
    context: &Context<'_, '_>,
    clock: &Clock,
) -> Result<Golden, Failure> {
    let nodes = args
        .node
        .clone()
        .map_or(NodeSelection::All, NodeSelection::Named);
    let options = args.profile.mirror().options(nodes, &args.manifests);
    let outcome = compile::prepare(input, &options, clock);
    let mut errors = outcome.report.clone().at_least(Severity::Error);
    if let Some(rejected) = rejected {
        errors.diagnostics.extend(rejected.diagnostics.clone());
    }
    let (Some(prepared), true) = (&outcome.prepared, errors.diagnostics.is_empty()) else {
        let said = diag::human_styled(
            &errors,
            &input.sources,
            Style::Plain,
            context.verbosity.alike(),
        );
        return Err(ReviewError::Refused(said).into());
    };
    let job = Job {
        prepared,
        objects: &outcome.objects,
        sources: &input.sources,
        source_maps: SourceMaps::Unwanted,
    };
    let scope = match &args.node {
        Some(_) => Scope::Nodes,
        None => Scope::Folder,
    };
    let mut check = Check::new(Folder::new(folder), Extent::Nothing, scope)?;
    let mut nowhere = std::io::sink();
    clock.begin_phase("emit");
    let emitted = job.emit(&mut check, &mut Output::plain(&mut nowhere))?;
    Ok(Golden {
        folder: folder.display().to_string(),
        files: emitted.outcome.changed,
        differences: check.into_differences(),
        command: command(args, settings, context),
        caveat,
    })
}

/// What writes the rules, as it is typed.
fn command(args: &ReviewArgs, settings: &Settings, context: &Context<'_, '_>) -> String {
    let typed = context.typed.of_verb("compile", &COMPILED);
    let mut line = typed.unwrap_or_else(|| "portolan compile".to_owned());
    if let (Some(cluster), false) = (&settings.cluster, context.given.has("cluster")) {
        line = format!("{line} --cluster {cluster}");
    }
    // Where the repository says what is read, every node goes without saying.
    if settings.repository.is_none() && args.node.is_none() {
        line += " --all-nodes";
    }
    line
}
