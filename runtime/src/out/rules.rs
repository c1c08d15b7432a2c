//! A compiled folder read back: nothing is taken that MANIFEST does not vouch for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{
    ArtefactKind, ArtefactPath, BundleError, Digest, Emulates, Manifest, ManifestError, NodeEntry,
    Target,
};
use portolan_compiler::mode::{ArtefactError, NodeState};
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::target;

use super::folder::{Found, OldManifest, OldParts, OutFile};
use super::{Folder, OutError};
use crate::input::Instead;
use crate::report::{Exit, Explain};

/// The rules of one node, as they were compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRules {
    /// Name of the node.
    pub node: NodeName,
    /// What it is asked to hold, modules apart.
    pub state: NodeState,
    /// Which kube-proxy that mirrors, and what it was compiled of.
    pub entry: NodeEntry,
    /// What it is asked to hold, in one number.
    pub target: Target,
    /// The files that ask for it.
    pub files: BTreeMap<ArtefactKind, Vec<u8>>,
}

impl NodeRules {
    /// Of these files, which are what their digests say.
    pub(crate) fn checked(
        root: &Path,
        node: NodeName,
        entry: NodeEntry,
        files: BTreeMap<ArtefactKind, Vec<u8>>,
    ) -> Result<Self, RulesError> {
        let root = || root.to_owned();
        let state = NodeState::from_artefacts(&files).map_err(|problem| RulesError::Artefact {
            root: root(),
            node: node.clone(),
            problem,
        })?;
        let (said, found) = (entry.emulates.mode, state.mode());
        if said != found {
            return Err(RulesError::Mode {
                root: root(),
                node,
                said,
                found,
            });
        }
        let found = target::target(&state);
        match entry.target {
            Some(said) if said != found => Err(RulesError::Target {
                root: root(),
                node,
                said,
                found,
            }),
            _ => Ok(Self {
                node,
                state,
                entry,
                target: found,
                files,
            }),
        }
    }
}

/// Why compiled rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
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
    /// It is a plan, which is no state.
    #[error("{} is a plan", path.display())]
    Plan {
        /// The file that it is.
        path: PathBuf,
    },
    /// It is no bundle, or one that was changed.
    #[error("cannot use {}", path.display())]
    Bundle {
        /// The file that it is.
        path: PathBuf,
        /// What is wrong.
        #[source]
        problem: BundleError,
    },
    /// It is no image that a bundle was put into.
    #[error("cannot use {}: {problem}", path.display())]
    Image {
        /// The folder or the file in it.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
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
    #[error("{} is not as it was written: its digest does not match", path.display())]
    Changed {
        /// The file that differs from its digest.
        path: PathBuf,
    },
    /// A node's files are of another mode than its entry says.
    #[error("{} says mode {} of {node}, and its files are of mode {}", root.display(), said.as_str(), found.as_str())]
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
    #[error("{} says target {} of {node}, and its files are target {}", root.display(), said.short(), found.short())]
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

impl Explain for RulesError {
    fn exit(&self) -> Exit {
        match self {
            Self::Out(error) => error.exit(),
            Self::NoManifest { .. } | Self::NoNode { .. } => Exit::NoInput,
            Self::Manifest { .. } | Self::Artefact { .. } => Exit::Data,
            Self::WhichNode { .. } | Self::Plan { .. } => Exit::Usage,
            Self::Changed { .. } | Self::Mode { .. } | Self::Target { .. } => Exit::Untrusted,
            Self::Image { .. } => Exit::Data,
            Self::Bundle { problem, .. } => match problem {
                BundleError::NotABundle
                | BundleError::Format(_)
                | BundleError::Line(_)
                | BundleError::Many { .. }
                | BundleError::Parts(_) => Exit::Data,
                BundleError::Cut
                | BundleError::Header
                | BundleError::Body
                | BundleError::Part { .. } => Exit::Untrusted,
            },
        }
    }

    fn help(&self) -> Option<String> {
        let nodes = |known: &[NodeName]| {
            let known: Vec<&str> = known.iter().take(5).map(NodeName::as_str).collect();
            known.join(", ")
        };
        match self {
            Self::Out(error) => error.help(),
            Self::Plan { .. } => Some(
                "`portolan show` prints it, and `portolan apply` carries it out; name the rules or the \
                 manifests that it was made of"
                    .to_owned(),
            ),
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
            Self::Changed { .. }
            | Self::Mode { .. }
            | Self::Target { .. }
            | Self::Artefact { .. } => {
                Some("compile it again, or find out who changed it".to_owned())
            }
            Self::Manifest { problem, .. } => Some(match &problem.written_by {
                Some(tool) => {
                    format!("use portolan {tool}, or compile the folder anew with this one")
                }
                None => "compile the folder anew".to_owned(),
            }),
            Self::Bundle {
                problem: BundleError::Format(_),
                ..
            } => Some("use the portolan that made it, or a later one".to_owned()),
            Self::Bundle {
                problem: BundleError::NotABundle,
                ..
            } => Some(
                "name a file that `portolan bundle create` wrote, or a folder of `portolan compile --out`"
                    .to_owned(),
            ),
            Self::Bundle { .. } => {
                Some("fetch it again, or find out who changed it".to_owned())
            }
            Self::Image { .. } => Some(
                "name an OCI image layout that `portolan bundle create --oci` wrote and `skopeo copy` \
                 carried"
                    .to_owned(),
            ),
        }
    }
}

/// The node of this name, or the only one.
pub(crate) fn choose(
    root: &Path,
    known: &[NodeName],
    wanted: Option<&str>,
) -> Result<NodeName, RulesError> {
    let node = match (wanted, known) {
        (Some(wanted), known) => known.iter().find(|node| node.as_str() == wanted),
        (None, [only]) => Some(only),
        (None, _) => {
            return Err(RulesError::WhichNode {
                root: root.to_owned(),
                known: known.to_vec(),
            });
        }
    };
    node.cloned().ok_or_else(|| RulesError::NoNode {
        root: root.to_owned(),
        node: wanted.unwrap_or_default().to_owned(),
        known: known.to_vec(),
    })
}

impl Folder {
    /// The nodes that it has, sorted, and which kube-proxy each mirrors.
    ///
    /// # Errors
    /// A folder without MANIFESTs that make sense.
    pub fn nodes(&self) -> Result<Vec<(NodeName, Emulates)>, RulesError> {
        let mut parts = self.checked(self.read_manifest()?)?;
        if let Some((node, problem)) = parts.damaged.pop_first() {
            return Err(self.damaged(&OutFile::Part(&node), problem));
        }
        let nodes = parts.manifest.nodes.into_iter();
        Ok(nodes.map(|(node, entry)| (node, entry.emulates)).collect())
    }

    /// Digest of what its nodes have in common, which older ones do not say.
    ///
    /// # Errors
    /// A folder without a MANIFEST that makes sense.
    pub fn common_input(&self) -> Result<Option<Digest>, RulesError> {
        Ok(self.checked(self.read_head()?)?.manifest.input)
    }

    /// What one node is asked to hold: the node of this name, or the only one.
    ///
    /// # Errors
    /// A folder that is incomplete or changed, or has no such node.
    pub fn read_state(&self, node: Option<&str>) -> Result<NodeRules, RulesError> {
        let parts = self.parts_for(node)?;
        let (node, entry, manifest) = self.choose(parts, node)?;
        let mut files = BTreeMap::new();
        for (path, digest) in manifest.files_of(&node) {
            files.insert(path.kind, self.verified(path, *digest)?);
        }
        NodeRules::checked(self.root(), node, entry, files)
    }

    /// What MANIFESTs say of the node of this name, or of all where it is not there: whoever asked for it
    /// is told which are.
    fn parts_for(&self, node: Option<&str>) -> Result<OldParts, RulesError> {
        if let Some(node) = node.and_then(|name| NodeName::parse(name).ok()) {
            let parts = self.checked(self.read_manifest_of(&node)?)?;
            if parts.manifest.nodes.contains_key(&node) || parts.damaged.contains_key(&node) {
                return Ok(parts);
            }
        }
        self.checked(self.read_manifest()?)
    }

    fn checked(&self, manifest: OldManifest) -> Result<OldParts, RulesError> {
        match manifest {
            OldManifest::Read(parts) => Ok(parts),
            OldManifest::None => Err(RulesError::NoManifest {
                root: self.root().to_owned(),
                instead: Instead::of(self.root()),
            }),
            OldManifest::Unreadable(problem) => Err(self.damaged(&OutFile::Head, problem)),
        }
    }

    fn damaged(&self, file: &OutFile<'_>, problem: ManifestError) -> RulesError {
        RulesError::Manifest {
            path: self.root().join(file.name()),
            problem,
        }
    }

    /// The node of this name, or the only one, as far as its MANIFEST can be read.
    fn choose(
        &self,
        mut parts: OldParts,
        wanted: Option<&str>,
    ) -> Result<(NodeName, NodeEntry, Manifest), RulesError> {
        let root = || self.root().to_owned();
        let nodes = parts.manifest.nodes.keys();
        let known: Vec<NodeName> = nodes.chain(parts.damaged.keys()).cloned().collect();
        let node = choose(self.root(), &known, wanted)?;
        if let Some(problem) = parts.damaged.remove(&node) {
            return Err(self.damaged(&OutFile::Part(&node), problem));
        }
        match parts.manifest.nodes.get(&node).copied() {
            Some(entry) => Ok((node, entry, parts.manifest)),
            None => Err(RulesError::NoNode {
                root: root(),
                node: node.to_string(),
                known,
            }),
        }
    }

    fn verified(&self, path: &ArtefactPath, digest: Digest) -> Result<Vec<u8>, RulesError> {
        match self.read(&OutFile::Artefact(path))? {
            Found::File(bytes) if Digest::of(&bytes) == digest => Ok(bytes),
            _ => Err(RulesError::Changed {
                path: self.root().join(path.to_string()),
            }),
        }
    }
}
