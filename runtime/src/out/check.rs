//! `--out … --check`: what would change, as a diff; nothing is written.

use portolan_compiler::bundle::{ArtefactKind, ArtefactPath, Manifest};

use super::folder::{Found, OldManifest, Target};
use super::write::{note, stale};
use super::{Folder, NodeOutput, OutError, Outcome, Sink, diff};
use crate::report::Output;

/// More bytes of diffs than this are counted instead, unless all are asked for: a review reads them.
const READ: usize = 200_000;

/// How much of the differences is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As much as somebody reads.
    Bounded,
    /// All of it, however long.
    Whole,
}

/// Compares with a folder, and prints a unified diff on stdout.
#[derive(Debug)]
pub struct Check {
    folder: Folder,
    old: OldManifest,
    /// Bytes that may be printed still; `None` for as many as there are.
    room: Option<usize>,
    left_out: LeftOut,
    outcome: Outcome,
}

/// What is not printed.
#[derive(Debug, Default)]
struct LeftOut {
    /// Lines of files that are printed in part.
    lines: usize,
    files: usize,
}

impl LeftOut {
    /// In a line; `None` where everything was printed.
    fn say(&self) -> Option<String> {
        let count = |number: usize, noun: &str| match number {
            1 => format!("1 {noun}"),
            _ => format!("{number} {noun}s"),
        };
        let lines = count(self.lines, "line");
        let files = match self.files {
            1 => "the differences of 1 file".to_owned(),
            many => format!("the differences of {many} files"),
        };
        let what = match (self.lines, self.files) {
            (0, 0) => return None,
            (_, 0) => lines,
            (0, _) => files,
            _ => format!("{lines} and {files}"),
        };
        Some(format!(
            "Too much to read: {what} left out; --whole prints everything.\n"
        ))
    }
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
            room: (extent == Extent::Bounded).then_some(READ),
            left_out: LeftOut::default(),
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
        if self.room == Some(0) {
            self.left_out.files += 1;
            return Ok(());
        }
        let text = diff::unified(&target.name(), content, old, new);
        self.print(&text, stdout);
        Ok(())
    }

    /// Prints as many lines as there is room for.
    fn print(&mut self, text: &str, stdout: &mut Output<'_>) {
        let Some(room) = &mut self.room else {
            stdout.styled(text);
            return;
        };
        if text.len() <= *room {
            *room -= text.len();
            stdout.styled(text);
            return;
        }
        let end = text.as_bytes()[..*room]
            .iter()
            .rposition(|byte| *byte == b'\n');
        let (shown, rest) = text.split_at(end.map_or(0, |end| end + 1));
        *room = 0;
        if shown.is_empty() {
            self.left_out.files += 1;
        } else {
            self.left_out.lines += rest.lines().count();
            stdout.styled(shown);
        }
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
        if let Some(line) = self.left_out.say() {
            stdout.styled(&line);
        }
        self.outcome.notes.extend(note(&self.old));
        Ok(std::mem::take(&mut self.outcome))
    }
}
