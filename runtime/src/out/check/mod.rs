//! `--out … --check`: what would change; nothing is written.

mod differences;

use portolan_compiler::bundle::{ArtefactKind, ArtefactPath, Manifest};

pub(crate) use differences::Differences;

use super::folder::{Found, OldManifest, OutFile};
use super::write::{gone, notes, stale};
use super::{Change, Folder, NodeOutput, OutError, Scope, Sink, Tally, diff};
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
    scope: Scope,
    differences: Differences,
    tally: Tally,
}

impl Check {
    /// Looks at what is in the folder.
    ///
    /// # Errors
    /// Where the folder cannot be read.
    pub fn new(folder: Folder, extent: Extent, scope: Scope) -> Result<Self, OutError> {
        Ok(Self {
            old: folder.read_manifest()?,
            folder,
            extent,
            scope,
            differences: Differences::default(),
            tally: Tally::default(),
        })
    }

    /// What was found not to be as it would be compiled now.
    pub(crate) fn into_differences(self) -> Differences {
        self.differences
    }

    fn compare(
        &mut self,
        file: &OutFile<'_>,
        new: Option<&[u8]>,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let found = self.folder.read(file)?;
        let old = match &found {
            Found::Nothing if new.is_none() => return Ok(()),
            Found::Nothing => None,
            Found::File(bytes) if Some(bytes.as_slice()) == new => {
                self.tally.unchanged += 1;
                return Ok(());
            }
            Found::File(bytes) => Some(bytes.as_slice()),
            // Not looked at, so shown as if it were empty.
            Found::Other => Some(&[][..]),
        };
        self.tally.changed += 1;
        let content = match file {
            OutFile::Artefact(path) if path.kind == ArtefactKind::IpvsNetlink => {
                diff::Content::Netlink
            }
            _ => diff::Content::Text,
        };
        if self.extent == Extent::Whole {
            stdout.styled(&diff::unified(&file.name(), content, old, new));
            return Ok(());
        }
        let change = match (old, new) {
            (None, _) => Change::Added,
            (_, None) => Change::Deleted,
            (Some(_), Some(_)) => Change::Modified,
        };
        match file {
            OutFile::Artefact(path) => {
                let lines = match (change, path.kind) {
                    // Of a new file everything is new, and what says the same twice is told once.
                    (Change::Added | Change::Deleted, _)
                    | (_, ArtefactKind::IpvsNetlink | ArtefactKind::NftablesJson) => Vec::new(),
                    (Change::Modified, _) => diff::changed_lines(old, new),
                };
                self.differences.add(path, change, lines);
            }
            OutFile::Part(node) => self.differences.add_part(node, change),
            OutFile::Head | OutFile::SourceMap(_) => self.differences.add_manifest(change),
        }
        Ok(())
    }
}

impl Sink for Check {
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
            self.compare(&OutFile::Artefact(&path), Some(&artefact.bytes), stdout)?;
        }
        let text = manifest.part(node);
        self.compare(
            &OutFile::Part(node),
            text.as_deref().map(str::as_bytes),
            stdout,
        )
    }

    fn finish(&mut self, manifest: &Manifest, stdout: &mut Output<'_>) -> Result<Tally, OutError> {
        for path in stale(&self.old, manifest, self.scope) {
            self.compare(&OutFile::Artefact(&path), None, stdout)?;
        }
        for node in gone(&self.old, manifest, self.scope) {
            self.compare(&OutFile::Part(&node), None, stdout)?;
        }
        let text = manifest.head();
        self.compare(&OutFile::Head, Some(text.as_bytes()), stdout)?;
        if self.extent == Extent::Short {
            stdout.styled(&self.differences.styled());
        }
        self.tally
            .notes
            .extend(notes(&self.old, manifest, self.scope));
        Ok(std::mem::take(&mut self.tally))
    }
}
