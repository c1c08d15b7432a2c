use clap::Args;
use portolan_compiler::escape;
use portolan_compiler::front::NodeFacts;
use portolan_compiler::front::facts::{ApiVersion, Kind, Metadata};
use portolan_compiler::model::name::{NameError, NodeName};

use crate::commands::shared::Context;
use crate::host;
use crate::report::{Exit, Explain, Failure};

/// Print the NodeFacts of this machine
///
/// NodeFacts say what no Kubernetes object knows: interfaces with their addresses, the kernel, and the
/// iptables programs. Keep one per node beside the manifests.
#[derive(Debug, Args)]
pub(crate) struct FactsArgs {
    /// Name of the Node these facts are about [default: the host's name]
    #[arg(long, value_name = "NAME", conflicts_with = "schema")]
    node: Option<String>,

    /// Print the JSON schema of NodeFacts instead
    #[arg(long)]
    schema: bool,
}

/// A name that no Node can have.
#[derive(Debug, thiserror::Error)]
#[error("{name:?} cannot be the name of a Node: it {reason}")]
struct NodeNameError {
    name: String,
    reason: NameError,
}

impl Explain for NodeNameError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn help(&self) -> Option<String> {
        Some("say which Node this machine is with --node".to_owned())
    }
}

pub(crate) fn run(args: &FactsArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let text = if args.schema {
        schema()
    } else {
        let facts = observe(args.node.as_deref())?;
        // Strings and lists only: serialising cannot fail.
        serde_yaml::to_string(&facts).unwrap_or_default()
    };
    context.streams.stdout.bytes(text.as_bytes());
    Ok(Exit::Done)
}

fn observe(node: Option<&str>) -> Result<NodeFacts, Failure> {
    let host = host::facts()?;
    let name = node.map_or_else(|| host.name.clone(), str::to_owned);
    if let Err(reason) = NodeName::parse(&name) {
        return Err(NodeNameError { name, reason }.into());
    }
    Ok(NodeFacts {
        api_version: ApiVersion::default(),
        kind: Kind::default(),
        metadata: Metadata { name },
        interfaces: host.interfaces,
        kernel: host.kernel,
        iptables: host.iptables,
        nft: host.nft,
    })
}

/// The schema, with a final newline, as it is checked in under `docs/`.
fn schema() -> String {
    let schema = schemars::schema_for!(NodeFacts);
    escape::json(&schema)
}
