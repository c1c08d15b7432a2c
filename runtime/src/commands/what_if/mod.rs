mod ask;
mod each;
mod error;

use std::str::FromStr;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use portolan_compiler::compile::NodeSelection;
use portolan_compiler::what_if::{Evicted, Happens, Impact, Question, Situation, Target};

use super::shared::manifests::{FileArgs, ManifestArgs, Request, Telling};
use super::shared::outlined::Format;
use super::shared::profile::ProfileArgs;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::report::{Clock, Exit, Failure};
use error::WhatIfError;

/// Show what becomes of Services if nodes or Pods go, before they do
///
/// The report of `portolan diff`, between the cluster as it is and as it would be: which Services lose all
/// their endpoints, where traffic policy Local leaves nobody, where hints stop deciding, and which share
/// of the connections each zone, node and endpoint gets before and after.
///
/// A drained node is as `kubectl drain` leaves it: Pods of `DaemonSet`s and mirror Pods
/// stay, and kube-proxy goes on. A lost node, such as one that is rebooted, takes everything with it.
/// --each-node asks that of every node, one at a time, in one table, and --each-node=drained drains each.
///
/// Exits 0 whatever becomes of Services, unless --fail-on names it: 1 then; with 64 or more on errors.
#[derive(Debug, Args)]
#[command(
    mut_arg("filename", |arg| arg.required(true).help(
        "Read a dump of the cluster, or manifests, from a file, a folder (its *.yaml, *.yml and *.json) \
         or a pipe (-)"
    )),
    group = ArgGroup::new("question")
        .args(["drain", "lose_node", "lose_zone", "scale", "each_node", "each_zone"])
        .required(true)
        .multiple(true),
    after_help = "\
Examples:
  kubectl get services,endpointslices,nodes,pods -A -o yaml > cluster.yaml
  portolan what-if -f cluster.yaml --drain node-a
  portolan what-if -f cluster.yaml --lose-zone eu-1a --reschedule
  portolan what-if -f cluster.yaml --scale shop/cart=1 --output markdown
  portolan what-if -f cluster.yaml --each-node --fail-on lost-service
  portolan what-if -f cluster.yaml --each-node=drained --reschedule"
)]
pub(crate) struct WhatIfArgs {
    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    /// Drain these nodes
    #[arg(
        long,
        value_name = "NODE",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = "What happens"
    )]
    drain: Vec<String>,

    /// Lose these nodes
    #[arg(
        long,
        value_name = "NODE",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = "What happens"
    )]
    lose_node: Vec<String>,

    /// Lose every node of these zones
    #[arg(
        long,
        value_name = "ZONE",
        num_args = 1..,
        value_delimiter = ',',
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = "What happens"
    )]
    lose_zone: Vec<String>,

    /// Run this number of Pods of a workload; where several are called so, write deployment/shop/cart=3
    #[arg(
        long,
        value_name = "NS/NAME=N",
        num_args = 1..,
        value_delimiter = ',',
        help_heading = "What happens"
    )]
    scale: Vec<Scale>,

    /// Lose every node, one at a time, or drain it: a row for each, the worst first
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "lost",
        conflicts_with_all = ["each_zone", "drain", "lose_node", "lose_zone", "scale"],
        help_heading = "What happens"
    )]
    each_node: Option<Each>,

    /// Lose every zone, one at a time, or drain all of its nodes
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "lost",
        conflicts_with_all = ["drain", "lose_node", "lose_zone", "scale"],
        help_heading = "What happens"
    )]
    each_zone: Option<Each>,

    /// Run the Pods that go on the nodes that are left, by a rule that is not the scheduler's [default: they
    /// are gone]
    #[arg(long, help_heading = "What happens")]
    reschedule: bool,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Print the report for people, for machines, or for a forge
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        help_heading = "Output"
    )]
    output: Format,

    /// Mark the Markdown with this name, so that a later comment can replace it
    #[arg(
        long,
        value_name = "NAME",
        default_value = "what-if",
        help_heading = "Output"
    )]
    marker: String,

    /// Exit 1 if one of these happens
    #[arg(
        long,
        value_name = "WHAT",
        value_enum,
        num_args = 1..,
        value_delimiter = ',',
        help_heading = "Output"
    )]
    fail_on: Vec<FailOn>,
}

/// What happens to each node, or zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Each {
    /// It is gone, with its Pods and its kube-proxy
    Lost,
    /// Its Pods are evicted
    Drained,
}

impl From<Each> for Happens {
    fn from(each: Each) -> Self {
        match each {
            Each::Lost => Self::Lost,
            Each::Drained => Self::Drained,
        }
    }
}

/// What fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A Service, or one of its ports, loses all endpoints
    LostService,
    /// Traffic policy Local leaves nobody on a node that goes on
    LostLocal,
    /// Hints stop deciding
    LostHints,
    /// No node is left for a Pod
    Unplaced,
}

impl FailOn {
    /// Whether it happens.
    fn happens(self, impact: &Impact, unplaced: usize) -> bool {
        match self {
            Self::LostService => !impact.lost.is_empty(),
            Self::LostLocal => !impact.local.is_empty(),
            Self::LostHints => !impact.fallbacks.is_empty(),
            Self::Unplaced => unplaced > 0,
        }
    }
}

/// A workload and its number of Pods.
#[derive(Debug, Clone)]
struct Scale {
    target: Target,
    number: u32,
}

/// Text that says no workload and number.
#[derive(Debug, thiserror::Error)]
enum ScaleError {
    #[error("expected NAMESPACE/NAME=NUMBER, or KIND/NAMESPACE/NAME=NUMBER")]
    Form,
    #[error("{0:?} is no number of Pods")]
    Number(String),
    #[error(transparent)]
    Target(#[from] portolan_compiler::what_if::TargetError),
}

impl FromStr for Scale {
    type Err = ScaleError;

    fn from_str(text: &str) -> Result<Self, ScaleError> {
        let (target, number) = text.split_once('=').ok_or(ScaleError::Form)?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| digits);
        Ok(Self {
            target: target.parse()?,
            number: number.ok_or_else(|| {
                let (_, number) = text.split_once('=').unwrap_or_default();
                ScaleError::Number(number.to_owned())
            })?,
        })
    }
}

pub(crate) fn run(
    args: &WhatIfArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let places = args.reschedule || !args.scale.is_empty();
    if args.fail_on.contains(&FailOn::Unplaced) && !places {
        context.streams.stderr.say(
            "--fail-on unplaced cannot happen: no Pod is placed without --reschedule or --scale\n",
        );
    }
    let request = Request {
        filename: &args.files.filename,
        manifests: &args.manifests,
        options: args
            .profile
            .mirror()
            .options(NodeSelection::All, &args.manifests),
        message_format: super::shared::format::Format::Human,
        telling: Telling::Later,
    };
    let is_each = args.each_node.is_some() || args.each_zone.is_some();
    let checked = if is_each {
        request.survey(context, clock)?
    } else {
        request.check(context, clock)?
    };
    let Some(checked) = checked else {
        return Ok(Exit::Data);
    };
    let cluster = checked.prepared.cluster();
    if cluster.services.is_empty() {
        return Err(WhatIfError::NoService.into());
    }
    if cluster.slices.is_empty() && cluster.pods.is_empty() {
        return Err(WhatIfError::NoEndpoints.into());
    }
    clock.begin_phase("look");
    let situation = Situation::new(&checked.prepared);
    if is_each {
        return each::tell(args, &situation, context, clock);
    }
    ask::tell(args, &checked, &situation, context, clock)
}

impl WhatIfArgs {
    /// What is asked, with the names that the cluster has.
    fn question(&self, situation: &Situation<'_>) -> Result<Question, Failure> {
        let scaled = self.scale.iter();
        let rest = Question {
            scaled: scaled
                .map(|scale| (scale.target.clone(), scale.number))
                .collect(),
            evicted: self.evicted(),
            ..Question::default()
        };
        situation
            .question(&self.drain, &self.lose_node, &self.lose_zone, rest)
            .map_err(|unknown| Failure::all(unknown.into_iter().map(WhatIfError::Unknown)))
    }

    fn evicted(&self) -> Evicted {
        if self.reschedule {
            Evicted::Placed
        } else {
            Evicted::Gone
        }
    }

    /// What the input is called.
    fn label(&self) -> String {
        let names = self
            .files
            .filename
            .iter()
            .map(|name| name.to_string_lossy());
        names.collect::<Vec<_>>().join(" ")
    }

    /// How the run ends, where these things happen.
    fn exit(&self, happens: impl Fn(FailOn) -> bool, context: &mut Context<'_, '_>) -> Exit {
        let failed = self.fail_on.iter().filter(|what| happens(**what));
        let failed: Vec<String> = failed
            .filter_map(|what| Some(what.to_possible_value()?.get_name().to_owned()))
            .collect();
        if failed.is_empty() {
            return Exit::Done;
        }
        let said = format!("Fails on {}.\n", failed.join(", "));
        context.streams.stderr.say(&said);
        Exit::Differs
    }
}
