use std::ffi::OsString;

use clap::{Args, ValueEnum};
use portolan_compiler::diff::graph::{Detail, Picture, Side as Where};
use portolan_compiler::diff::service::ServiceDiff;
use portolan_compiler::diff::treatment;

use super::shared::profile::ProfileArgs;
use super::shared::sides::{Loading, Node, Side, SideArgs, pair, say_nothing, tell_found};
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
    let picture = match &new {
        None => whole(&old, args.sides.node.as_deref())?,
        Some(new) => changes(&old, new, args.sides.node.as_deref())?,
    };
    let drawable = args.output != Format::Mermaid || picture.edges() <= MERMAID;
    if !drawable && context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(&format!(
            "{} edges; viewers of Mermaid draw {MERMAID} unless they are told otherwise: \
             --output dot has no such limit, and --node draws less\n",
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

fn whole(side: &Side, node: Option<&str>) -> Result<Picture, Failure> {
    let mut picture = Picture::new(Detail::All);
    for (name, index, _) in pair(side, side, node)?.both {
        let view = side.node(index)?.view();
        picture.add(&name, (&view, &view), Where::Only, |_| true);
    }
    Ok(picture)
}

fn changes(old: &Side, new: &Side, node: Option<&str>) -> Result<Picture, Failure> {
    let mut picture = Picture::new(Detail::All);
    for (name, a, b) in pair(old, new, node)?.both {
        let (a, b) = (old.node(a)?, new.node(b)?);
        let (before, after) = (a.view(), b.view());
        let mut diff = ServiceDiff::default();
        let asked = Node::both_asked(&a, &b);
        let asked = asked
            .as_ref()
            .map(|sides| sides.each_ref().map(treatment::Side::asked));
        diff.add(name.clone(), &before, &after, asked);
        let touched = |subject: &_| diff.totals.is_touched(subject);
        picture.add(&name, (&before, &after), Where::Old, touched);
        picture.add(&name, (&after, &before), Where::New, touched);
    }
    Ok(picture)
}
