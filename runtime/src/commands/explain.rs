use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{ArgGroup, Args};
use portolan_compiler::compile::NodeSelection;
use portolan_compiler::escape::visible;
use portolan_compiler::explain::render::{Manifests, Page};
use portolan_compiler::explain::{
    Arrival, Asked, Destination, ExplainError, Explanation, Flow, Vicinity, explain, lost_answers,
    render,
};
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::IpFamily;
use portolan_compiler::model::address::parse_ip;
use portolan_compiler::model::name::InterfaceName;

use super::shared::format::{Format, FormatArgs};
use super::shared::manifests::{COMPILES, FileArgs, ManifestArgs, Request, Telling};
use super::shared::matter::Matter;
use super::shared::profile::ProfileArgs;
use super::shared::{mirrored, unused};
use crate::commands::shared::Context;
use crate::report::{Clock, Exit, Explain, Failure, UsageError};
use crate::rules::Rules;

/// Show what becomes of a packet on a node, and which manifests say so
///
/// Follows the first packet of a connection, or a ping, through what is compiled for the node: hooks,
/// chains, rules, entries of sets, virtual servers, address translation, and where it ends; for each
/// the line of a manifest behind it. No kernel is asked, and only the rules of Services are looked at.
#[derive(Debug, Args)]
#[command(
    mut_arg("filename", |arg| arg.help(COMPILES)),
    verbatim_doc_comment,
    group = ArgGroup::new("wanted").args(["folder", "filename"]).required(true),
    after_help = "\
Examples:
  portolan explain --from 10.244.1.7 --to 10.96.0.10:53/udp -f cluster.yaml --node node-a
  portolan explain --from 10.244.1.7 --to shop/cart:http -f cluster.yaml --node node-a
  portolan explain --from node --to 192.0.2.11:30053/udp -f cluster.yaml --mode iptables
  portolan explain --from 198.51.100.9 --to 203.0.113.7:443 rules --node-address 192.0.2.11",
)]
pub(crate) struct ExplainArgs {
    /// A compiled folder: MANIFEST and nodes/<node>/...
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The sender's address, or `node` for the node itself with the address it chooses
    #[arg(long, value_name = "ADDRESS|node", value_parser = sender, help_heading = "Packet")]
    from: Sender,

    /// The destination; TCP where no protocol is named. A Service stands for its cluster IP, of the
    /// sender's family, and needs no port where it has one alone
    #[arg(
        long,
        value_name = "ADDRESS:PORT[/PROTOCOL]|ADDRESS/ping|NAMESPACE/SERVICE[:PORT]",
        help_heading = "Packet"
    )]
    to: Asked,

    /// The interface it comes in through [default: where that makes a difference, both cases are
    /// shown]
    #[arg(long, value_name = "NAME", value_parser = interface, help_heading = "Packet")]
    in_interface: Option<InterfaceName>,

    #[command(flatten)]
    files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    /// The node's addresses, the one it sends from first: a compiled folder does not hold them
    #[arg(
        long,
        value_name = "ADDRESS,...",
        value_delimiter = ',',
        value_parser = address,
        conflicts_with = "filename",
        help_heading = "Input"
    )]
    node_address: Vec<IpAddr>,

    /// Look at this Node [default: the configuration's hostnameOverride, or the only one]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    node: Option<String>,

    #[command(flatten)]
    profile: ProfileArgs,

    #[command(flatten)]
    output: FormatArgs,
}

/// What `--from` names: a sender by its address, or the node itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    Node,
    Address(IpAddr),
}

fn sender(text: &str) -> Result<Sender, String> {
    match text {
        "node" => Ok(Sender::Node),
        text => address(text).map(Sender::Address),
    }
}

fn address(text: &str) -> Result<IpAddr, String> {
    parse_ip(text).map_err(|error| error.to_string())
}

fn interface(text: &str) -> Result<InterfaceName, String> {
    InterfaceName::parse(text).map_err(|error| error.to_string())
}

/// Why nothing is explained.
#[derive(Debug, thiserror::Error)]
#[error("the rules cannot be followed")]
struct Unexplained(#[source] ExplainError);

impl Explain for Unexplained {
    fn exit(&self) -> Exit {
        Exit::Data
    }

    fn help(&self) -> Option<String> {
        Some("portolan does not write such rules: compile them again".to_owned())
    }
}

pub(crate) fn run(
    args: &ExplainArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    if let Some(folder) = &args.folder {
        unused::beside_rules(&context.given, folder)?;
        clock.begin_phase("load files");
        let rules = Rules::open(folder)?;
        let read = rules.read(args.node.as_deref())?;
        if args.node_address.is_empty() {
            return Err(UsageError::new(
                format!(
                    "which addresses are the node's, {} does not say",
                    visible(&folder.display().to_string())
                ),
                "pass --node-address with all of them, the one that it sends from first",
            )
            .into());
        }
        let mirrors = mirrored::of_rules(
            &rules,
            folder.display(),
            &[(&read.node, read.entry.emulates)],
        );
        mirrored::say(&mirrors, context);
        let vicinity = Vicinity::new(&args.node_address, &read.state);
        let to = args.destination(&read.state)?;
        let explanation = args.explain(&read.state, &vicinity, to, clock)?;
        let page = Page {
            node: &read.node,
            explanation: &explanation,
            // A compiled folder does not hold where endpoints are.
            lost: &BTreeSet::new(),
            manifests: None,
        };
        args.print(&page, context);
        return Ok(Exit::Done);
    }
    let mut request = Request::of_one_node(
        args.node.as_deref(),
        &args.files.filename,
        &args.manifests,
        args.profile.mirror(),
        Telling::Later,
    );
    if args.node.is_none() {
        request.options.nodes = NodeSelection::FromConfigurationOrOnly;
    }
    let Some(checked) = request.check(context, clock)? else {
        return Ok(Exit::Data);
    };
    let Some(node) = checked.prepared.nodes().first() else {
        return Ok(Exit::Data);
    };
    let state = checked.prepared.state(0);
    let program = checked.prepared.program(0);
    let to = args.destination(&state);
    let matter = match (&to, &args.to) {
        (Ok(to), _) | (Err(_), Asked::Address(to)) => Matter::of_flow(program.get(), *to),
        (Err(_), Asked::Service(named)) => Matter::of_service(&named.service),
    };
    checked.tell_about(&matter, context);
    let vicinity = Vicinity::of(program.get(), &state);
    let explanation = args.explain(&state, &vicinity, to?, clock)?;
    let lost = lost_answers(&explanation, program.get(), &vicinity);
    let manifests = Manifests {
        objects: &checked.outcome.objects,
        sources: &checked.sources,
    };
    let page = Page {
        node,
        explanation: &explanation,
        lost: &lost,
        manifests: Some(manifests),
    };
    args.print(&page, context);
    Ok(Exit::Done)
}

impl ExplainArgs {
    fn explain(
        &self,
        state: &NodeState,
        vicinity: &Vicinity,
        to: Destination,
        clock: &Clock,
    ) -> Result<Explanation, Failure> {
        clock.begin_phase("explain");
        let flow = Flow {
            arrival: self.arrival(vicinity, to.address)?,
            to,
        };
        Ok(explain(state, vicinity, &flow).map_err(Unexplained)?)
    }

    /// Where the packet is to go; a Service's name leads to its cluster IP on the node.
    fn destination(&self, state: &NodeState) -> Result<Destination, Failure> {
        let named = match &self.to {
            Asked::Address(to) => return Ok(*to),
            Asked::Service(named) => named,
        };
        let family = match self.from {
            Sender::Node => None,
            Sender::Address(from) => Some(IpFamily::of(from)),
        };
        let list = state.services.as_ref().ok_or_else(|| {
            UsageError::new(
                format!("without a file services no rule says which addresses are {named}'s"),
                "name an address and a port",
            )
        })?;
        named
            .destination(list, family)
            .map_err(|unserved| UsageError::new(unserved.to_string(), unserved.help()).into())
    }

    /// What has an address of the node comes from the node, unless it is said to come in.
    fn arrival(&self, vicinity: &Vicinity, to: IpAddr) -> Result<Arrival, UsageError> {
        let interface = self.in_interface.clone();
        let from = match self.from {
            Sender::Address(from) if from.is_ipv4() != to.is_ipv4() => {
                return Err(UsageError::new(
                    format!("{from} cannot send to {to}: they are of two families"),
                    "name two IPv4 addresses, or two IPv6 addresses",
                ));
            }
            Sender::Node if interface.is_some() => {
                return Err(UsageError::new(
                    "what the node itself sends comes in through no interface",
                    "leave --in-interface out, or name the sender's address",
                ));
            }
            Sender::Node => return Ok(Arrival::Node { from: None }),
            Sender::Address(from) => from,
        };
        Ok(if interface.is_none() && vicinity.is_local(from) {
            Arrival::Node { from: Some(from) }
        } else {
            Arrival::Interface { from, interface }
        })
    }

    fn print(&self, page: &Page<'_>, context: &mut Context<'_, '_>) {
        let stdout = &mut context.streams.stdout;
        match self.output.format {
            Format::Human => {
                let text = render::human(page);
                let text: String = text.lines().map(coloured).collect();
                stdout.styled(&text);
            }
            Format::Json => stdout.document(&render::json(page)),
        }
    }
}

/// The packet and the ends in bold, hooks in colour.
fn coloured(line: &str) -> String {
    use anstyle::{AnsiColor, Style};
    let style = match line.trim_start() {
        rest if rest.starts_with("-> ") => Style::new().bold(),
        "prerouting" | "input" | "forward" | "output" | "postrouting" => {
            AnsiColor::Cyan.on_default()
        }
        _ => return format!("{line}\n"),
    };
    format!("{style}{line}{style:#}\n")
}
