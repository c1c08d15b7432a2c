//! Arguments and work that commands share which read manifests: load, check, tell what was found.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::{Args, ValueEnum};
use portolan_compiler::compile::{
    self, BaseServices, Compilation, EndpointsFrom, Input, NodeSelection, Observer, Options,
    Prepared,
};
use portolan_compiler::diag::{self, Report, Severity};
use portolan_compiler::diff::Subject;
use portolan_compiler::diff::render::ManifestLine;
use portolan_compiler::escape::visible;
use portolan_compiler::source::Sources;

use super::format::Format;
use super::matter::Matter;
use super::profile::Mirror;
use super::{sides, summary};
use crate::commands::shared::Context;
use crate::input::{self, Links, Pattern, Reading, Recursion};
use crate::report::{Clock, Device, Failure, ProgressLine, Verbosity};

/// What [`FileArgs`] are to verbs that do more with manifests than to read them.
pub(in crate::commands) const COMPILES: &str =
    "Compile manifests from a file, a folder (its *.yaml, *.yml and *.json) or a pipe (-)";

/// What is read. A verb says with `mut_arg` what it asks for beyond that.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct FileArgs {
    /// Read manifests from a file, a folder (its *.yaml, *.yml and *.json) or a pipe (-)
    #[arg(
        short = 'f',
        long = "filename",
        value_name = "FILE|DIR|-",
        help_heading = "Input"
    )]
    pub(in crate::commands) filename: Vec<OsString>,
}

/// How files are found.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct ReadingArgs {
    /// Read subfolders too
    #[arg(short = 'R', long, help_heading = "Input")]
    recursive: bool,

    /// Follow links that lead out of the folders that are named, and links to folders
    #[arg(long, help_heading = "Input")]
    follow_links: bool,

    /// Skip what matches this pattern in folders: a name at any depth, or with a slash a path
    /// within the folder, with *, **, ?, [a-z] and {a,b}
    #[arg(long, value_name = "GLOB", help_heading = "Input")]
    exclude: Vec<Pattern>,
}

impl ReadingArgs {
    pub(in crate::commands) fn reading(&self) -> Reading {
        Reading {
            recursion: if self.recursive {
                Recursion::Deep
            } else {
                Recursion::Flat
            },
            links: if self.follow_links {
                Links::Anywhere
            } else {
                Links::Within
            },
            exclude: self.exclude.clone(),
        }
    }

    /// Tells of patterns of --exclude that nothing met, once all is read. Those that the repository has
    /// are for all that is looked at in it.
    pub(in crate::commands) fn tell_unmet(&self, context: &mut Context<'_, '_>) {
        if !context.given.has("exclude") {
            return;
        }
        for warning in self.exclude.iter().filter_map(Pattern::unmet) {
            context
                .streams
                .stderr
                .say(&format!("{}\n", visible(&warning)));
        }
    }
}

/// How manifests are read.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct ManifestArgs {
    #[command(flatten)]
    pub(in crate::commands) reading: ReadingArgs,

    /// Read what the cluster allocated from this dump of it: cluster IPs, node ports, status,
    /// slices
    #[arg(long, value_name = "FILE|DIR|-", help_heading = "Input")]
    pub(in crate::commands) base: Vec<OsString>,

    /// Also compile Services that only the base has: the input is a change to the cluster, not all
    /// of it
    #[arg(long, requires = "base", help_heading = "Input")]
    keep_base: bool,

    /// Take endpoints from slices, or from Pods as the cluster's controller does [default: from
    /// slices while they can be right, else from Pods]
    #[arg(long, value_name = "KIND", value_enum, help_heading = "Input")]
    endpoints: Option<EndpointsArg>,
}

/// Where endpoints come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EndpointsArg {
    /// What slices and Endpoints objects say
    Slices,
    /// What the cluster's controller makes of Pods
    Pods,
}

impl ManifestArgs {
    pub(in crate::commands) fn endpoints_from(&self) -> EndpointsFrom {
        match self.endpoints {
            None => EndpointsFrom::WhatHolds,
            Some(EndpointsArg::Slices) => EndpointsFrom::Slices,
            Some(EndpointsArg::Pods) => EndpointsFrom::Pods,
        }
    }

    pub(in crate::commands) fn base_services(&self) -> BaseServices {
        if self.keep_base {
            BaseServices::Keep
        } else {
            BaseServices::Leave
        }
    }
}

/// What is to be read and checked.
#[derive(Debug)]
pub(in crate::commands) struct Request<'a> {
    pub(in crate::commands) filename: &'a [OsString],
    pub(in crate::commands) manifests: &'a ManifestArgs,
    pub(in crate::commands) options: Options,
    pub(in crate::commands) message_format: Format,
    pub(in crate::commands) telling: Telling,
}

/// When people are told what was found in input that is not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Telling {
    /// All of it, at once.
    AtOnce,
    /// Later, what is about the matter: [`Checked::tell_about`].
    Later,
}

/// Input in which nothing is wrong.
#[derive(Debug)]
pub(in crate::commands) struct Checked {
    pub(in crate::commands) sources: Sources,
    pub(in crate::commands) outcome: Compilation,
    pub(in crate::commands) prepared: Prepared,
}

impl<'a> Request<'a> {
    /// Manifests as one node sees them: the named one, or the configuration's.
    pub(in crate::commands) fn of_one_node(
        node: Option<&str>,
        filename: &'a [OsString],
        manifests: &'a ManifestArgs,
        mirror: Mirror,
        telling: Telling,
    ) -> Self {
        let nodes = node.map_or(NodeSelection::FromConfiguration, |name| {
            NodeSelection::Named(name.to_owned())
        });
        Self {
            filename,
            manifests,
            options: mirror.options(nodes, manifests),
            message_format: Format::Human,
            telling,
        }
    }

    /// Reads and checks, and tells what was found; `None` where the input is refused.
    pub(in crate::commands) fn check(
        &self,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Checked>, Failure> {
        self.check_by(compile::prepare, context, clock)
    }

    /// The same for who looks at the cluster, and makes nothing of its nodes.
    pub(in crate::commands) fn survey(
        &self,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Checked>, Failure> {
        self.check_by(compile::survey, context, clock)
    }

    fn check_by(
        &self,
        prepare: fn(&Input, &Options, &dyn Observer) -> Compilation,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Checked>, Failure> {
        let typed = &context.typed;
        let arguments = input::arguments(self.filename, &self.manifests.base, |role, argument| {
            typed.again(role, argument)
        });
        clock.begin_phase("load files");
        let loaded = input::load(
            &arguments,
            &self.manifests.reading.reading(),
            context.streams.stdin,
        )
        .map_err(Failure::all)?;
        if self.message_format.tells_people(context.verbosity) {
            self.manifests.reading.tell_unmet(context);
        }
        let input = Input {
            sources: loaded.sources,
        };

        // Without any text the compiler could only add that there is nothing to compile.
        let readable = input.sources.iter().next().is_some();
        let mut outcome = readable.then(|| {
            let line = ProgressLine::suited(context.verbosity, Device::Other);
            clock.watch(&mut context.streams.stderr, line, || {
                prepare(&input, &self.options, clock)
            })
        });

        let mut reports = Vec::new();
        reports.extend(
            loaded
                .rejected
                .as_ref()
                .map(|(report, sources)| (report, sources)),
        );
        reports.extend(
            outcome
                .as_ref()
                .map(|outcome| (&outcome.report, &input.sources)),
        );
        let refused = reports
            .iter()
            .any(|(report, _)| report.count(Severity::Error) > 0);
        let tells_people = self.message_format.tells_people(context.verbosity);
        if refused || self.telling == Telling::AtOnce {
            tell(&reports, self.message_format, context);
        }
        if let (true, Some(outcome)) = (tells_people, &outcome) {
            context.streams.stderr.say(&outcome.mirrors);
        }

        let refusal = summary::refusal(reports.iter().map(|(report, _)| *report));
        let prepared = outcome.as_mut().and_then(|outcome| outcome.prepared.take());
        let (false, Some(outcome), Some(prepared)) = (refused, outcome, prepared) else {
            if tells_people {
                context.streams.stderr.say(&refusal);
            }
            return Ok(None);
        };
        Ok(Some(Checked {
            sources: input.sources,
            outcome,
            prepared,
        }))
    }
}

impl Checked {
    /// Where the input has these Services.
    pub(in crate::commands) fn places<'a>(
        &self,
        subjects: impl Iterator<Item = &'a Subject>,
    ) -> BTreeMap<Subject, ManifestLine> {
        sides::places(
            (&self.sources, &self.outcome.objects),
            self.prepared.cluster(),
            subjects,
        )
    }

    /// Tells what was found about a matter.
    pub(in crate::commands) fn tell_about(&self, matter: &Matter, context: &mut Context<'_, '_>) {
        Untold::of(&self.outcome, &self.sources).tell_about(matter, context);
    }
}

/// What was found and is not told yet.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Untold<'a> {
    report: &'a Report,
    sources: &'a Sources,
}

impl<'a> Untold<'a> {
    pub(in crate::commands) fn of(outcome: &'a Compilation, sources: &'a Sources) -> Self {
        Self {
            report: &outcome.report,
            sources,
        }
    }

    /// Tells what is about a matter, and how much there is beside it.
    pub(in crate::commands) fn tell_about(self, matter: &Matter, context: &mut Context<'_, '_>) {
        let (about, beside) = matter.part(self.report);
        tell(&[(&about, self.sources)], Format::Human, context);
        if context.verbosity == Verbosity::Quiet {
            return;
        }
        let stderr = &mut context.streams.stderr;
        match beside {
            0 => {}
            1 => stderr.say("1 finding is about another Service: `portolan compile` tells it.\n"),
            many => stderr.say(&format!(
                "{many} findings are about other Services: `portolan compile` tells them.\n"
            )),
        }
    }

    /// Tells every finding, whatever it is about.
    pub(in crate::commands) fn tell(self, context: &mut Context<'_, '_>) {
        tell(&[(self.report, self.sources)], Format::Human, context);
    }
}

/// Prints the diagnostics: all of them, or without warnings if silence is asked for.
fn tell(reports: &[(&Report, &Sources)], format: Format, context: &mut Context<'_, '_>) {
    let least = if context.verbosity == Verbosity::Quiet {
        Severity::Error
    } else {
        Severity::Info
    };
    match format {
        Format::Human => {
            for (report, sources) in reports {
                tell_people(report, sources, least, context);
            }
        }
        Format::Json => {
            let wanted = reports
                .iter()
                .map(|(report, _)| (*report).clone().at_least(least));
            let all = wanted.fold(Report::default(), |mut all, report| {
                all.diagnostics.extend(report.diagnostics);
                all.left_out.extend(report.left_out);
                all
            });
            context.streams.stderr.say(&diag::json(&all));
        }
    }
}

/// Prints for people what of a report is at least so severe. Output takes the colours out where they are
/// not wanted.
pub(in crate::commands) fn tell_people(
    report: &Report,
    sources: &Sources,
    least: Severity,
    context: &mut Context<'_, '_>,
) {
    let report = report.clone().at_least(least);
    let alike = context.verbosity.alike();
    let text = diag::human_styled(&report, sources, diag::Style::Coloured, alike);
    context.streams.stderr.say(&text);
}
