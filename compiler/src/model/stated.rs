//! Releases as nodes and images state them, with vendors' suffixes.

use std::fmt;

use super::{Fit, KubeVersion};

/// A release that something of the cluster states: `v1.33.4`, `v1.33.4+k3s1`, `v1.33.4-eks-1234567`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatedRelease {
    major: u32,
    minor: u32,
    text: Box<str>,
}

/// Who builds a Kubernetes, as far as it decides where kube-proxy's configuration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distribution {
    /// k3s or RKE2: kube-proxy gets flags, of the node's configuration.
    K3s,
    /// EKS, whose `ConfigMap` has a name of its own.
    Eks,
    /// Any other: the usual `ConfigMap` of kube-proxy.
    Other,
}

impl StatedRelease {
    /// Reads a release; `None` for text that states none, such as `latest`.
    pub fn parse(text: &str) -> Option<Self> {
        let numbers = text.strip_prefix('v').unwrap_or(text);
        let (major, rest) = number(numbers)?;
        let (minor, rest) = number(rest.strip_prefix('.')?)?;
        // `1.33x` and `1.33.x` are no releases; patch and suffix may be missing.
        let rest = match rest.strip_prefix('.') {
            Some(patch) => number(patch)?.1,
            None => rest,
        };
        let suffixed = rest.is_empty() || rest.starts_with(['-', '+', '_', '.']);
        suffixed.then(|| Self {
            major,
            minor,
            text: text.into(),
        })
    }

    /// The release that is mirrored for it: itself, or the nearest.
    pub fn nearest(&self) -> KubeVersion {
        KubeVersion::nearest(self.major, self.minor).0
    }

    /// How it lies to the releases that are known.
    pub fn fit(&self) -> Fit {
        KubeVersion::nearest(self.major, self.minor).1
    }

    /// Whose build of Kubernetes it is, by the suffix.
    pub fn distribution(&self) -> Distribution {
        let has = |suffix: &str| self.text.contains(suffix);
        if has("+k3s") || has("+rke2") {
            Distribution::K3s
        } else if has("-eks-") {
            Distribution::Eks
        } else {
            Distribution::Other
        }
    }

    /// Whether a release may be called so.
    pub fn is_possible(&self) -> bool {
        self.fit() != Fit::Impossible
    }
}

impl fmt::Display for StatedRelease {
    /// As it is stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The number that text starts with, and what follows.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_suffixes_are_cut() {
        for (text, expected) in [
            ("v1.33.4", Some(("1.33", Fit::Known))),
            ("1.33", Some(("1.33", Fit::Known))),
            ("v1.33.4-eks-1234567", Some(("1.33", Fit::Known))),
            ("v1.33.4+k3s1", Some(("1.33", Fit::Known))),
            ("v1.30.1-gke.1329003", Some(("1.30", Fit::Known))),
            ("v1.33.3-minimal-eksbuild.10", Some(("1.33", Fit::Known))),
            ("v1.33.4-rke2r1-build20250813", Some(("1.33", Fit::Known))),
            ("v1.34.0-rc.1.5+0123456789abcd", Some(("1.34", Fit::Known))),
            ("v1.33.4_vmware.1", Some(("1.33", Fit::Known))),
            ("v1.29.1", Some(("1.30", Fit::Older))),
            ("v0.33.1", Some(("1.37", Fit::Impossible))),
            ("v1.38.0-alpha.1", Some(("1.37", Fit::Newer))),
            ("v1.57.0", Some(("1.37", Fit::Newer))),
            ("v1.58.0", Some(("1.37", Fit::Impossible))),
            ("v1.310.0", Some(("1.37", Fit::Impossible))),
            ("v2.30.0", Some(("1.37", Fit::Impossible))),
            ("latest", None),
            ("v1", None),
            ("v1.x", None),
            ("v1.33x", None),
            ("v1.33.x", None),
            ("v99999999999.1", None),
            ("", None),
        ] {
            let found = StatedRelease::parse(text);
            let found = found.map(|stated| (stated.nearest().to_string(), stated.fit()));
            let expected = expected.map(|(version, fit)| (version.to_owned(), fit));
            assert_eq!(found, expected, "{text}");
        }
    }
}
