use std::path::PathBuf;

use clap::Args;
use portolan_compiler::base;
use portolan_compiler::diag::{Report, Severity};
use portolan_compiler::english::count;
use portolan_compiler::source::Sources;

use super::shared::manifests::{FileArgs, ReadingArgs, tell_people};
use super::shared::save::save;
use crate::commands::shared::Context;
use crate::input;
use crate::report::{Clock, Exit, Explain, Failure, Verbosity};

/// Keep of a dump of the cluster what is read, and nothing else
///
/// Manifests from Git lack what the cluster allocates and where its Pods run: --base of other verbs takes
/// that from a dump. This makes one that is small, the same for the same cluster, and fit for a
/// repository: no annotations, images or variables but those that decide rules, no Secrets, and none of
/// the kinds that are not read.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    mut_arg("filename", |arg| arg.required(true).help(
        "Read a dump from a file, a folder (its *.yaml, *.yml and *.json) or a pipe (-)"
    )),
    after_help = "\
Examples:
  kubectl get services,endpointslices,nodes,pods,servicecidrs -A -o yaml > dump.yaml
  portolan base -f dump.yaml --out base.yaml
  portolan diff main:clusters/prod clusters/prod --base base.yaml"
)]
pub(crate) struct BaseArgs {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    reading: ReadingArgs,

    /// Write it to this file [default: standard output]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

/// The dump has nothing that a base is for.
#[derive(Debug, thiserror::Error)]
#[error("the dump has neither a Service nor a Node, and nothing was written")]
struct NothingToKeep;

impl Explain for NothingToKeep {
    fn exit(&self) -> Exit {
        Exit::NoInput
    }

    fn help(&self) -> Option<String> {
        Some("see what the command before it says: kubectl get services,endpointslices,nodes,pods,servicecidrs -A -o yaml".to_owned())
    }
}

pub(crate) fn run(
    args: &BaseArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    clock.begin_phase("load files");
    let typed = &context.typed;
    let arguments = input::arguments(&args.files.filename, &[], |role, argument| {
        typed.again(role, argument)
    });
    let loaded = input::load(&arguments, &args.reading.reading(), context.streams.stdin)
        .map_err(Failure::all)?;
    if context.verbosity > Verbosity::Quiet {
        args.reading.tell_unmet(context);
    }
    if let Some((report, sources)) = &loaded.rejected {
        tell(report, sources, context);
    }
    clock.begin_phase("read");
    let (base, report) = base::base(&loaded.sources);
    tell(&report, &loaded.sources, context);
    let Some(base) = base.filter(|_| loaded.rejected.is_none()) else {
        context
            .streams
            .stderr
            .say("Nothing was written: what cannot be read might decide rules.\n");
        return Ok(Exit::Data);
    };
    // A broken pipe would take the place of a base that is good.
    let has = |kind: &str| base.kinds.iter().any(|(kept, _)| *kept == kind);
    if !has("Service") && !has("Node") {
        return Err(NothingToKeep.into());
    }
    clock.begin_phase("write");
    let saved = if let Some(path) = &args.out {
        save(path, base.text.as_bytes())?
    } else {
        context.streams.stdout.bytes(base.text.as_bytes());
        String::new()
    };
    if context.verbosity > Verbosity::Quiet {
        context
            .streams
            .stderr
            .say(&format!("{saved}{}", summary(&base)));
    }
    Ok(Exit::Done)
}

/// What was kept, and what a base without some kind cannot say.
fn summary(base: &base::Base) -> String {
    let kept: Vec<String> = base
        .kinds
        .iter()
        .map(|(kind, number)| count(*number, kind))
        .collect();
    let kept = if kept.is_empty() {
        "nothing".to_owned()
    } else {
        kept.join(", ")
    };
    let left_out = if base.left_out > 0 {
        let objects = count(base.left_out, "object");
        format!("; left out {objects} of kinds that decide nothing")
    } else {
        String::new()
    };
    let mut lines = vec![format!("Kept {kept}{left_out}.\n")];
    let has = |kind: &str| base.kinds.iter().any(|(kept, _)| *kept == kind);
    for (kind, without) in [
        ("Service", "nothing that the cluster allocated is known"),
        (
            "Node",
            "no Pod counts as an endpoint, and no node is compiled",
        ),
        (
            "Pod",
            "a changed selector or targetPort keeps the endpoints that were",
        ),
    ] {
        if !has(kind) {
            lines.push(format!("note: the dump has no {kind}: {without}\n"));
        }
    }
    lines.concat()
}

fn tell(report: &Report, sources: &Sources, context: &mut Context<'_, '_>) {
    let least = if context.verbosity == Verbosity::Quiet {
        Severity::Error
    } else {
        Severity::Warning
    };
    tell_people(report, sources, least, context);
}
