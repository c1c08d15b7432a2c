mod error;
mod ipset;
mod iptables;
mod ipvs;
mod kind;
mod links;
mod manifest;
mod nftables;
mod plan;
mod services;
mod small;

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use portolan_compiler::bundle::{ArtefactKind, Bundle};
use portolan_compiler::escape;
use portolan_compiler::observed::{self, CaptureFile, timeouts};
use portolan_compiler::plan::file;

use crate::commands::shared::planning::StateArgs;
use crate::commands::shared::{Context, bundle_outline, unused};
use crate::input::read::{self, FILE_BYTES};
use crate::report::{Exit, Failure, Verbosity};
use crate::rules::BundleFile;

use error::{Problem, ShowError};
use kind::{Shown, ShownKind};

/// Show an artefact in readable form
///
/// What an artefact is, its name says, or else its content; it may come from another tool too, such
/// as `ipset save`, `ipvsadm -Sn` or `ip addr`, with the prompt it was typed at.
///
/// A plan is printed as `portolan plan` did, with its digests, where and on what it was made, and
/// whether this node would still take it.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The artefact, or - for standard input
    #[arg(value_name = "FILE|-")]
    file: OsString,

    /// Read it as this kind of artefact
    #[arg(long = "as", value_name = "NAME", value_parser = kind_names())]
    kind: Option<ShownKind>,

    #[command(flatten)]
    state: StateArgs,
}

fn kind_names() -> impl TypedValueParser<Value = ShownKind> {
    let names = ShownKind::all().map(ShownKind::name);
    PossibleValuesParser::new(names)
        .try_map(|name| ShownKind::named(&name).ok_or("not the name of an artefact"))
}

pub(crate) fn run(args: &ShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let fail = |problem| ShowError::new(&args.file, problem);
    let path = Path::new(&args.file);
    let read = if args.file == "-" {
        read::bounded(context.streams.stdin, FILE_BYTES)
    } else if path.is_dir() {
        return Err(fail(Problem::Folder).into());
    } else {
        read::named(path, FILE_BYTES)
    };
    let bytes = read.map_err(|error| fail(Problem::Read(error)))?;
    if args.kind.is_none() && Bundle::begins(&bytes) {
        let file = BundleFile::of(path, bytes, None)?;
        context
            .streams
            .stdout
            .styled(&bundle_outline::human(file.bundle()));
        return Ok(Exit::Done);
    }
    if args.kind.is_none()
        && let Ok(text) = str::from_utf8(&bytes)
        && file::is_plan(text)
    {
        let shown = plan::show(text, &args.state).map_err(fail)?;
        context.streams.stdout.styled(&shown);
        return Ok(Exit::Done);
    }
    unused::beside_artefact(&context.given, path)?;
    let kind = args
        .kind
        .or_else(|| ShownKind::of_file(Path::new(&args.file)));
    let (shown, unfinished) = Shown::new(kind, bytes).map_err(fail)?;
    let text = render(shown).map_err(fail)?;
    context.streams.stdout.styled(&text);
    if let Some(problem) = unfinished
        && context.verbosity > Verbosity::Quiet
    {
        let note = format!("note: {}\n", escape::visible(&problem));
        context.streams.stderr.say(&note);
    }
    Ok(Exit::Done)
}

fn render(shown: Shown) -> Result<String, Problem> {
    match shown {
        Shown::Netlink(bytes) => ipvs::messages(&bytes),
        Shown::Manifest(text) => {
            whole(&text)?;
            manifest::show(&text)
        }
        Shown::Artefact(kind, text) => artefact(kind, &text),
        Shown::Captured(file, text) => captured(file, &text),
    }
}

fn artefact(kind: ArtefactKind, text: &str) -> Result<String, Problem> {
    // The others end in their own ways, and are asked whether they did.
    if !matches!(
        kind,
        ArtefactKind::NftablesJson | ArtefactKind::IpvsTimeouts
    ) {
        whole(text)?;
    }
    match kind {
        ArtefactKind::ModulesLoad => Ok(small::modules(text)),
        ArtefactKind::Sysctl => Ok(small::sysctls(text)),
        ArtefactKind::Addresses => Ok(small::addresses(text)),
        ArtefactKind::Ipset => ipset::show(text),
        ArtefactKind::Iptables | ArtefactKind::Ip6tables => iptables::show(text),
        ArtefactKind::IpvsRules => ipvs::table(text),
        ArtefactKind::IpvsTimeouts => Ok(small::timeouts(
            timeouts(text).map_err(|error| Problem::Output(error.problem()))?,
        )),
        ArtefactKind::Nftables => nftables::show(text),
        ArtefactKind::Services => services::show(text),
        // Already as plain as it gets: a command a line.
        ArtefactKind::NftablesJson => Ok(escape::json_source(text)),
        // It is no text.
        ArtefactKind::IpvsNetlink => Err(Problem::NotText),
    }
}

fn captured(file: CaptureFile, text: &str) -> Result<String, Problem> {
    match file {
        CaptureFile::VirtualServers => ipvs::table(text),
        CaptureFile::Timeouts => Ok(small::timeouts(
            timeouts(text).map_err(|error| Problem::Output(error.problem()))?,
        )),
        CaptureFile::Addresses => Ok(links::show(
            &observed::links(text).map_err(|error| Problem::Output(error.problem()))?,
        )),
        CaptureFile::DummyAddresses => Ok(links::show(
            &observed::links_alone(text).map_err(|error| Problem::Output(error.problem()))?,
        )),
        CaptureFile::Sets => ipset::show(text),
        CaptureFile::Iptables
        | CaptureFile::Ip6tables
        | CaptureFile::LegacyIptables
        | CaptureFile::LegacyIp6tables
        | CaptureFile::NftIptables
        | CaptureFile::NftIp6tables => iptables::show(text),
        CaptureFile::Tables => nftables::show(text),
        CaptureFile::Sysctl => Ok(small::sysctls(text)),
    }
}

/// Refuses a text that ends within a line: no artefact does.
fn whole(text: &str) -> Result<(), Problem> {
    if text.is_empty() || text.ends_with('\n') {
        Ok(())
    } else {
        Err(Problem::Cut(text.lines().count()))
    }
}
