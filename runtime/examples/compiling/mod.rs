//! Compiles one node of a large cluster, as often as wanted.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use portolan_compiler::compile::{
    BaseServices, Compilation, EndpointsFrom, Input, NodeSelection, Options, Prepared, Silent,
};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::model::{KubeVersion, Mode};
use portolan_compiler::source::Sources;
use portolan_compiler::{compile, diag};

/// A cluster's text, and for which of its nodes it is compiled, and how.
#[derive(Debug)]
pub(crate) struct Compiling {
    input: Input,
    options: Options,
}

impl Compiling {
    /// In the configuration's mode where none is named.
    pub(crate) fn new(text: &str, mode: Option<Mode>) -> Self {
        let mut sources = Sources::default();
        sources.add("cluster", text.to_owned());
        Self {
            input: Input { sources },
            options: Options {
                nodes: NodeSelection::Named("node-0".to_owned()),
                kube_version: Some(KubeVersion::NEWEST),
                mode,
                base_services: BaseServices::Leave,
                endpoints: EndpointsFrom::default(),
            },
        }
    }

    /// Everything but making artefacts.
    pub(crate) fn prepare(&self) -> Result<Prepared, Box<dyn Error>> {
        let outcome = self.outcome();
        let refused = || diag::human(&outcome.report, &self.input.sources);
        Ok(outcome.prepared.ok_or_else(refused)?)
    }

    /// How long it takes to have all artefacts.
    pub(crate) fn time(&self) -> Result<Duration, Box<dyn Error>> {
        let start = Instant::now();
        let outcome = self.outcome();
        let Some(prepared) = &outcome.prepared else {
            return Err(diag::human(&outcome.report, &self.input.sources).into());
        };
        black_box(prepared.artefacts(0, KeepOrigins::No));
        Ok(start.elapsed())
    }

    fn outcome(&self) -> Compilation {
        compile::prepare(&self.input, &self.options, &Silent)
    }
}
