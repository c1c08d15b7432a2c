//! `--out … --check`: what would change, as a diff; nothing is written.

use portolan_compiler::bundle::{ArtefactKind, ArtefactPath, Manifest};

use super::folder::{Found, OldManifest, Target};
use super::write::{note, stale};
use super::{Folder, NodeOutput, OutError, Outcome, Sink, diff};
use crate::report::Output;

/// Compares with a folder, and prints a unified diff on stdout.
#[derive(Debug)]
pub struct Check {
    folder: Folder,
    old: OldManifest,
    outcome: Outcome,
}

impl Check {
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
        stdout.styled(&diff::unified(&target.name(), content, old, new));
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
        self.outcome.notes.extend(note(&self.old));
        Ok(std::mem::take(&mut self.outcome))
    }
}
