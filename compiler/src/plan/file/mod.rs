//! The plan as a file: canonical JSON, complete enough to be carried out later.
//!
//! ```json
//! {"changes":true,"format":"portolan-plan","formatVersion":"2.1","node":"node-a",
//!  "observed":"sha256:…","steps":[{"after":1,"before":null,"kind":"destination", …}]}
//! ```
//!
//! Keys are sorted, numbers are integers, there are no blanks and no clock: the same plan is the
//! same bytes. Rules, sets and virtual servers are in the words of the tools that list them. The
//! whole of what the node is asked to hold is in it as well, as the files that `compile` writes: who
//! carries the plan out has to know what to check, to record and to bring back after a boot.
//!
//! Versions 1.*, which are read as well, call the digest of the input `target`, and do not say the target;
//! 1.0 says nothing of why UDP flows are forgotten, nor which endpoints serve. The release that is mirrored is left out where it is not known.
//!
//! Version 2.0 does not say with which claims it was made (`ownership`, `exclude`, `records`).
//!
//! A file vouches for itself: its digest covers every other byte of it, so one that was cut or edited
//! is refused.

mod read;
mod terms;
mod told;
mod write;

pub use read::FileError;
pub use terms::{Difference, NotDerived, Terms};
pub use told::{Told, is_plan};

use std::collections::BTreeMap;

use super::{Serving, Step};
use crate::bundle::{ArtefactKind, Digest, Target};
use crate::kernel::Part;
use crate::kernel::text::KeepOrigins;
use crate::mode::services::ServiceList;
use crate::mode::{ArtefactError, NodeState, artefacts, services};
use crate::model::name::NodeName;
use crate::model::{KubeVersion, Mode, TransportAddress};

/// What a plan file holds for whoever carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The node it is for.
    pub node: NodeName,
    /// The release of kube-proxy that is mirrored, where whoever compiled it said so.
    pub kube_version: Option<KubeVersion>,
    /// Digest of what was compiled.
    pub input: Digest,
    /// What the node is asked to hold, in one number: that of the files.
    pub target: Target,
    /// The state it was made on: on any other it means nothing.
    pub observed: Ground,
    /// What it was made with; not known of files before version 2.1, and of ways back.
    pub terms: Option<Terms>,
    /// The steps, in order; read back without their origins.
    pub steps: Vec<Step>,
    /// What the node is asked to hold.
    pub files: Files,
    /// The Services of its virtual servers, as far as they are known.
    pub services: ServiceNames,
}

/// Services by their virtual servers: namespace and name.
pub type ServiceNames = BTreeMap<TransportAddress, Box<str>>;

/// The state that a plan was made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ground {
    /// Digest of the state.
    pub digest: Digest,
    /// Digests of its parts.
    pub parts: BTreeMap<Part, Digest>,
    /// The machine, its boot and its network namespace, where the state was that of a running node.
    pub machine: Option<Digest>,
}

/// A node's state as the text files that `compile` writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(pub BTreeMap<ArtefactKind, String>);

impl Files {
    /// The files of a state.
    pub fn of(state: &NodeState) -> Self {
        let artefacts = artefacts(state, KeepOrigins::No);
        // The JSON form of tables says what their text says.
        let texts = artefacts
            .into_iter()
            .filter(|file| file.kind.is_text() && file.kind != ArtefactKind::NftablesJson);
        Self(
            texts
                .map(|file| (file.kind, String::from_utf8_lossy(&file.bytes).into_owned()))
                .collect(),
        )
    }

    /// The state's mode.
    pub fn mode(&self) -> Mode {
        NodeState::mode_of(|kind| self.0.contains_key(&kind))
    }

    /// What Services have; `None` of what an older portolan wrote.
    ///
    /// # Errors
    /// Where portolan would not write that.
    pub fn services(&self) -> Result<Option<ServiceList>, ArtefactError> {
        let text = self.0.get(&ArtefactKind::Services);
        let read = text.map(|text| services::read(text)).transpose();
        read.map_err(|problem| ArtefactError {
            kind: ArtefactKind::Services,
            problem: problem.into(),
        })
    }

    /// Whether recording these after `recorded` would tell nothing new. A folder that an older
    /// portolan compiled says nothing of Services, and so takes none of theirs away.
    pub fn add_nothing_to(&self, recorded: &Self) -> bool {
        match self.serving() {
            Serving::Known => self == recorded,
            Serving::Unknown => {
                let rest = recorded.0.iter();
                self.0
                    .iter()
                    .eq(rest.filter(|(kind, _)| **kind != ArtefactKind::Services))
            }
        }
    }

    /// Whether they say which endpoints serve.
    pub fn serving(&self) -> Serving {
        if self.0.contains_key(&ArtefactKind::Services) {
            Serving::Known
        } else {
            Serving::Unknown
        }
    }

    /// The state, with the names of its modules, but without origins.
    ///
    /// # Errors
    /// With the first file that portolan would not write.
    pub fn state(&self) -> Result<NodeState, ArtefactError> {
        let bytes = |(kind, text): (&ArtefactKind, &String)| (*kind, text.clone().into_bytes());
        NodeState::from_artefacts(&self.0.iter().map(bytes).collect())
    }
}
