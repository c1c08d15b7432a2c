//! `--out … --check`: what would change; nothing is written.

mod differences;

use portolan_compiler::bundle::{ArtefactKind, ArtefactPath, Manifest};

pub(crate) use differences::Differences;

use super::folder::{Found, OldManifest, Target};
use super::write::{note, stale};
use super::{Change, Folder, NodeOutput, OutError, Outcome, Sink, diff};
use crate::report::Output;

/// How much of the differences is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Nothing: somebody else tells of them.
    Nothing,
    /// Of each artefact on how many nodes it differs, and what these have in common.
    Short,
    /// A unified diff of each file.
    Whole,
}

/// Compares with a folder.
#[derive(Debug)]
pub struct Check {
    folder: Folder,
    old: OldManifest,
    extent: Extent,
    differences: Differences,
    outcome: Outcome,
}

impl Check {
    /// Looks at what is in the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn new(folder: Folder, extent: Extent) -> Result<Self, OutError> {
        Ok(Self {
            old: folder.read_manifest()?,
            folder,
            extent,
            differences: Differences::default(),
            outcome: Outcome::default(),
        })
    }

    /// What was found not to be as it would be compiled now.
    pub(crate) fn into_differences(self) -> Differences {
        self.differences
    }

    fn compare(
        &mut self,
        target: &Target<'_>,
        new: Option<&[u8]>,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let found = self.folder.read(target)?;
        let old = match &found {
            Found::Nothing if new.is_none() => return Ok(()),
            Found::Nothing => None,
            Found::File(bytes) if Some(bytes.as_slice()) == new => {
                self.outcome.unchanged += 1;
                return Ok(());
            }
            Found::File(bytes) => Some(bytes.as_slice()),
            // Not looked at, so shown as if it were empty.
            Found::Other => Some(&[][..]),
        };
        self.outcome.changed += 1;
        let content = match target {
            Target::Artefact(path) if path.kind == ArtefactKind::IpvsNetlink => {
                diff::Content::Netlink
            }
            _ => diff::Content::Text,
        };
        if self.extent == Extent::Whole {
            stdout.styled(&diff::unified(&target.name(), content, old, new));
            return Ok(());
        }
        let change = match (old, new) {
            (None, _) => Change::Added,
            (_, None) => Change::Deleted,
            (Some(_), Some(_)) => Change::Modified,
        };
        match target {
            Target::Artefact(path) => {
                let lines = match (change, path.kind) {
                    // Of a new file everything is new, and what says the same twice is told once.
                    (Change::Added | Change::Deleted, _)
                    | (_, ArtefactKind::IpvsNetlink | ArtefactKind::NftablesJson) => Vec::new(),
                    (Change::Modified, _) => diff::changed_lines(old, new),
                };
                self.differences.add(path, change, lines);
            }
            Target::Manifest | Target::SourceMap(_) => self.differences.add_manifest(change),
        }
        Ok(())
    }
}

impl Sink for Check {
    fn node(&mut self, output: &NodeOutput, stdout: &mut Output<'_>) -> Result<(), OutError> {
        for artefact in &output.artefacts.files {
            let path = ArtefactPath {
                node: output.artefacts.node.clone(),
                kind: artefact.kind,
            };
            self.compare(&Target::Artefact(&path), Some(&artefact.bytes), stdout)?;
        }
        Ok(())
    }

    fn finish(
        &mut self,
        manifest: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<Outcome, OutError> {
        for path in stale(&self.old, manifest) {
            self.compare(&Target::Artefact(&path), None, stdout)?;
        }
        let text = manifest.to_string();
        self.compare(&Target::Manifest, Some(text.as_bytes()), stdout)?;
        if self.extent == Extent::Short {
            stdout.styled(&self.differences.styled());
        }
        self.outcome.notes.extend(note(&self.old));
        Ok(std::mem::take(&mut self.outcome))
    }
}
