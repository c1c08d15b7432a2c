//! The artefacts of a run: their names, their bytes, and the MANIFEST above them.

mod digest;
mod edition;
mod file;
mod folder;
mod lines;
mod manifest;
mod target;

pub use digest::{Digest, NotADigest};
pub use edition::{ClusterName, Counter, Edition, NotACluster, NotACounter};
pub use file::{Bundle, BundleError, Packer};
pub use folder::{folder_name, node_of_folder};
pub use manifest::{
    ArtefactPath, Emulates, Head, Manifest, ManifestError, ManifestProblem, NodeEntry,
};
pub use target::Target;

use crate::model::name::NodeName;
use crate::source::Origin;

closed_set! {
    /// The artefacts of a node, in the order a node takes them. No mode has all of them.
    pub enum ArtefactKind {
        /// Kernel modules, as modules-load.d takes them.
        ModulesLoad = "modules-load.conf",
        /// Kernel settings, as `sysctl -p` takes them.
        Sysctl = "sysctl.conf",
        /// kube-ipvs0 and its addresses, as `ip -batch` takes them.
        Addresses = "addresses",
        /// Sets, as `ipset restore` takes them.
        Ipset = "ipset.restore",
        /// IPv4 rules, as `iptables-restore --noflush` takes them.
        Iptables = "iptables.restore",
        /// IPv6 rules, as `ip6tables-restore --noflush` takes them.
        Ip6tables = "ip6tables.restore",
        /// Virtual servers, as `ipvsadm -R` takes them.
        IpvsRules = "ipvs.rules",
        /// IPVS timeouts, as `ipvsadm --set` takes them.
        IpvsTimeouts = "ipvs.timeouts",
        /// Virtual servers as generic netlink messages.
        IpvsNetlink = "ipvs.nl",
        /// Tables, as `nft -f` takes them.
        Nftables = "ruleset.nft",
        /// Tables, as `nft -j -f` takes them.
        NftablesJson = "ruleset.json",
        /// What Services have there, for people and for later plans.
        Services = "services",
    }
}

impl ArtefactKind {
    /// Whether the file is text; `ipvs.nl` is not.
    pub fn is_text(self) -> bool {
        self != Self::IpvsNetlink
    }
}

/// One artefact: a file of a node's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artefact {
    /// What the file holds, which decides its name.
    pub kind: ArtefactKind,
    /// The file's bytes, as they are written.
    pub bytes: Vec<u8>,
    /// For each line of text the origins of what it says, where they were kept.
    pub origins: Vec<Vec<Origin>>,
}

/// The artefacts of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeArtefacts {
    /// Name of the node, and of its folder.
    pub node: NodeName,
    /// What they ask the node to hold.
    pub target: Target,
    /// Its artefacts, in order; those that would say nothing are left out.
    pub files: Vec<Artefact>,
}

impl Artefact {
    /// Where the artefact lies below the output folder: `nodes/<node>/<file>`, with `/` everywhere.
    pub fn path(&self, node: &NodeName) -> String {
        format!("nodes/{}/{}", folder_name(node), self.kind.as_str())
    }
}
