//! The output folder. All paths below it are built here, of names that were checked before, and no
//! link below it is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{
    ArtefactPath, Head, Manifest, ManifestError, folder_name, node_of_folder,
};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::source_map;
use tempfile::Builder;

use super::OutError;
use crate::input::read::{self, FILE_BYTES};

/// A folder that artefacts are written to or compared with.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// A file that portolan writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OutFile<'a> {
    /// The folder's own MANIFEST.
    Head,
    /// A node's MANIFEST.
    Part(&'a NodeName),
    Artefact(&'a ArtefactPath),
    SourceMap(&'a NodeName),
}

/// What is found where a file will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A file with this content.
    File(Vec<u8>),
    /// Something that is no file, such as a link. Its content is not looked at.
    Other,
}

/// The MANIFESTs of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OldManifest {
    /// There are none.
    None,
    /// They say this.
    Read(OldParts),
    /// The folder's own is damaged, or of another format.
    Unreadable(ManifestError),
}

/// What the MANIFESTs of an earlier run say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OldParts {
    pub(super) manifest: Manifest,
    /// Nodes whose own cannot be read.
    pub(super) damaged: BTreeMap<NodeName, ManifestError>,
}

impl OutFile<'_> {
    /// The path below the folder, with `/` everywhere.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Head => Manifest::FILE_NAME.to_owned(),
            Self::Part(node) => format!("nodes/{}/{}", folder_name(node), Manifest::FILE_NAME),
            Self::Artefact(path) => path.to_string(),
            Self::SourceMap(node) => {
                format!("nodes/{}/{}", folder_name(node), source_map::FILE_NAME)
            }
        }
    }

    fn node(&self) -> Option<&NodeName> {
        match self {
            Self::Head => None,
            Self::Artefact(path) => Some(&path.node),
            Self::Part(node) | Self::SourceMap(node) => Some(node),
        }
    }

    fn file_name(&self) -> &'static str {
        match self {
            Self::Head | Self::Part(_) => Manifest::FILE_NAME,
            Self::Artefact(path) => path.kind.as_str(),
            Self::SourceMap(_) => source_map::FILE_NAME,
        }
    }
}

impl Folder {
    /// The folder at this path, which need not exist.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What is there now.
    pub(super) fn read(&self, file: &OutFile<'_>) -> Result<Found, OutError> {
        if let Some(node) = file.node()
            && !self.has_node(node)?
        {
            return Ok(Found::Nothing);
        }
        let path = self.path(file);
        match read::itself(&path, FILE_BYTES) {
            Ok(Some(bytes)) => Ok(Found::File(bytes)),
            Ok(None) => Ok(Found::Other),
            Err(error) if is_missing(&error) => Ok(Found::Nothing),
            Err(error) => Err(OutError::io("read", &path)(error)),
        }
    }

    /// The MANIFESTs of an earlier run.
    pub(super) fn read_manifest(&self) -> Result<OldManifest, OutError> {
        let mut old = self.read_head()?;
        if let OldManifest::Read(parts) = &mut old {
            for node in self.node_folders()? {
                self.add_part(node, parts)?;
            }
        }
        Ok(old)
    }

    /// What they say of one node: of a large folder the others' need not be read.
    pub(super) fn read_manifest_of(&self, node: &NodeName) -> Result<OldManifest, OutError> {
        let mut old = self.read_head()?;
        if let OldManifest::Read(parts) = &mut old {
            self.add_part(node.clone(), parts)?;
        }
        Ok(old)
    }

    /// Whether it has a MANIFEST of ours, or one that cannot be read.
    pub fn is_compiled(&self) -> bool {
        match self.read(&OutFile::Head) {
            Ok(Found::File(bytes)) => Manifest::begins(&String::from_utf8_lossy(&bytes)),
            Ok(_) => false,
            Err(_) => true,
        }
    }

    /// What the folder's own says.
    pub(super) fn read_head(&self) -> Result<OldManifest, OutError> {
        let Found::File(bytes) = self.read(&OutFile::Head)? else {
            return Ok(OldManifest::None);
        };
        let text = String::from_utf8_lossy(&bytes);
        if Manifest::is_part(&text) {
            return Ok(OldManifest::None);
        }
        let manifest = match Head::parse(&text) {
            Ok(Head::Parts { tool, input }) => Manifest::written_by(tool, Some(input)),
            Ok(Head::Whole(manifest)) => manifest,
            Err(error) => return Ok(OldManifest::Unreadable(error)),
        };
        Ok(OldManifest::Read(OldParts {
            manifest,
            damaged: BTreeMap::new(),
        }))
    }

    /// Adds what a node's own says, where there is one.
    fn add_part(&self, node: NodeName, parts: &mut OldParts) -> Result<(), OutError> {
        if let Found::File(bytes) = self.read(&OutFile::Part(&node))? {
            let text = String::from_utf8_lossy(&bytes);
            if let Err(error) = parts.manifest.add_part(&node, &text) {
                parts.damaged.insert(node, error);
            }
        }
        Ok(())
    }

    /// The nodes that have a folder here.
    fn node_folders(&self) -> Result<BTreeSet<NodeName>, OutError> {
        let path = self.nodes_path();
        if !is_folder(&path)? {
            return Ok(BTreeSet::new());
        }
        let mut nodes = BTreeSet::new();
        for entry in fs::read_dir(&path).map_err(OutError::io("read", &path))? {
            let entry = entry.map_err(OutError::io("read", &path))?;
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = entry.file_name();
            nodes.extend(name.to_str().filter(|_| is_folder).and_then(node_of_folder));
        }
        Ok(nodes)
    }

    /// Puts a file in place at once: a reader sees the old content or the new, whatever happens.
    pub(super) fn write(&self, file: &OutFile<'_>, bytes: &[u8]) -> Result<(), OutError> {
        let folder = match file.node() {
            None => self.root.clone(),
            Some(node) => self.node_path(node),
        };
        self.create(file.node())?;
        let path = self.path(file);
        let mut builder = Builder::new();
        builder.prefix(".portolan-").suffix(".tmp");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let mut file = builder
            .tempfile_in(&folder)
            .map_err(OutError::io("create a file in", &folder))?;
        file.write_all(bytes)
            .and_then(|()| file.as_file().sync_all())
            .map_err(OutError::io("write", &path))?;
        file.persist(&path)
            .map_err(|error| OutError::io("write", &path)(error.error))?;
        sync_folder(&folder).map_err(OutError::io("write", &folder))
    }

    /// Removes a file of an earlier run.
    pub(super) fn remove(&self, file: &OutFile<'_>) -> Result<(), OutError> {
        let path = self.path(file);
        match fs::remove_file(&path) {
            Err(error) if !is_missing(&error) => Err(OutError::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Removes the folder of a node that is gone, unless somebody else's files are in it.
    pub(super) fn remove_node(&self, node: &NodeName) {
        drop(fs::remove_dir(self.node_path(node)));
    }

    fn create(&self, node: Option<&NodeName>) -> Result<(), OutError> {
        fs::create_dir_all(&self.root).map_err(OutError::io("create", &self.root))?;
        let Some(node) = node else { return Ok(()) };
        for path in [self.nodes_path(), self.node_path(node)] {
            if !is_folder(&path)? {
                fs::create_dir(&path).map_err(OutError::io("create", &path))?;
            }
        }
        Ok(())
    }

    fn has_node(&self, node: &NodeName) -> Result<bool, OutError> {
        Ok(is_folder(&self.nodes_path())? && is_folder(&self.node_path(node))?)
    }

    fn nodes_path(&self) -> PathBuf {
        self.root.join("nodes")
    }

    /// A node's name is an RFC 1123 subdomain, so it is one safe segment: no `/`, no `..`.
    fn node_path(&self, node: &NodeName) -> PathBuf {
        self.nodes_path().join(folder_name(node).as_ref())
    }

    fn path(&self, file: &OutFile<'_>) -> PathBuf {
        match file.node() {
            None => self.root.join(file.file_name()),
            Some(node) => self.node_path(node).join(file.file_name()),
        }
    }
}

/// Whether a folder is there. A link is refused: it could lead out of the output folder.
fn is_folder(path: &Path) -> Result<bool, OutError> {
    let path_buf = || path.to_owned();
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(metadata) if metadata.is_symlink() => Err(OutError::Link { path: path_buf() }),
        Ok(_) => Err(OutError::NotAFolder { path: path_buf() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(OutError::io("read", path)(error)),
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// A rename is safe on disk only once its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

/// Windows has no such call, and writes a rename through.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
