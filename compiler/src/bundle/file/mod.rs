//! A bundle: the rules of nodes in one file, for a stick, a registry or a signature.
//!
//! A text header says everything, and what it speaks of follows it, each distinct artefact once:
//!
//! ```text
//! portolan-bundle 1
//! portolan 0.1.0
//! cluster prod-eu
//! counter 147
//! input sha256:…
//!
//! node node-a
//! emulates kube-proxy 1.37 ipvs
//! input sha256:…
//! target sha256:…
//! sha256:…  sysctl.conf
//! sha256:…  ipset.restore
//!
//! part sha256:… 8211 1904
//! part sha256:… 120 88
//!
//! body sha256:…
//! header sha256:…
//! ```
//!
//! `cluster` and `counter` are both there or neither; `input` is that of the folder, which older ones
//! do not have. Nodes, their files and parts are in order. A part is the digest of an artefact, its
//! bytes, and the bytes that it takes in the file, compressed (raw DEFLATE, RFC 1951), where parts
//! follow one another in the same order. `body` is the digest of all that follows the header, and the
//! header ends with one over itself: no byte of a bundle says nothing.
//!
//! What follows from other artefacts (`ipvs.nl`, `ruleset.json`) is left out. The same nodes are the
//! same bytes.

mod pack;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use pack::Packer;

use super::{ArtefactKind, Digest, Edition, Manifest, ManifestError};
use crate::model::name::NodeName;

const FORMAT: &str = "portolan-bundle 1";
const FAMILY: &str = "portolan-bundle ";

/// Bytes of a header: that of 20,000 nodes takes a tenth.
const HEADER_BYTES: usize = 128 << 20;
/// Nodes of a bundle: four times what Kubernetes supports in a cluster.
const NODES: usize = 20_000;
/// Distinct artefacts of a bundle.
const PARTS: usize = 200_000;
/// Bytes of the artefacts of all nodes, each node's counted: five times what 500 nodes of 5,000 Services with
/// 100,000 endpoints have.
const ALL_BYTES: u64 = 64 << 30;
/// Bytes of the artefacts of one node: of 5,000 Services with 100,000 endpoints they are a tenth.
const NODE_BYTES: u64 = 512 << 20;

/// A bundle that was read: its header makes sense, and all of its bytes are as they were written.
#[derive(Clone, PartialEq, Eq)]
pub struct Bundle {
    header: Header,
    /// The whole file.
    bytes: Vec<u8>,
}

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    edition: Option<Edition>,
    manifest: Manifest,
    parts: BTreeMap<Digest, Part>,
}

/// Where an artefact is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    /// Bytes of the artefact.
    size: u64,
    /// Where it begins in the file.
    start: usize,
    /// Bytes that it takes there.
    packed: usize,
}

/// Why bytes are no bundle, or not one that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The file is something else.
    #[error("not a bundle of portolan")]
    NotABundle,
    /// A format of another portolan.
    #[error("format {0:?} is not known; this portolan reads format 1")]
    Format(String),
    /// The header has no end.
    #[error("the header ends in the middle: the file was cut, or is longer than a header can be")]
    Cut,
    /// The header is not as it was written.
    #[error("the header is not as it was written: its digest does not match")]
    Header,
    /// What follows the header is not as it was written.
    #[error("what follows the header is not as it was written: its digest does not match")]
    Body,
    /// A line that the header cannot have.
    #[error("header: {0}")]
    Line(#[from] ManifestError),
    /// More than any bundle has.
    #[error("it has more than {limit} {what}")]
    Many {
        /// Of what it has too many.
        what: &'static str,
        /// How many it may have.
        limit: u64,
    },
    /// Files and parts do not belong together.
    #[error("{0}")]
    Parts(&'static str),
    /// A part that is not what the header says of it.
    #[error("{} of {node} is not what the header says", .kind.as_str())]
    Part {
        /// Whose it is.
        node: NodeName,
        /// Which of its artefacts.
        kind: ArtefactKind,
    },
}

impl Bundle {
    /// Whether bytes begin as those of a bundle do, of whatever format.
    pub fn begins(bytes: &[u8]) -> bool {
        bytes.starts_with(FAMILY.as_bytes())
    }

    /// Which edition of which cluster's rules it is, where it says so.
    pub fn edition(&self) -> Option<&Edition> {
        self.header.edition.as_ref()
    }

    /// What it says of its nodes and their files.
    pub fn manifest(&self) -> &Manifest {
        &self.header.manifest
    }

    /// The whole file: what a signature covers.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of the whole file.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// How many distinct artefacts it has, and their bytes before they were compressed.
    pub fn parts(&self) -> (usize, u64) {
        let parts = self.header.parts.values();
        (parts.len(), parts.map(|part| part.size).sum())
    }
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bundle")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// Whether a bundle has artefacts of this kind: what follows from others it has not.
pub(super) fn carries(kind: ArtefactKind) -> bool {
    !matches!(kind, ArtefactKind::IpvsNetlink | ArtefactKind::NftablesJson)
}
