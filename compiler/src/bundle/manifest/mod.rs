//! MANIFEST: what a run made for each node, of what, as which kube-proxy.
//!
//! ```text
//! portolan-manifest 2
//! portolan 0.1.0
//!
//! node node-a
//! emulates kube-proxy 1.37 ipvs
//! objects sha256:…
//! sha256:…  nodes/node-a/ipset.restore
//! ```
//!
//! A node's part is the same whoever else is compiled. Format 1, which has one release, mode and digest
//! for all nodes, is still read.
//!
//! The reader takes nothing but what the writer writes: files named in a MANIFEST are removed and,
//! later, applied, so no path may lead anywhere else.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use super::folder::{folder_name, node_of_folder};
use super::{ArtefactKind, Digest, NodeArtefacts, NotADigest};
use crate::model::KubeVersion;
use crate::model::Mode;
use crate::model::name::NodeName;

const FORMAT: &str = "portolan-manifest 2";
const FORMAT_1: &str = "portolan-manifest 1";

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
    pub objects: Digest,
}

/// The content of MANIFEST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Version of the portolan that wrote it.
    pub tool: String,
    /// Each with what its artefacts are made for.
    pub nodes: BTreeMap<NodeName, NodeEntry>,
    /// Every artefact with the digest of its bytes; each is of one of the nodes.
    pub files: BTreeMap<ArtefactPath, Digest>,
}

impl Manifest {
    /// Name of the file.
    pub const FILE_NAME: &'static str = "MANIFEST";

    /// A MANIFEST of this portolan without artefacts so far.
    pub fn new(nodes: BTreeMap<NodeName, NodeEntry>) -> Self {
        Self {
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            nodes,
            files: BTreeMap::new(),
        }
    }

    /// Adds the artefacts of a node, which is one of the MANIFEST's.
    pub fn add(&mut self, artefacts: &NodeArtefacts) {
        for file in &artefacts.files {
            let path = ArtefactPath {
                node: artefacts.node.clone(),
                kind: file.kind,
            };
            self.files.insert(path, Digest::of(&file.bytes));
        }
    }
}

impl fmt::Display for Manifest {
    /// The text of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FORMAT}\nportolan {}", self.tool)?;
        // Both are sorted by node.
        let mut files = self.files.iter().peekable();
        for (node, NodeEntry { emulates, objects }) in &self.nodes {
            writeln!(f, "\nnode {node}\nemulates {emulates}\nobjects {objects}")?;
            while let Some((path, digest)) = files.next_if(|(path, _)| path.node == *node) {
                writeln!(f, "{digest}  {path}")?;
            }
        }
        Ok(())
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
    #[error("format {0:?} is not known; this portolan reads formats 1 and 2")]
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
    /// Nodes or paths not in order, or one twice.
    #[error("nodes or paths are out of order")]
    Order,
    /// The last line lacks its line feed.
    #[error("the file ends in the middle of a line")]
    Cut,
}
