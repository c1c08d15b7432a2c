//! Whose rules a node takes: its own, unless somebody says that another name is meant.

use std::fmt;

use portolan_compiler::diag::some;
use portolan_compiler::english::agree;
use portolan_compiler::model::name::NodeName;

use crate::host;
use crate::report::{Exit, Explain, Failure};
use crate::rules::Rules;
use crate::transaction::store::Store;

/// What a node is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct OwnName {
    name: String,
    source: Source,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The record of what was applied last.
    Generation(u64),
    /// The machine.
    HostName,
    /// Whoever types.
    Typed,
}

impl OwnName {
    /// What the records say, else the host name.
    pub(in crate::commands) fn of(store: Option<&Store>) -> Result<Self, Failure> {
        if let Some(store) = store
            && let Some(generation) = store.current_generation()?
        {
            return Ok(Self {
                name: generation.node.to_string(),
                source: Source::Generation(generation.number),
            });
        }
        Ok(Self {
            name: host::facts()?.name,
            source: Source::HostName,
        })
    }

    /// What it is called by whoever types.
    pub(in crate::commands) fn meant(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: Source::Typed,
        }
    }

    pub(in crate::commands) fn as_str(&self) -> &str {
        &self.name
    }

    /// Takes what is of this node.
    ///
    /// # Errors
    /// Where it is of others.
    pub(in crate::commands) fn takes(
        &self,
        what: Offered,
        nodes: &[NodeName],
    ) -> Result<(), OtherNode> {
        if nodes.iter().any(|node| node.as_str() == self.name) {
            return Ok(());
        }
        Err(OtherNode {
            what,
            nodes: nodes.to_vec(),
            here: self.clone(),
        })
    }
}

impl fmt::Display for OwnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::Generation(number) => {
                write!(
                    f,
                    "{}, as the record of generation {number} says",
                    self.name
                )
            }
            Source::HostName => write!(f, "{}, by its host name", self.name),
            Source::Typed => write!(f, "{}, by --node", self.name),
        }
    }
}

/// What is offered to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Offered {
    Plan,
    Folder,
    Bundle,
}

impl Offered {
    /// Compiled rules, as what they are.
    pub(in crate::commands) fn of(rules: &Rules) -> Self {
        match rules {
            Rules::Folder(_) => Self::Folder,
            Rules::Bundle(_) => Self::Bundle,
        }
    }
}

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plan => "plan",
            Self::Folder => "folder",
            Self::Bundle => "bundle",
        })
    }
}

/// It is for another node; nothing was touched.
#[derive(Debug, thiserror::Error)]
#[error("the {what} is for {}, and this is node {here}", of_nodes(nodes))]
pub(in crate::commands) struct OtherNode {
    what: Offered,
    nodes: Vec<NodeName>,
    here: OwnName,
}

fn of_nodes(nodes: &[NodeName]) -> String {
    let names = some(nodes.iter().map(NodeName::as_str));
    match nodes.len() {
        0 => "no node".to_owned(),
        number => format!("{} {names}", agree(number, "node", "nodes")),
    }
}

impl Explain for OtherNode {
    fn exit(&self) -> Exit {
        Exit::Stale
    }

    fn help(&self) -> Option<String> {
        Some(match &self.nodes[..] {
            [node] => format!(
                "if this machine is {node}, pass --node {node}: the records keep the name; else see \
                 where the {} came from",
                self.what
            ),
            _ => "if this machine has another name as a node, pass it with --node: the records keep it"
                .to_owned(),
        })
    }
}
