//! `--out`: brings a folder up to date, touching only what changes.

use std::collections::BTreeSet;

use portolan_compiler::bundle::{ArtefactPath, Manifest};

use super::folder::{Found, OldManifest, Target};
use super::{Change, Folder, NodeOutput, OutError, Outcome, Sink};
use crate::report::Output;

/// Writes into a folder, and says on stdout which files changed.
///
/// Files that the old MANIFEST lists and this run does not make are removed; any other file in the
/// folder is left alone. MANIFEST is written last: while it names the old digests, a run that was
/// cut short can be told.
#[derive(Debug)]
pub struct Write {
    folder: Folder,
    old: OldManifest,
    outcome: Outcome,
}

impl Write {
    /// Looks at what is in the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn new(folder: Folder) -> Result<Self, OutError> {
        Ok(Self {
            old: folder.read_manifest()?,
            folder,
            outcome: Outcome::default(),
        })
    }

    fn put(
        &mut self,
        target: &Target<'_>,
        bytes: &[u8],
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let change = match self.folder.read(target)? {
            Found::File(old) if old == bytes => {
                self.outcome.unchanged += 1;
                return Ok(());
            }
            Found::Nothing => Change::Added,
            Found::File(_) | Found::Other => Change::Modified,
        };
        self.folder.write(target, bytes)?;
        self.tell(change, target, stdout);
        Ok(())
    }

    fn tell(&mut self, change: Change, target: &Target<'_>, stdout: &mut Output<'_>) {
        self.outcome.changed += 1;
        stdout.bytes(format!("{change} {}\n", target.name()).as_bytes());
    }

    fn remove_stale(
        &mut self,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        for path in stale(&self.old, manifest) {
            let target = Target::Artefact(&path);
            if self.folder.read(&target)? != Found::Nothing {
                self.folder.remove(&target)?;
                self.tell(Change::Deleted, &target, stdout);
            }
        }
        let nodes: BTreeSet<_> = manifest.files.keys().map(|path| &path.node).collect();
        let OldManifest::Read(old) = self.old.clone() else {
            return Ok(());
        };
        let gone: BTreeSet<_> = old.files.keys().map(|path| &path.node).collect();
        for node in gone.difference(&nodes) {
            let target = Target::SourceMap(node);
            if self.folder.read(&target)? != Found::Nothing {
                self.folder.remove(&target)?;
                self.tell(Change::Deleted, &target, stdout);
            }
            self.folder.remove_node(node);
        }
        Ok(())
    }
}

/// What an earlier run made and this one does not.
pub(super) fn stale(old: &OldManifest, new: &Manifest) -> Vec<ArtefactPath> {
    match old {
        OldManifest::Read(old) => old
            .files
            .keys()
            .filter(|path| !new.files.contains_key(path))
            .cloned()
            .collect(),
        OldManifest::None | OldManifest::Unreadable(_) => Vec::new(),
    }
}

/// What to say about an old MANIFEST that cannot be read.
pub(super) fn note(old: &OldManifest) -> Option<String> {
    match old {
        OldManifest::Unreadable(error) => Some(format!(
            "the old MANIFEST is not understood ({error}), so files that are no longer made cannot \
             be told and stay"
        )),
        OldManifest::None | OldManifest::Read(_) => None,
    }
}

impl Sink for Write {
    fn node(&mut self, output: &NodeOutput, stdout: &mut Output<'_>) -> Result<(), OutError> {
        let node = &output.artefacts.node;
        for artefact in &output.artefacts.files {
            let path = ArtefactPath {
                node: node.clone(),
                kind: artefact.kind,
            };
            self.put(&Target::Artefact(&path), &artefact.bytes, stdout)?;
        }
        if let Some(map) = &output.source_map {
            self.put(&Target::SourceMap(node), map.as_bytes(), stdout)?;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<Outcome, OutError> {
        self.remove_stale(manifest, stdout)?;
        self.put(&Target::Manifest, manifest.to_string().as_bytes(), stdout)?;
        self.outcome.notes.extend(note(&self.old));
        Ok(std::mem::take(&mut self.outcome))
    }
}
