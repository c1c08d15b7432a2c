//! The artefacts of a run: their names, their bytes, and the MANIFEST above them.

mod digest;
mod folder;
mod manifest;

pub use digest::{Digest, NotADigest};
pub use folder::folder_name;
pub use manifest::{ArtefactPath, Emulates, Manifest, ManifestError, ManifestProblem, NodeEntry};

use crate::model::name::NodeName;
use crate::source::Origin;

/// The artefacts of a node, in the order a node takes them. No mode has all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArtefactKind {
    /// Kernel modules, as modules-load.d takes them.
    ModulesLoad,
    /// Kernel settings, as `sysctl -p` takes them.
    Sysctl,
    /// kube-ipvs0 and its addresses, as `ip -batch` takes them.
    Addresses,
    /// Sets, as `ipset restore` takes them.
    Ipset,
    /// IPv4 rules, as `iptables-restore --noflush` takes them.
    Iptables,
    /// IPv6 rules, as `ip6tables-restore --noflush` takes them.
    Ip6tables,
    /// Virtual servers, as `ipvsadm -R` takes them.
    IpvsRules,
    /// IPVS timeouts, as `ipvsadm --set` takes them.
    IpvsTimeouts,
    /// Virtual servers as generic netlink messages.
    IpvsNetlink,
    /// Tables, as `nft -f` takes them.
    Nftables,
    /// Tables, as `nft -j -f` takes them.
    NftablesJson,
    /// What Services have there, for people and for later plans.
    Services,
}

impl ArtefactKind {
    /// All kinds, in order.
    pub const ALL: [Self; 12] = [
        Self::ModulesLoad,
        Self::Sysctl,
        Self::Addresses,
        Self::Ipset,
        Self::Iptables,
        Self::Ip6tables,
        Self::IpvsRules,
        Self::IpvsTimeouts,
        Self::IpvsNetlink,
        Self::Nftables,
        Self::NftablesJson,
        Self::Services,
    ];

    /// The file's name.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::ModulesLoad => "modules-load.conf",
            Self::Sysctl => "sysctl.conf",
            Self::Addresses => "addresses",
            Self::Ipset => "ipset.restore",
            Self::Iptables => "iptables.restore",
            Self::Ip6tables => "ip6tables.restore",
            Self::IpvsRules => "ipvs.rules",
            Self::IpvsTimeouts => "ipvs.timeouts",
            Self::IpvsNetlink => "ipvs.nl",
            Self::Nftables => "ruleset.nft",
            Self::NftablesJson => "ruleset.json",
            Self::Services => "services",
        }
    }

    /// The kind with this file name.
    pub fn from_file_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.file_name() == name)
    }

    /// Whether the file is text; `ipvs.nl` is not.
    pub fn is_text(self) -> bool {
        self != Self::IpvsNetlink
    }
}

/// One artefact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// Which.
    pub kind: ArtefactKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// For each line of text the origins of what it says, where they were kept.
    pub origins: Vec<Vec<Origin>>,
}

/// The artefacts of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeArtefacts {
    /// The node.
    pub node: NodeName,
    /// Its artefacts, in order; those that would say nothing are left out.
    pub files: Vec<Artefact>,
}

impl Artefact {
    /// Where the artefact lies below the output folder: `nodes/<node>/<file>`, with `/` everywhere.
    pub fn path(&self, node: &NodeName) -> String {
        format!("nodes/{}/{}", folder_name(node), self.kind.file_name())
    }
}
