//! Kubernetes releases whose kube-proxy is mirrored.

use std::fmt;
use std::str::FromStr;

/// A minor release of Kubernetes 1, from [`KubeVersion::OLDEST`] to [`KubeVersion::NEWEST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubeVersion(u8);

/// How a release lies to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is one of them.
    Known,
    /// It is older than all of them.
    Older,
    /// It is newer than all of them.
    Newer,
    /// Nothing is called so: a slip of the pen, or another program's version.
    Impossible,
}

impl KubeVersion {
    /// The oldest release mirrored.
    pub const OLDEST: Self = Self(30);
    /// The newest release documented, and the default.
    pub const NEWEST: Self = Self(37);

    /// The release `1.minor`, if it is mirrored.
    pub fn from_minor(minor: u8) -> Option<Self> {
        (Self::OLDEST.0..=Self::NEWEST.0)
            .contains(&minor)
            .then_some(Self(minor))
    }

    /// All releases, oldest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Self)
    }

    /// The release that is mirrored for any, and how that one lies to those that are known.
    pub fn nearest(major: u32, minor: u32) -> (Self, Fit) {
        // Kubernetes has three releases a year: that is more than six years from now.
        const LAST: u32 = KubeVersion::NEWEST.0 as u32 + 20;
        let known = u8::try_from(minor).ok().and_then(Self::from_minor);
        match (major, known) {
            (1, Some(version)) => (version, Fit::Known),
            (1, None) if minor < Self::OLDEST.0.into() => (Self::OLDEST, Fit::Older),
            (1, None) if minor <= LAST => (Self::NEWEST, Fit::Newer),
            _ => (Self::NEWEST, Fit::Impossible),
        }
    }

    /// The minor number, for the profile alone: what differs by release stands there.
    pub(super) fn minor(self) -> u8 {
        self.0
    }
}

impl Default for KubeVersion {
    fn default() -> Self {
        Self::NEWEST
    }
}

impl fmt::Display for KubeVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// Text that names no release that is mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a Kubernetes version that is known here: 1.{} to 1.{}",
    KubeVersion::OLDEST.0,
    KubeVersion::NEWEST.0
)]
pub struct UnknownVersion;

impl FromStr for KubeVersion {
    type Err = UnknownVersion;

    /// Reads `1.30`, `v1.30` or `1.30.5`; the patch release makes no difference.
    fn from_str(text: &str) -> Result<Self, UnknownVersion> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).split('.');
        let major = parts.next();
        let minor = parts.next().and_then(|minor| minor.parse().ok());
        let patch_ok = parts
            .next()
            .is_none_or(|patch| patch.parse::<u16>().is_ok());
        match (major, minor) {
            (Some("1"), Some(minor)) if patch_ok && parts.next().is_none() => {
                Self::from_minor(minor).ok_or(UnknownVersion)
            }
            _ => Err(UnknownVersion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_patch() {
        for (text, minor) in [
            ("1.30", Some(30)),
            ("v1.33", Some(33)),
            ("1.30.5", Some(30)),
            ("1.29", None),
            ("1.99", None),
            ("2.30", None),
            ("1.30.x", None),
            ("1.30.5.1", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok().map(KubeVersion::minor), minor, "{text}");
        }
    }
}
