//! A compiled folder read back: nothing is taken that MANIFEST does not vouch for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use portolan_compiler::bundle::{
    ArtefactPath, Digest, Emulates, Manifest, ManifestError, NodeEntry, Target,
};
use portolan_compiler::mode::{ArtefactError, NodeState};
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::target;

use super::folder::{Found, OldManifest, OldParts, OutFile};
use super::{Folder, OutError};
use crate::input::Instead;
use crate::report::{Exit, Explain};

/// One node of a compiled folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundled {
    /// Name of the node.
    pub node: NodeName,
    /// What it is asked to hold, modules apart.
    pub state: NodeState,
    /// Which kube-proxy that mirrors.
    pub emulates: Emulates,
    /// Digest of what it was compiled of.
    pub input: Digest,
    /// What it is asked to hold, in one number.
    pub target: Target,
}

/// Why a compiled folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file cannot be read.
    #[error(transparent)]
    Out(#[from] OutError),
    /// It is no compiled folder.
    #[error(
        "{} has no {}{}",
        root.display(), Manifest::FILE_NAME,
        .instead.as_ref().map_or_else(String::new, |one| format!(": it holds {one}"))
    )]
    NoManifest {
        /// The folder that was named.
        root: PathBuf,
        /// What it holds.
        instead: Option<Instead>,
    },
    /// A MANIFEST makes no sense.
    #[error("{}: {problem}", path.display())]
    Manifest {
        /// The file that it is.
        path: PathBuf,
        /// What is wrong.
        problem: ManifestError,
    },
    /// A node that it does not have.
    #[error("{} has no node {node:?}", root.display())]
    NoNode {
        /// The compiled folder.
        root: PathBuf,
        /// The node asked for.
        node: String,
        /// Nodes that it has.
        known: Vec<NodeName>,
    },
    /// No node was asked for, and it has none or several.
    #[error("{} has {} nodes, and none was asked for", root.display(), known.len())]
    WhichNode {
        /// The compiled folder.
        root: PathBuf,
        /// Nodes that it has.
        known: Vec<NodeName>,
    },
    /// A file is not the one that was written.
    #[error("{} is not what {} says", path.display(), Manifest::FILE_NAME)]
    Changed {
        /// The file that differs from its digest.
        path: PathBuf,
    },
    /// A node's files are of another mode than its entry says.
    #[error("{}: {} says mode {} of {node}, and its files are of mode {}", root.display(), Manifest::FILE_NAME, said.as_str(), found.as_str())]
    Mode {
        /// The compiled folder.
        root: PathBuf,
        /// The node whose entry and files differ.
        node: NodeName,
        /// What its entry says.
        said: Mode,
        /// What its files are of.
        found: Mode,
    },
    /// A node's files ask for something else than its entry says.
    #[error("{}: {} says target {} of {node}, and its files are target {}", root.display(), Manifest::FILE_NAME, said.short(), found.short())]
    Target {
        /// The compiled folder.
        root: PathBuf,
        /// The node whose entry and files differ.
        node: NodeName,
        /// What its entry says.
        said: Target,
        /// What its files ask for.
        found: Target,
    },
    /// An artefact that portolan would not write.
    #[error("{}/nodes/{node}/{problem}", root.display())]
    Artefact {
        /// The compiled folder.
        root: PathBuf,
        /// The node whose artefact it is.
        node: NodeName,
        /// What is wrong.
        problem: ArtefactError,
    },
}

impl Explain for BundleError {
    fn exit(&self) -> Exit {
        match self {
            Self::Out(error) => error.exit(),
            Self::NoManifest { .. } | Self::NoNode { .. } => Exit::NoInput,
            Self::Manifest { .. } | Self::Artefact { .. } => Exit::Data,
            Self::WhichNode { .. } => Exit::Usage,
            Self::Changed { .. } | Self::Mode { .. } | Self::Target { .. } => Exit::Untrusted,
        }
    }

    fn help(&self) -> Option<String> {
        let nodes = |known: &[NodeName]| {
            let known: Vec<&str> = known.iter().take(5).map(NodeName::as_str).collect();
            known.join(", ")
        };
        match self {
            Self::Out(error) => error.help(),
            Self::NoManifest {
                instead: Some(instead),
                ..
            } => Some(instead.help()),
            Self::NoManifest { .. } => Some(
                "name a folder that `portolan compile --out` wrote, or manifests with -f"
                    .to_owned(),
            ),
            Self::NoNode { known, .. } => Some(format!("it has: {}", nodes(known))),
            Self::WhichNode { known, .. } => Some(format!("pass --node; it has: {}", nodes(known))),
            Self::Changed { .. } | Self::Mode { .. } | Self::Target { .. } => {
                Some("compile it again, or find out who changed it".to_owned())
            }
            Self::Manifest { problem, .. } => Some(match &problem.written_by {
                Some(tool) => {
                    format!("use portolan {tool}, or compile the folder anew with this one")
                }
                None => "compile the folder anew".to_owned(),
            }),
            Self::Artefact { .. } => None,
        }
    }
}

impl Folder {
    /// Whether it has a MANIFEST, of whatever content.
    pub fn is_compiled(&self) -> bool {
        !matches!(self.read_head(), Ok(OldManifest::None))
    }

    /// The nodes that it has, sorted, and which kube-proxy each mirrors.
    ///
    /// # Errors
    /// A folder without MANIFESTs that make sense.
    pub fn nodes(&self) -> Result<Vec<(NodeName, Emulates)>, BundleError> {
        let mut parts = self.checked(self.read_manifest()?)?;
        if let Some((node, problem)) = parts.damaged.pop_first() {
            return Err(self.damaged(&OutFile::Part(&node), problem));
        }
        let nodes = parts.manifest.nodes.into_iter();
        Ok(nodes.map(|(node, entry)| (node, entry.emulates)).collect())
    }

    /// What one node is asked to hold: the node of this name, or the only one.
    ///
    /// # Errors
    /// A folder that is incomplete or changed, or has no such node.
    pub fn read_state(&self, node: Option<&str>) -> Result<Bundled, BundleError> {
        let root = || self.root().to_owned();
        let parts = self.parts_for(node)?;
        let (node, entry, manifest) = self.choose(parts, node)?;
        let mut files = BTreeMap::new();
        for (path, digest) in manifest.files_of(&node) {
            files.insert(path.kind, self.verified(path, *digest)?);
        }
        let state = NodeState::from_artefacts(&files).map_err(|problem| BundleError::Artefact {
            root: root(),
            node: node.clone(),
            problem,
        })?;
        let (said, found) = (entry.emulates.mode, state.mode());
        if said != found {
            return Err(BundleError::Mode {
                root: root(),
                node,
                said,
                found,
            });
        }
        let found = target::target(&state);
        match entry.target {
            Some(said) if said != found => Err(BundleError::Target {
                root: root(),
                node,
                said,
                found,
            }),
            _ => Ok(Bundled {
                node,
                state,
                emulates: entry.emulates,
                input: entry.input,
                target: found,
            }),
        }
    }

    /// What MANIFESTs say of the node of this name, or of all where it is not there: whoever asked for it
    /// is told which are.
    fn parts_for(&self, node: Option<&str>) -> Result<OldParts, BundleError> {
        if let Some(node) = node.and_then(|name| NodeName::parse(name).ok()) {
            let parts = self.checked(self.read_manifest_of(&node)?)?;
            if parts.manifest.nodes.contains_key(&node) || parts.damaged.contains_key(&node) {
                return Ok(parts);
            }
        }
        self.checked(self.read_manifest()?)
    }

    fn checked(&self, manifest: OldManifest) -> Result<OldParts, BundleError> {
        match manifest {
            OldManifest::Read(parts) => Ok(parts),
            OldManifest::None => Err(BundleError::NoManifest {
                root: self.root().to_owned(),
                instead: Instead::of(self.root()),
            }),
            OldManifest::Unreadable(problem) => Err(self.damaged(&OutFile::Head, problem)),
        }
    }

    fn damaged(&self, file: &OutFile<'_>, problem: ManifestError) -> BundleError {
        BundleError::Manifest {
            path: self.root().join(file.name()),
            problem,
        }
    }

    /// The node of this name, or the only one, as far as its MANIFEST can be read.
    fn choose(
        &self,
        mut parts: OldParts,
        wanted: Option<&str>,
    ) -> Result<(NodeName, NodeEntry, Manifest), BundleError> {
        let root = || self.root().to_owned();
        let nodes = parts.manifest.nodes.keys();
        let known: Vec<NodeName> = nodes.chain(parts.damaged.keys()).cloned().collect();
        let node = match (wanted, known.as_slice()) {
            (Some(wanted), known) => known.iter().find(|node| node.as_str() == wanted),
            (None, [only]) => Some(only),
            (None, _) => {
                return Err(BundleError::WhichNode {
                    root: root(),
                    known,
                });
            }
        };
        let Some(node) = node.cloned() else {
            return Err(BundleError::NoNode {
                root: root(),
                node: wanted.unwrap_or_default().to_owned(),
                known,
            });
        };
        if let Some(problem) = parts.damaged.remove(&node) {
            return Err(self.damaged(&OutFile::Part(&node), problem));
        }
        match parts.manifest.nodes.get(&node).copied() {
            Some(entry) => Ok((node, entry, parts.manifest)),
            None => Err(BundleError::NoNode {
                root: root(),
                node: node.to_string(),
                known,
            }),
        }
    }

    fn verified(&self, path: &ArtefactPath, digest: Digest) -> Result<Vec<u8>, BundleError> {
        match self.read(&OutFile::Artefact(path))? {
            Found::File(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
            _ => Err(BundleError::Changed {
                path: self.root().join(path.to_string()),
            }),
        }
    }
}
