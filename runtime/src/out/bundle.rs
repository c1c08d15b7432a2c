//! A compiled folder read back: nothing is taken that MANIFEST does not vouch for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use portolan_compiler::bundle::{
    ArtefactPath, Digest, Emulates, Manifest, ManifestError, NodeEntry,
};
use portolan_compiler::mode::{ArtefactError, NodeState};
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::NodeName;

use super::folder::{Found, OldManifest, Target};
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
    /// Digest of the objects it was compiled of.
    pub objects: Digest,
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
    /// Its MANIFEST makes no sense.
    #[error("{}/{}: {problem}", root.display(), Manifest::FILE_NAME)]
    Manifest {
        /// The compiled folder.
        root: PathBuf,
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
            Self::Changed { .. } | Self::Mode { .. } => Exit::Untrusted,
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
            Self::Changed { .. } | Self::Mode { .. } => {
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
        !matches!(self.read_manifest(), Ok(OldManifest::None))
    }

    /// The nodes that it has, sorted, and which kube-proxy each mirrors.
    ///
    /// # Errors
    /// A folder without a MANIFEST that makes sense.
    pub fn nodes(&self) -> Result<Vec<(NodeName, Emulates)>, BundleError> {
        let nodes = self.checked_manifest()?.nodes.into_iter();
        Ok(nodes.map(|(node, entry)| (node, entry.emulates)).collect())
    }

    /// What one node is asked to hold: the node of this name, or the only one.
    ///
    /// # Errors
    /// A folder that is incomplete or changed, or has no such node.
    pub fn read_state(&self, node: Option<&str>) -> Result<Bundled, BundleError> {
        let root = || self.root().to_owned();
        let manifest = self.checked_manifest()?;
        let (node, entry) = self.choose(&manifest, node)?;
        let mut files = BTreeMap::new();
        for (path, digest) in manifest.files.iter().filter(|(path, _)| path.node == node) {
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
        Ok(Bundled {
            node,
            state,
            emulates: entry.emulates,
            objects: entry.objects,
        })
    }

    fn checked_manifest(&self) -> Result<Manifest, BundleError> {
        let root = || self.root().to_owned();
        let manifest = match self.read_manifest()? {
            OldManifest::Read(manifest) => manifest,
            OldManifest::None => {
                return Err(BundleError::NoManifest {
                    root: root(),
                    instead: Instead::of(self.root()),
                });
            }
            OldManifest::Unreadable(problem) => {
                return Err(BundleError::Manifest {
                    root: root(),
                    problem,
                });
            }
        };
        Ok(manifest)
    }

    fn choose(
        &self,
        manifest: &Manifest,
        wanted: Option<&str>,
    ) -> Result<(NodeName, NodeEntry), BundleError> {
        let mut nodes = manifest.nodes.iter();
        let chosen = match wanted {
            Some(wanted) => nodes
                .find(|(node, _)| node.as_str() == wanted)
                .ok_or_else(|| BundleError::NoNode {
                    root: self.root().to_owned(),
                    node: wanted.to_owned(),
                    known: known(manifest),
                }),
            None => nodes
                .next()
                .filter(|_| manifest.nodes.len() == 1)
                .ok_or_else(|| BundleError::WhichNode {
                    root: self.root().to_owned(),
                    known: known(manifest),
                }),
        };
        chosen.map(|(node, entry)| (node.clone(), *entry))
    }

    fn verified(&self, path: &ArtefactPath, digest: Digest) -> Result<Vec<u8>, BundleError> {
        match self.read(&Target::Artefact(path))? {
            Found::File(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
            _ => Err(BundleError::Changed {
                path: self.root().join(path.to_string()),
            }),
        }
    }
}

fn known(manifest: &Manifest) -> Vec<NodeName> {
    manifest.nodes.keys().cloned().collect()
}
