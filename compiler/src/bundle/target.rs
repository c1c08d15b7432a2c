//! One number for what runs.

use std::fmt;
use std::str::FromStr;

use super::{Digest, NotADigest};

/// Which state a node is asked to hold, as one digest: the same for the same state, however it is
/// written down. [`crate::target`] makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(Digest);

impl Target {
    /// Its 64 digits, without the name of the algorithm.
    pub fn digits(&self) -> String {
        self.0.digits()
    }

    /// Its first 12 digits, for people to read and compare.
    pub fn short(&self) -> String {
        self.0.short()
    }
}

impl From<Digest> for Target {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Target {
    /// As a digest is written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Target {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        text.parse().map(Self)
    }
}
