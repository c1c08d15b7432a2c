use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Args, ValueEnum};
use portolan_compiler::diff::graph::{Detail, Picture, Side as Where};
use portolan_compiler::diff::service::ServiceDiff;
use portolan_compiler::diff::{Subject, treatment};

use super::shared::filter::{Choice, FilterArgs, Looked};
use super::shared::profile::ProfileArgs;
use super::shared::sides::{
    Loading, Node, Side, SideArgs, pair, pair_or_declared, say_nothing, tell_found,
};
use super::shared::unused;
use crate::commands::shared::{Context, RepositoryArgs};
use crate::report::{Clock, Exit, Failure, Verbosity};

/// Most edges that Mermaid draws, as long as `maxEdges` is not raised.
const MERMAID: usize = 500;

/// Draw Services, where they are reachable, who answers, and on which nodes
///
/// Of one input everything is drawn; of two, what changes from the first to the second, and what
/// stays of the same Services. Inputs are what `portolan diff` takes.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  portolan graph cluster.yaml
  portolan graph cluster.yaml -n shop
  portolan graph cluster.yaml --output dot | dot -Tsvg > cluster.svg
  portolan graph main:clusters/prod clusters/prod --base cluster.yaml"
)]
pub(crate) struct GraphArgs {
    /// The state to draw, or the old one
    #[arg(value_name = "INPUT")]
    input: OsString,

    /// The new state
    #[arg(value_name = "NEW")]
    new: Option<OsString>,

    #[command(flatten)]
    sides: SideArgs,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    _repository: RepositoryArgs,

    #[command(flatten)]
    profile: ProfileArgs,

    /// Write the picture in this language
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "mermaid",
        help_heading = "Output"
    )]
    output: Format,
}

/// Languages of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Mermaid, which forges draw
    Mermaid,
    /// Graphviz
    Dot,
}

pub(crate) fn run(
    args: &GraphArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let mirror = args.profile.mirror();
    let mut loading = Loading::new(&args.sides, clock);
    let Some(old) = loading.load(&args.input, mirror, context)? else {
        return Ok(Exit::Data);
    };
    let new = match &args.new {
        None => None,
        Some(new) => match loading.load(new, mirror, context)? {
            Some(new) => Some(new),
            None => return Ok(Exit::Data),
        },
    };
    let sides: Vec<&Side> = [&old].into_iter().chain(&new).collect();
    unused::beside_sides(&context.given, &sides)?;
    say_nothing(&sides, context);
    // A picture has no room for them.
    tell_found(&sides, context);
    clock.begin_phase("draw");
    let mut choice = Choice::new(args.filter.filter());
    for side in &sides {
        side.inform(&mut choice);
    }
    let node = args.sides.node.as_deref();
    let (picture, looked) = match &new {
        None => whole(&old, node, &choice)?,
        Some(new) => changes(&old, new, node, &choice)?,
    };
    if let Some(looked) = looked {
        looked.say(context);
    }
    let drawable = args.output != Format::Mermaid || picture.edges() <= MERMAID;
    if !drawable && context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&format!(
            "{} edges; viewers of Mermaid draw {MERMAID} unless they are told otherwise: \
             --output dot has no such limit, and --namespace and --node draw less\n",
            picture.edges()
        ));
    }
    let text = match args.output {
        Format::Mermaid => picture.mermaid(),
        Format::Dot => picture.dot(),
    };
    context.streams.stdout.document(&text);
    Ok(Exit::Done)
}

/// A picture, and what a filter left of it.
type Filtered = (Picture, Option<Looked>);

fn whole(side: &Side, node: Option<&str>, choice: &Choice) -> Result<Filtered, Failure> {
    let mut picture = Picture::new(Detail::All);
    let mut subjects = BTreeSet::new();
    let shows = |subject: &Subject| choice.shows(subject);
    for (name, index, _) in pair(side, side, node)?.both {
        let view = side.node(index)?.view();
        subjects.extend(view.subjects());
        picture.add(&name, (&view, &view), Where::Only, shows);
    }
    if let Some(declarations) = side.declarations() {
        picture.declare(&declarations, Where::Only, shows);
    }
    Ok((picture, choice.look(subjects.iter())?))
}

fn changes(
    old: &Side,
    new: &Side,
    node: Option<&str>,
    choice: &Choice,
) -> Result<Filtered, Failure> {
    let mut picture = Picture::new(Detail::All);
    let mut subjects = BTreeSet::new();
    for (name, a, b) in pair_or_declared(old, new, node)?.both {
        let (a, b) = (old.node(a)?, new.node(b)?);
        let (before, after) = (a.view(), b.view());
        let mut diff = ServiceDiff::default();
        let asked = Node::both_asked(&a, &b);
        let asked = asked
            .as_ref()
            .map(|sides| sides.each_ref().map(treatment::Side::asked));
        diff.add(name.clone(), &before, &after, asked);
        subjects.extend(diff.totals.subjects().cloned());
        let draws = |subject: &Subject| diff.totals.is_touched(subject) && choice.shows(subject);
        picture.add(&name, (&before, &after), Where::Old, draws);
        picture.add(&name, (&after, &before), Where::New, draws);
    }
    if let (Some(was), Some(is)) = (old.declarations(), new.declarations()) {
        let mut diff = ServiceDiff::of_declared(&was, &is);
        diff.declare(&was, &is);
        let draws = |subject: &Subject| diff.totals.is_touched(subject) && choice.shows(subject);
        picture.declare(&was, Where::Old, draws);
        picture.declare(&is, Where::New, draws);
    }
    Ok((picture, choice.look(subjects.iter())?))
}
