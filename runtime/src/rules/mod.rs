//! Compiled rules of nodes, in whatever form somebody names: a folder, a bundle, or the image of one.

mod bundle;
pub mod image;

use std::path::Path;

use portolan_compiler::bundle::{Bundle, Edition, Emulates};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::file;

pub use crate::out::{NodeRules, RulesError};
pub use bundle::{BundleFile, Signature, signature_path};

use crate::input::read;
use crate::out::Folder;

/// Compiled rules of nodes.
#[derive(Debug)]
pub enum Rules {
    /// A folder that `portolan compile --out` wrote.
    Folder(Folder),
    /// A bundle.
    Bundle(Box<BundleFile>),
}

/// Whether a file is a plan, by what it says and not by its name.
pub(crate) fn is_plan(path: &Path) -> bool {
    let begins = read::beginning(path, 1).is_some_and(|bytes| bytes == b"{");
    begins
        && read::beginning(path, read::FILE_BYTES)
            .is_some_and(|bytes| str::from_utf8(&bytes).is_ok_and(file::is_plan))
}

impl Rules {
    /// What is at this path.
    ///
    /// # Errors
    /// A bundle that cannot be read; a folder is looked at later.
    pub fn open(path: &Path) -> Result<Self, RulesError> {
        if image::is_there(path) {
            return Ok(Self::Bundle(Box::new(image::read(path)?)));
        }
        if path.is_dir() {
            return Ok(Self::Folder(Folder::new(path)));
        }
        if is_plan(path) {
            let path = path.to_owned();
            return Err(RulesError::Plan { path });
        }
        if path.is_file() && !Self::is_bundle(path) {
            return Err(RulesError::NoManifest {
                root: path.to_owned(),
                instead: None,
            });
        }
        Ok(Self::Bundle(Box::new(BundleFile::open(path)?)))
    }

    /// Whether these are rules, by what is there and not by its name: a bundle or the image of one.
    pub fn is_bundle(path: &Path) -> bool {
        image::is_there(path) || read::start(path, 64).is_some_and(|it| Bundle::begins(&it))
    }

    /// The nodes that there are, sorted, and which kube-proxy each mirrors.
    ///
    /// # Errors
    /// Rules that make no sense.
    pub fn nodes(&self) -> Result<Vec<(NodeName, Emulates)>, RulesError> {
        match self {
            Self::Folder(folder) => folder.nodes(),
            Self::Bundle(file) => Ok(file.nodes()),
        }
    }

    /// What one node is asked to hold: the node of this name, or the only one.
    ///
    /// # Errors
    /// Rules that are incomplete or changed, or of no such node.
    pub fn read(&self, node: Option<&str>) -> Result<NodeRules, RulesError> {
        match self {
            Self::Folder(folder) => folder.read_state(node),
            Self::Bundle(file) => file.read(node),
        }
    }

    /// Which edition of which cluster's rules they are, where they say so.
    pub fn edition(&self) -> Option<&Edition> {
        match self {
            Self::Folder(_) => None,
            Self::Bundle(file) => file.bundle().edition(),
        }
    }
}
