//! One thing that was found.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Planning or applying will fail, or go wrong.
    Error,
    /// It may go wrong.
    Warning,
    /// Good to know.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $severity:ident;)*) => {
        /// What kind of thing was found. Names stay what they are: scripts look for them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingId {
            $($(#[$doc])* $id,)*
        }

        impl FindingId {
            /// All of them, in the order they are reported.
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];

            /// The word that stands for it in output: scripts look for it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$id => $name,)*
                }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$id => Severity::$severity,)*
                }
            }
        }
    };
}

ids! {
    /// The capability that everything needs is not in effect.
    NoNetAdmin = "no-net-admin", Error;
    /// The capability that iptables' legacy variant needs besides is not in effect.
    NoNetRaw = "no-net-raw", Error;
    /// IPVS answers the machine's own user namespace alone.
    InUserNamespace = "in-user-namespace", Error;
    /// Modules that cannot be loaded.
    ModulesMissing = "modules-missing", Error;
    /// Modules of which it cannot be seen whether they could be loaded.
    ModulesUnknown = "modules-unknown", Info;
    /// Modules that can be loaded.
    ModulesNotLoaded = "modules-not-loaded", Info;
    /// A program that is not installed.
    ProgramMissing = "program-missing", Error;
    /// A release of a program with a known hole.
    ProgramUnsafe = "program-unsafe", Error;
    /// A release of a program that lacks what is needed.
    ProgramTooOld = "program-too-old", Error;
    /// iptables and ip6tables speak to different interfaces of the kernel.
    VariantsMixed = "variants-mixed", Warning;
    /// Rules in both interfaces of the kernel.
    BothVariants = "both-variants", Warning;
    /// A kube-proxy, or what answers like one.
    KubeProxyRunning = "kube-proxy-running", Error;
    /// Virtual servers, sets and addresses of kube-proxy's ipvs mode.
    IpvsMode = "ipvs-mode", Warning;
    /// Chains of kube-proxy's iptables mode.
    IptablesMode = "iptables-mode", Warning;
    /// Tables of kube-proxy's nftables mode.
    NftablesMode = "nftables-mode", Warning;
    /// Chains of kube-proxy's userspace mode, gone since Kubernetes 1.26.
    UserspaceMode = "userspace-mode", Warning;
    /// A node that knows no IPv6.
    NoIpv6 = "no-ipv6", Info;
    /// A part of the node that could not be looked at.
    Unread = "unread", Warning;
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for FindingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is, which decides how much it matters.
    pub id: FindingId,
    /// What was seen.
    pub seen: String,
    /// What to do about it, one step each.
    pub advice: Vec<String>,
}

impl Finding {
    pub(super) fn new(
        id: FindingId,
        seen: impl Into<String>,
        advice: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            id,
            seen: seen.into(),
            advice: advice.into_iter().map(Into::into).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = FindingId::ALL.iter().map(|id| id.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FindingId::ALL.len());
    }
}
