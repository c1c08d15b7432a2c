//! Generations: what was applied, one after the other.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use portolan_compiler::bundle::Digest;
use portolan_compiler::model::KubeVersion;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::file::{Files, ServiceNames};
use serde::{Deserialize, Serialize};

use crate::trust::{Provenance, Recorded};

use super::seal::Record;

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// New input, compiled or held by a plan file.
    Apply,
    /// An earlier generation again.
    Rollback {
        /// Number of the generation that is brought back.
        to: u64,
    },
    /// The current generation once more, after a boot.
    Boot,
    /// All of ours goes.
    Cleanup,
    /// What the node holds is taken for what is, as records are lost.
    Taken,
}

impl Purpose {
    /// In a few words.
    pub fn describe(self) -> String {
        match self {
            Self::Apply => "apply".to_owned(),
            Self::Rollback { to } => format!("rollback to {to}"),
            Self::Boot => "boot".to_owned(),
            Self::Cleanup => "cleanup".to_owned(),
            Self::Taken => "taken from the node".to_owned(),
        }
    }
}

/// What was applied at one time, as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its number, from 1.
    pub number: u64,
    /// How it came.
    pub kind: Purpose,
    /// The node that it was compiled for.
    pub node: NodeName,
    /// The release of kube-proxy that it mirrors, where that was recorded.
    pub kube_version: Option<KubeVersion>,
    /// Digest of what it was compiled of.
    pub input: Digest,
    /// When it was made, by the machine's clock.
    pub made: SystemTime,
    /// What the node was asked to hold; nothing after a cleanup.
    pub files: Files,
    /// The Services of its virtual servers, as far as they are known.
    pub services: ServiceNames,
    /// Where it came from.
    pub provenance: Provenance,
}

/// The same, as far as it is in `generation.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) number: u64,
    pub(super) kind: Purpose,
    pub(super) node: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kube_version: Option<String>,
    /// Digest of the input.
    pub(super) objects: String,
    /// Seconds since 1970.
    pub(super) made: u64,
    #[serde(default)]
    pub(super) services: BTreeMap<String, String>,
    /// Where it came from; unknown of what was written before that was recorded.
    #[serde(default)]
    pub(super) provenance: Option<Recorded>,
    /// Digests of the files beside it; `None` of what was written before there were any.
    #[serde(default)]
    pub(super) files: Option<BTreeMap<String, String>>,
}

impl Record for Head {
    const FORMAT: &'static str = "portolan-generation 2";
    const BEFORE: Option<&'static str> = Some("portolan-generation 1");
}

impl Head {
    pub(super) fn of(generation: &Generation) -> Self {
        let services = generation.services.iter();
        let since = generation.made.duration_since(SystemTime::UNIX_EPOCH);
        let digest = |text: &String| Digest::of(text.as_bytes()).to_string();
        let files = generation.files.0.iter();
        Self {
            number: generation.number,
            kind: generation.kind,
            node: generation.node.to_string(),
            kube_version: generation.kube_version.map(|version| version.to_string()),
            objects: generation.input.to_string(),
            // A clock before 1970 tells nothing.
            made: since.map_or(0, |since| since.as_secs()),
            services: services
                .map(|(key, name)| (key.to_string(), name.to_string()))
                .collect(),
            provenance: Some(Recorded::from(&generation.provenance)),
            files: Some(
                files
                    .map(|(kind, text)| (kind.as_str().to_owned(), digest(text)))
                    .collect(),
            ),
        }
    }

    /// With its files; `None` where a field makes no sense.
    pub(super) fn with(self, files: Files) -> Option<Generation> {
        Some(Generation {
            number: self.number,
            kind: self.kind,
            node: NodeName::parse(&self.node).ok()?,
            kube_version: match self.kube_version {
                Some(version) => Some(version.parse().ok()?),
                None => None,
            },
            input: self.objects.parse().ok()?,
            made: SystemTime::UNIX_EPOCH + Duration::from_secs(self.made),
            files,
            provenance: match self.provenance {
                Some(recorded) => recorded.read()?,
                None => Provenance::UNKNOWN,
            },
            services: self
                .services
                .into_iter()
                .map(|(key, name)| Some((key.parse().ok()?, name.into())))
                .collect::<Option<_>>()?,
        })
    }
}
