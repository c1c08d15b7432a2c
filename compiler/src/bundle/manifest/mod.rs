//! MANIFEST: what was made for each node, of what, as which kube-proxy.
//!
//! The folder's own says which portolan wrote it and of what, as far as all nodes have that in common:
//!
//! ```text
//! portolan-manifest 3
//! portolan 0.1.0
//! input sha256:…
//! ```
//!
//! A node's part is a file in its folder, so that two changes about two nodes never meet in one file,
//! and the same whoever else is compiled:
//!
//! ```text
//! portolan-node 3
//! node node-a
//! emulates kube-proxy 1.37 ipvs
//! input sha256:…
//! target sha256:…
//! sha256:…  ipset.restore
//! ```
//!
//! Formats 1 and 2, which say all of it in the folder's own file, are still read; the former has one
//! release, mode and digest for all nodes.
//!
//! The reader takes nothing but what the writer writes: files named in a MANIFEST are removed and,
//! later, applied, so no path may lead anywhere else.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::folder::{folder_name, node_of_folder};
use super::{ArtefactKind, Digest, NodeArtefacts, NotADigest, Target};
use crate::model::KubeVersion;
use crate::model::Mode;
use crate::model::name::NodeName;

const FORMAT: &str = "portolan-manifest 3";
const FORMAT_2: &str = "portolan-manifest 2";
const FORMAT_1: &str = "portolan-manifest 1";
const NODE_FORMAT: &str = "portolan-node 3";

/// Which kube-proxy the artefacts of a node mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Emulates {
    /// Release of the kube-proxy, such as 1.34.
    pub version: KubeVersion,
    /// Proxy mode of the kube-proxy, which decides which artefacts there are.
    pub mode: Mode,
}

impl fmt::Display for Emulates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kube-proxy {} {}", self.version, self.mode.as_str())
    }
}

/// Where an artefact lies: `nodes/<node>/<file>`. Ordered by node, then as a node takes them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArtefactPath {
    /// Name of the node, and of its folder.
    pub node: NodeName,
    /// What the file holds, which decides its name.
    pub kind: ArtefactKind,
}

impl ArtefactPath {
    /// Reads a path; `None` for any that portolan does not write.
    pub fn parse(text: &str) -> Option<Self> {
        let (node, file) = text.strip_prefix("nodes/")?.split_once('/')?;
        Some(Self {
            node: node_of_folder(node)?,
            kind: file.parse().ok()?,
        })
    }
}

impl fmt::Display for ArtefactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = folder_name(&self.node);
        write!(f, "nodes/{folder}/{}", self.kind.as_str())
    }
}

/// What MANIFEST says of a node, apart from its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeEntry {
    /// Which kube-proxy is mirrored.
    pub emulates: Emulates,
    /// Digest of what decided the rules: [`crate::canonical`]. In format 1 one of another form, over all
    /// nodes.
    pub input: Digest,
    /// What the node is asked to hold; formats 1 and 2 do not say.
    pub target: Option<Target>,
}

/// What MANIFESTs say: the folder's own, and those of its nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Version of the portolan that wrote the folder's own.
    pub tool: String,
    /// Digest of what decided the rules of all nodes alike, in the last run; formats 1 and 2 do not
    /// say.
    pub input: Option<Digest>,
    /// Each with what its artefacts are made for.
    pub nodes: BTreeMap<NodeName, NodeEntry>,
    /// Every artefact with the digest of its bytes; each is of one of the nodes.
    pub files: BTreeMap<ArtefactPath, Digest>,
}

/// What a folder's own MANIFEST says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// Who wrote it; each node's part is in the node's folder.
    Parts {
        /// Version of the portolan that wrote it.
        tool: String,
        /// Digest of what decided the rules of all nodes alike.
        input: Digest,
    },
    /// All of it: formats 1 and 2.
    Whole(Manifest),
}

impl Manifest {
    /// Name of the file, of the folder's own and of each node's.
    pub const FILE_NAME: &'static str = "MANIFEST";

    /// Of a folder that this portolan writes, without nodes so far.
    pub fn new(input: Digest) -> Self {
        Self::written_by(env!("CARGO_PKG_VERSION").to_owned(), Some(input))
    }

    /// Of a folder that this version of portolan wrote, without nodes so far.
    pub fn written_by(tool: String, input: Option<Digest>) -> Self {
        Self {
            tool,
            input,
            nodes: BTreeMap::new(),
            files: BTreeMap::new(),
        }
    }

    /// Adds a node with its artefacts.
    pub fn add(&mut self, emulates: Emulates, input: Digest, artefacts: &NodeArtefacts) {
        let entry = NodeEntry {
            emulates,
            input,
            target: Some(artefacts.target),
        };
        self.nodes.insert(artefacts.node.clone(), entry);
        for file in &artefacts.files {
            let path = ArtefactPath {
                node: artefacts.node.clone(),
                kind: file.kind,
            };
            self.files.insert(path, Digest::of(&file.bytes));
        }
    }

    /// Whether a text is a folder's own, or means to be one: another file of this name is somebody else's.
    pub fn begins(text: &str) -> bool {
        text.starts_with("portolan-manifest ")
    }

    /// Whether a text is a node's part, or means to be one.
    pub fn is_part(text: &str) -> bool {
        text.starts_with("portolan-node ")
    }

    /// The text of the folder's own file.
    pub fn head(&self) -> String {
        let mut text = format!("{FORMAT}\nportolan {}\n", self.tool);
        if let Some(input) = self.input {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "input {input}");
        }
        text
    }

    /// The text of a node's part; `None` of a node that it has not, or of one that an older portolan
    /// compiled.
    pub fn part(&self, node: &NodeName) -> Option<String> {
        self.nodes.get(node)?.target?;
        let mut text = format!("{NODE_FORMAT}\n");
        self.write_node(node, &mut text);
        Some(text)
    }

    /// Writes what is said of a node, and its files; nothing of a node without a target.
    pub(in crate::bundle) fn write_node(&self, node: &NodeName, text: &mut String) {
        let Some(NodeEntry {
            emulates,
            input,
            target: Some(target),
        }) = self.nodes.get(node)
        else {
            return;
        };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "node {node}\nemulates {emulates}\ninput {input}\ntarget {target}\n"
        );
        for (path, digest) in self.files_of(node) {
            let _ = writeln!(text, "{digest}  {}", path.kind.as_str());
        }
    }

    /// The artefacts of a node, in order.
    pub fn files_of<'a>(
        &'a self,
        node: &'a NodeName,
    ) -> impl Iterator<Item = (&'a ArtefactPath, &'a Digest)> {
        let first = ArtefactPath {
            node: node.clone(),
            kind: ArtefactKind::ModulesLoad,
        };
        let files = self.files.range(first..);
        files.take_while(move |(path, _)| path.node == *node)
    }
}

/// A line that a MANIFEST cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}{}", by(written_by.as_deref()))]
pub struct ManifestError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: ManifestProblem,
    /// The portolan that wrote the file, if it is of another version than this one.
    pub written_by: Option<String>,
}

fn by(tool: Option<&str>) -> String {
    let ours = env!("CARGO_PKG_VERSION");
    tool.map_or_else(String::new, |tool| {
        format!(" (portolan {tool} wrote it, and this is {ours})")
    })
}

/// What is wrong with a line of a MANIFEST.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// The file is something else.
    #[error("not a MANIFEST of portolan")]
    NotAManifest,
    /// A format of another portolan.
    #[error("format {0:?} is not known; this portolan reads formats 1 to 3")]
    Format(String),
    /// Something else was due here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// A digest that is none.
    #[error(transparent)]
    Digest(#[from] NotADigest),
    /// A name that no node has.
    #[error("{0:?} is not the name of a node")]
    Node(String),
    /// A path that portolan does not write, or not for this node.
    #[error("{0:?} is not the path of an artefact")]
    Path(String),
    /// A part of another node than the one whose folder it lies in.
    #[error("it is of node {0}, and lies in the folder of another")]
    Elsewhere(NodeName),
    /// Nodes or paths not in order, or one twice.
    #[error("nodes or paths are out of order")]
    Order,
    /// The last line lacks its line feed.
    #[error("the file ends in the middle of a line")]
    Cut,
}
