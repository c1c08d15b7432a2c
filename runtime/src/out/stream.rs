//! `--stdout`: artefacts into a pipe.

use std::collections::BTreeSet;

use portolan_compiler::bundle::{Artefact, ArtefactKind, Manifest};

use super::{NodeOutput, OutError, Sink, Tally};
use crate::report::Output;

/// Prints artefacts on stdout.
///
/// One artefact of one node comes as it is. Several come one after the other, each below a line
/// `# nodes/<node>/<file>`; `ipvs.nl` is binary and never among them.
#[derive(Debug)]
pub struct Stream {
    layout: Layout,
    printed: usize,
    left_out: usize,
}

/// How the artefacts follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Layout {
    /// This one, as it is.
    Raw(ArtefactKind),
    /// These, with a line above each.
    Headed(BTreeSet<ArtefactKind>),
}

impl Stream {
    /// Prints these kinds, or all if none is named, of so many nodes.
    pub fn new(only: &[ArtefactKind], nodes: usize) -> Self {
        let kinds: BTreeSet<_> = match only {
            [] => ArtefactKind::ALL.into(),
            only => only.iter().copied().collect(),
        };
        let layout = match (kinds.first(), kinds.len(), nodes) {
            (Some(kind), 1, 1) => Layout::Raw(*kind),
            _ => Layout::Headed(kinds),
        };
        Self {
            layout,
            printed: 0,
            left_out: 0,
        }
    }
}

impl Sink for Stream {
    fn node(
        &mut self,
        output: &NodeOutput,
        _: &Manifest,
        stdout: &mut Output<'_>,
    ) -> Result<(), OutError> {
        let node = &output.artefacts.node;
        for artefact in &output.artefacts.files {
            match &self.layout {
                Layout::Raw(kind) if *kind == artefact.kind => stdout.bytes(&artefact.bytes),
                Layout::Headed(kinds) if kinds.contains(&artefact.kind) => {
                    if !artefact.kind.is_text() {
                        self.left_out += 1;
                        continue;
                    }
                    stdout.bytes(format!("# {}\n", Artefact::path(artefact, node)).as_bytes());
                    stdout.bytes(&artefact.bytes);
                }
                _ => continue,
            }
            self.printed += 1;
        }
        Ok(())
    }

    fn finish(&mut self, _: &Manifest, _: &mut Output<'_>) -> Result<Tally, OutError> {
        let mut notes = Vec::new();
        if self.left_out > 0 {
            notes.push(
                "ipvs.nl is binary and was left out; ask for it alone, of one node: --only ipvs.nl"
                    .to_owned(),
            );
        }
        if self.printed == 0 && self.left_out == 0 {
            notes.push("there is nothing in the artefacts asked for".to_owned());
        }
        Ok(Tally {
            changed: self.printed,
            unchanged: 0,
            notes,
        })
    }
}
