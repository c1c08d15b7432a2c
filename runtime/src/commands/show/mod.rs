mod error;
mod ipset;
mod iptables;
mod ipvs;
mod kind;
mod manifest;
mod nftables;
mod services;
mod small;

use std::ffi::OsString;
use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::escape;

use crate::commands::shared::Context;
use crate::input::read::{self, FILE_BYTES};
use crate::report::{Exit, Failure};

use error::{Problem, ShowError};
use kind::Kind;

/// Show an artefact in readable form
///
/// What an artefact is, its name says, or else its content; it may come from another tool too, such
/// as `ipset save` or `ipvsadm -Sn`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The artefact, or - for standard input
    #[arg(value_name = "FILE|-")]
    file: OsString,

    /// Read it as this kind of artefact
    #[arg(long = "as", value_name = "NAME", value_parser = kind_names())]
    kind: Option<Kind>,
}

fn kind_names() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::all().map(Kind::name);
    PossibleValuesParser::new(names)
        .try_map(|name| Kind::named(&name).ok_or("not the name of an artefact"))
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
    let kind = args
        .kind
        .or_else(|| Kind::of_file(Path::new(&args.file)))
        .or_else(|| Kind::of_content(&bytes))
        .ok_or_else(|| fail(Problem::UnknownKind))?;
    let text = render(kind, bytes).map_err(fail)?;
    context.streams.stdout.styled(&text);
    Ok(Exit::Done)
}

fn render(kind: Kind, bytes: Vec<u8>) -> Result<String, Problem> {
    let kind = match kind {
        Kind::Artefact(ArtefactKind::IpvsNetlink) => return ipvs::messages(&bytes),
        other => other,
    };
    let text = String::from_utf8(bytes).map_err(|_| Problem::NotText)?;
    match kind {
        Kind::Manifest => manifest::show(&text),
        Kind::Artefact(kind) => match kind {
            ArtefactKind::ModulesLoad => Ok(small::modules(&text)),
            ArtefactKind::Sysctl => Ok(small::sysctls(&text)),
            ArtefactKind::Addresses => Ok(small::addresses(&text)),
            ArtefactKind::Ipset => ipset::show(&text),
            ArtefactKind::Iptables | ArtefactKind::Ip6tables => iptables::show(&text),
            ArtefactKind::IpvsRules => ipvs::table(&text),
            ArtefactKind::IpvsTimeouts => Ok(small::timeouts(&text)),
            ArtefactKind::Nftables => nftables::show(&text),
            ArtefactKind::Services => services::show(&text),
            // Already as plain as it gets: a command a line.
            ArtefactKind::NftablesJson => Ok(escape::json_source(&text)),
            // Taken care of above: it is no text.
            ArtefactKind::IpvsNetlink => Err(Problem::NotText),
        },
    }
}

/// `1 set`, `2 sets`.
fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ if noun.ends_with('y') => format!("{number} {}ies", &noun[..noun.len() - 1]),
        _ if noun.ends_with('s') => format!("{number} {noun}es"),
        _ => format!("{number} {noun}s"),
    }
}
