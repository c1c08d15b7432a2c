//! A bundle that somebody names, and the signature that came with it.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{Bundle, Emulates};
use portolan_compiler::model::name::NodeName;

use super::{NodeRules, RulesError};
use crate::input::read::{self, FILE_BYTES};
use crate::out::{OutError, choose};

/// What a signature's name ends in, as minisign writes it.
const SIGNATURE: &str = ".minisig";
/// Bytes of a signature: four lines, of which one is a comment.
const SIGNATURE_BYTES: u64 = 64 << 10;

/// A bundle, where it lies, and its signature.
#[derive(Debug)]
pub struct BundleFile {
    path: PathBuf,
    bundle: Bundle,
    signature: Option<Signature>,
}

/// A signature as it lies beside a bundle; nothing is known of it yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Where it lies.
    pub path: PathBuf,
    /// The file's bytes.
    pub bytes: Vec<u8>,
}

impl BundleFile {
    /// Reads a bundle, and the signature beside it where there is one.
    ///
    /// # Errors
    /// A file that cannot be read, or is none.
    pub fn open(path: &Path) -> Result<Self, RulesError> {
        let bytes = read::file(path, FILE_BYTES).map_err(OutError::io("read", path))?;
        let signature = signature_path(path);
        let signature = match read::file(&signature, SIGNATURE_BYTES) {
            Ok(bytes) => Some(Signature {
                path: signature,
                bytes,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(OutError::io("read", &signature)(error).into()),
        };
        Self::of(path, bytes, signature)
    }

    /// A bundle of these bytes, which came from there.
    ///
    /// # Errors
    /// Bytes that are none.
    pub fn of(
        path: &Path,
        bytes: Vec<u8>,
        signature: Option<Signature>,
    ) -> Result<Self, RulesError> {
        let bundle = Bundle::read(bytes).map_err(|problem| RulesError::Bundle {
            path: path.to_owned(),
            problem,
        })?;
        Ok(Self {
            path: path.to_owned(),
            bundle,
            signature,
        })
    }

    /// Takes the signature of this file in place of the one beside the bundle.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn with_signature(mut self, path: &Path) -> Result<Self, RulesError> {
        let bytes = read::file(path, SIGNATURE_BYTES).map_err(OutError::io("read", path))?;
        self.signature = Some(Signature {
            path: path.to_owned(),
            bytes,
        });
        Ok(self)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it holds.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The signature that came with it.
    pub fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }

    pub(super) fn nodes(&self) -> Vec<(NodeName, Emulates)> {
        let nodes = self.bundle.manifest().nodes.iter();
        nodes
            .map(|(node, entry)| (node.clone(), entry.emulates))
            .collect()
    }

    /// What one node is asked to hold: the node of this name, or the only one.
    ///
    /// # Errors
    /// No such node, or files that are not what the header says.
    pub fn read(&self, node: Option<&str>) -> Result<NodeRules, RulesError> {
        let manifest = self.bundle.manifest();
        let known: Vec<NodeName> = manifest.nodes.keys().cloned().collect();
        let node = choose(&self.path, &known, node)?;
        let entry = manifest.nodes.get(&node).copied();
        let entry = entry.ok_or_else(|| RulesError::NoNode {
            root: self.path.clone(),
            node: node.to_string(),
            known,
        })?;
        let files = self.bundle.files_of(&node);
        let files = files.map_err(|problem| RulesError::Bundle {
            path: self.path.clone(),
            problem,
        })?;
        NodeRules::checked(&self.path, node, entry, files)
    }
}

/// Where the signature of a file lies: beside it, as minisign writes it.
pub fn signature_path(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(SIGNATURE);
    name.into()
}
