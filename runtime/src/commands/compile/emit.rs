//! From a checked input to files or a pipe, a few nodes at a time.

use portolan_compiler::compile::Prepared;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::source::{Objects, Sources};
use portolan_compiler::source_map;
use rayon::prelude::*;

use super::Destination;
use crate::out::{Check, Folder, NodeOutput, OutError, Outcome, Sink, Stream, Write};
use crate::report::Output;

/// Nodes per thread whose artefacts are in memory at once.
const NODES_PER_THREAD: usize = 2;

/// What is to be emitted.
pub(super) struct Job<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) objects: &'a Objects,
    pub(super) sources: &'a Sources,
    pub(super) source_maps: SourceMaps,
}

/// Whether source maps are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SourceMaps {
    Wanted,
    Unwanted,
}

impl Job<'_> {
    pub(super) fn run(
        &self,
        destination: &Destination<'_>,
        stdout: &mut Output<'_>,
    ) -> Result<Outcome, OutError> {
        match destination {
            Destination::Write(folder) => {
                self.emit(&mut Write::new(Folder::new(folder.as_path()))?, stdout)
            }
            Destination::Check(folder, extent) => {
                let folder = Folder::new(folder.as_path());
                self.emit(&mut Check::new(folder, *extent)?, stdout)
            }
            Destination::Stdout(only) => {
                self.emit(&mut Stream::new(only, self.prepared.nodes().len()), stdout)
            }
        }
    }

    fn emit(&self, sink: &mut impl Sink, stdout: &mut Output<'_>) -> Result<Outcome, OutError> {
        let mut manifest = self.prepared.manifest();
        let nodes: Vec<usize> = (0..self.prepared.nodes().len()).collect();
        for batch in nodes.chunks(rayon::current_num_threads() * NODES_PER_THREAD) {
            let outputs: Vec<NodeOutput> = batch.par_iter().map(|node| self.node(*node)).collect();
            for output in &outputs {
                sink.node(output, stdout)?;
                manifest.add(&output.artefacts);
            }
        }
        sink.finish(&manifest, stdout)
    }

    fn node(&self, node: usize) -> NodeOutput {
        let keep = match self.source_maps {
            SourceMaps::Wanted => KeepOrigins::Yes,
            SourceMaps::Unwanted => KeepOrigins::No,
        };
        let artefacts = self.prepared.artefacts(node, keep);
        NodeOutput {
            source_map: (self.source_maps == SourceMaps::Wanted)
                .then(|| source_map::render(&artefacts, self.objects, self.sources)),
            artefacts,
        }
    }
}
