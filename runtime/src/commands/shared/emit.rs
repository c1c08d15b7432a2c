//! From a checked input to files or a pipe, a few nodes at a time.

use portolan_compiler::bundle::Manifest;
use portolan_compiler::compile::Prepared;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::source::{Objects, Sources};
use portolan_compiler::source_map;
use rayon::prelude::*;

use crate::out::{NodeOutput, OutError, Sink, Tally};
use crate::report::Output;

/// Nodes per thread whose artefacts are in memory at once.
const NODES_PER_THREAD: usize = 2;

/// What is to be emitted.
pub(in crate::commands) struct Job<'a> {
    pub(in crate::commands) prepared: &'a Prepared,
    pub(in crate::commands) objects: &'a Objects,
    pub(in crate::commands) sources: &'a Sources,
    pub(in crate::commands) source_maps: SourceMaps,
}

/// What came of it.
pub(in crate::commands) struct Emitted {
    pub(in crate::commands) outcome: Tally,
    /// The nodes, with what each is asked to hold.
    pub(in crate::commands) manifest: Manifest,
}

/// Whether source maps are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum SourceMaps {
    Wanted,
    Unwanted,
}

impl Job<'_> {
    /// Hands everything to a sink.
    pub(in crate::commands) fn emit(
        &self,
        sink: &mut impl Sink,
        stdout: &mut Output<'_>,
    ) -> Result<Emitted, OutError> {
        let inputs = self.prepared.inputs();
        let mut manifest = Manifest::new(inputs.common);
        let nodes: Vec<usize> = (0..self.prepared.nodes().len()).collect();
        for batch in nodes.chunks(rayon::current_num_threads() * NODES_PER_THREAD) {
            let outputs: Vec<NodeOutput> = batch.par_iter().map(|node| self.node(*node)).collect();
            for (node, output) in batch.iter().zip(&outputs) {
                let emulates = self.prepared.mirrored(*node).emulates;
                manifest.add(emulates, inputs.nodes[*node], &output.artefacts);
                sink.node(output, &manifest, stdout)?;
            }
        }
        let outcome = sink.finish(&manifest, stdout)?;
        Ok(Emitted { outcome, manifest })
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
