//! `--out`: brings a folder up to date, touching only what changes.

use portolan_compiler::bundle::{ArtefactPath, Manifest, ManifestError, NodeEntry};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::target::target;

use super::folder::{Found, OldManifest, OutFile};
use super::{Change, Folder, NodeOutput, OutError, Scope, Sink, Tally};
use crate::report::Output;

/// Writes into a folder, and says on stdout which files changed.
///
/// Files that the old MANIFESTs list and this run does not make are removed, as far as it is about their
/// nodes; any other file in the folder is left alone. A node's MANIFEST is written after its files:
/// while it names the old digests, a run that was cut short can be told.
#[derive(Debug)]
pub struct Write {
    folder: Folder,
    old: OldManifest,
    scope: Scope,
    tally: Tally,
}

impl Write {
    /// Looks at what is in the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn new(folder: Folder, scope: Scope) -> Result<Self, OutError> {
        Ok(Self {
            old: folder.read_manifest()?,
            folder,
            scope,
            tally: Tally::default(),
        })
    }

    fn put(
        &mut self,
        file: &OutFile<'_>,
        bytes: &[u8],
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let change = match self.folder.read(file)? {
            Found::File(old) if old == bytes => {
                self.tally.unchanged += 1;
                return Ok(());
            }
            Found::Nothing => Change::Added,
            Found::File(_) | Found::Other => Change::Modified,
        };
        self.folder.write(file, bytes)?;
        self.tell(change, file, stdout);
        Ok(())
    }

    fn tell(&mut self, change: Change, file: &OutFile<'_>, stdout: &mut Output<'_>) {
        self.tally.changed += 1;
        stdout.bytes(format!("{change} {}\n", file.name()).as_bytes());
    }

    fn delete(&mut self, file: &OutFile<'_>, stdout: &mut Output<'_>) -> Result<(), OutError> {
        if self.folder.read(file)? != Found::Nothing {
            self.folder.remove(file)?;
            self.tell(Change::Deleted, file, stdout);
        }
        Ok(())
    }

    /// Removes what an earlier run made and this one does not.
    fn remove_stale(
        &mut self,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        for path in stale(&self.old, manifest, self.scope) {
            self.delete(&OutFile::Artefact(&path), stdout)?;
        }
        for node in gone(&self.old, manifest, self.scope) {
            self.delete(&OutFile::Part(&node), stdout)?;
            self.delete(&OutFile::SourceMap(&node), stdout)?;
            self.folder.remove_node(&node);
        }
        Ok(())
    }

    /// Nodes of an older format that this run is not about get parts of their own, before the file that
    /// has them now is written anew.
    fn carry_over(&mut self, manifest: &Manifest, stdout: &mut Output<'_>) -> Result<(), OutError> {
        let OldManifest::Read(old) = &self.old else {
            return Ok(());
        };
        let mut others = Manifest::written_by(old.manifest.tool.clone(), None);
        for (node, entry) in &old.manifest.nodes {
            if entry.target.is_some() || manifest.nodes.contains_key(node) {
                continue;
            }
            let read = self.folder.read_state(Some(node.as_str()));
            let Ok(read) = read else {
                return Err(OutError::OlderFormat { node: node.clone() });
            };
            let target = Some(target(&read.state));
            others
                .nodes
                .insert(node.clone(), NodeEntry { target, ..*entry });
            let files = old.manifest.files_of(node);
            others
                .files
                .extend(files.map(|(path, digest)| (path.clone(), *digest)));
        }
        for node in others.nodes.keys() {
            if let Some(text) = others.part(node) {
                self.put(&OutFile::Part(node), text.as_bytes(), stdout)?;
            }
        }
        Ok(())
    }
}

/// Files that an earlier run made and this one does not.
pub(super) fn stale(old: &OldManifest, new: &Manifest, scope: Scope) -> Vec<ArtefactPath> {
    let OldManifest::Read(old) = old else {
        return Vec::new();
    };
    let files = old.manifest.files.keys();
    files
        .filter(|path| scope.covers(&path.node, new) && !new.files.contains_key(path))
        .cloned()
        .collect()
}

/// Nodes that an earlier run made and this one, which is about all, does not.
pub(super) fn gone(old: &OldManifest, new: &Manifest, scope: Scope) -> Vec<NodeName> {
    match (old, scope) {
        (OldManifest::Read(old), Scope::Folder) => {
            let nodes = old.manifest.nodes.keys();
            nodes
                .filter(|node| !new.nodes.contains_key(node))
                .cloned()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// What to say about old MANIFESTs that cannot be read.
pub(super) fn notes(old: &OldManifest, new: &Manifest, scope: Scope) -> Vec<String> {
    let lost = |whose: &str, error: &ManifestError| {
        format!(
            "the old MANIFEST{whose} is not understood ({error}), so files that are no longer made \
             cannot be told and stay"
        )
    };
    match old {
        OldManifest::Unreadable(error) => vec![lost("", error)],
        OldManifest::Read(old) => {
            let damaged = old.damaged.iter();
            let damaged = damaged.filter(|(node, _)| scope.covers(node, new));
            damaged
                .map(|(node, error)| lost(&format!(" of {node}"), error))
                .collect()
        }
        OldManifest::None => Vec::new(),
    }
}

impl Sink for Write {
    fn node(
        &mut self,
        output: &NodeOutput,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let node = &output.artefacts.node;
        for artefact in &output.artefacts.files {
            let path = ArtefactPath {
                node: node.clone(),
                kind: artefact.kind,
            };
            self.put(&OutFile::Artefact(&path), &artefact.bytes, stdout)?;
        }
        if let Some(map) = &output.source_map {
            self.put(&OutFile::SourceMap(node), map.as_bytes(), stdout)?;
        }
        if let Some(text) = manifest.part(node) {
            self.put(&OutFile::Part(node), text.as_bytes(), stdout)?;
        }
        Ok(())
    }

    fn finish(&mut self, manifest: &Manifest, stdout: &mut Output<'_>) -> Result<Tally, OutError> {
        self.remove_stale(manifest, stdout)?;
        if self.scope == Scope::Nodes {
            self.carry_over(manifest, stdout)?;
        }
        self.put(&OutFile::Head, manifest.head().as_bytes(), stdout)?;
        self.tally
            .notes
            .extend(notes(&self.old, manifest, self.scope));
        Ok(std::mem::take(&mut self.tally))
    }
}
