//! Captures that cannot be read, and what is to be known of those that can.

use std::fmt;

use super::{CaptureFile, Printed};
use crate::front::facts::IptablesVariant;
use crate::kernel::iptables::TableName;
use crate::model::{IpFamily, Mode};

/// Why a capture cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// A file that planning cannot do without.
    #[error("the capture has no {}: run `{}`", .0, .0.made_by())]
    Missing(CaptureFile),
    /// A file that holds what another command prints.
    #[error(
        "{}, line {line}: this is what `{}` prints, {}: run `{}`",
        .file, .printed.command(), .printed.fault(), .file.made_by()
    )]
    Another {
        /// Which file of the capture it is.
        file: CaptureFile,
        /// The line that gives it away, from 1.
        line: usize,
        /// What printed it.
        printed: Printed,
    },
    /// A file that holds what a shell says where it has not the command.
    #[error("{}, line {line}: the command was not there to run: {said:?}", .file)]
    NotInstalled {
        /// Which file of the capture it is.
        file: CaptureFile,
        /// The line, from 1.
        line: usize,
        /// What the shell said.
        said: String,
    },
    /// A file that is not what its command prints.
    #[error("{}, {problem}", .file)]
    Content {
        /// Which file of the capture it is.
        file: CaptureFile,
        /// What is wrong, with its line.
        problem: String,
    },
}

impl CaptureError {
    /// What is wrong, without the file's name: of a text that is no file of a capture.
    pub fn problem(&self) -> String {
        match self {
            Self::Missing(_) => self.to_string(),
            Self::Another { line, printed, .. } => format!(
                "line {line}: this is what `{}` prints, {}",
                printed.command(),
                printed.fault()
            ),
            Self::NotInstalled { line, said, .. } => {
                format!("line {line}: the command was not there to run: {said:?}")
            }
            Self::Content { problem, .. } => problem.clone(),
        }
    }
}

/// What a reader of a plan on a capture has to know of the capture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum CaptureNote {
    /// Virtual servers as they are listed for people.
    #[error(
        "ipvs.rules is what `ipvsadm -Ln` prints, which does not show how tunnels are made; \
         `ipvsadm -Sn` does"
    )]
    ListedServers,
    /// A list without any address, though every node has some.
    #[error(
        "addresses shows no address at all, and every node has some: what it does not show counts as \
         missing"
    )]
    NoAddresses,
    /// iptables' own remark that the other variant has rules, without these.
    #[error(
        "iptables has rules in its legacy variant as well, which the capture does not show: run \
         `iptables-legacy-save > iptables-legacy.save`"
    )]
    LegacyUnseen,
    /// Chains of kube-proxy's in one table, and not even the name of another that has some too.
    #[error(
        "{} has chains of kube-proxy's and no table {}: it counts as empty; if the file was made with \
         -t, run `{}`",
        .0, .1.as_str(), .0.made_by()
    )]
    TableUnseen(CaptureFile, TableName),
    /// What one file shows and another has to have where kube-proxy serves, and has not.
    #[error(
        "{lack} ({names}): a file is cut off, or they are not of one node and moment, or somebody changed \
         the node"
    )]
    Disagree {
        /// What is not there.
        lack: Lack,
        /// A few of what it is about.
        names: Box<str>,
    },
    /// Addresses that are asked about as the node's own, and no link has.
    #[error(
        "no link in addresses has {0}, which is the node's by what the capture is compared with: it may be \
         of another node, or lack links"
    )]
    AnotherNode(Box<str>),
    /// Nobody knows which addresses the node has.
    #[error(
        "what the capture is compared with names no address of the node, so whether it is a capture of that \
         node is not known"
    )]
    NodeUnknown,
    /// What only one mode makes, where another is assumed.
    #[error(
        "what the node holds is of mode {}, and mode {} is assumed: pass --mode {}",
        .shown.as_str(), .assumed.as_str(), .shown.as_str()
    )]
    AnotherMode {
        /// The mode that makes what was found.
        shown: Mode,
        /// What the other side was compiled for.
        assumed: Mode,
    },
    /// Tables that the other side serves by, and nobody looked for.
    #[error(
        "the capture has no {}: what mode nftables serves there is unknown, and not compared; run `{}`",
        CaptureFile::Tables, CaptureFile::Tables.made_by()
    )]
    TablesUnseen,
    /// Chains of kube-proxy's that iptables made in `nf_tables`, in no file of rules.
    #[error(
        "ruleset.nft shows chains that iptables made for kube-proxy, of {}, and no file of rules shows \
         them: run `{}`",
        .0, nft_rules(*.0)
    )]
    NftUnseen(IpFamily),
}

fn nft_rules(family: IpFamily) -> String {
    CaptureFile::other_rules(IptablesVariant::Nft, family).made_by()
}

/// What a file of a capture does not show though another shows that it is to be there; with how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// Virtual servers of addresses and ports that sets list.
    Servers(usize),
    /// Virtual servers of node ports that sets list.
    NodePortServers(usize),
    /// Virtual servers at addresses that kube-ipvs0 has.
    ServersOfDummy(usize),
    /// Entries for virtual servers whose addresses kube-ipvs0 has.
    Entries(usize),
    /// kube-ipvs0, and the addresses of virtual servers that it is to have.
    Dummy(usize),
    /// Addresses of virtual servers that kube-ipvs0 is to have.
    DummyAddresses(usize),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |number: usize, ending| if number == 1 { "" } else { ending };
        match *self {
            Self::Servers(number) => write!(
                f,
                "ipvs.rules has no virtual server for {number} address{} and port that kube-proxy's sets \
                 in ipset.save list",
                plural(number, "es")
            ),
            Self::NodePortServers(number) => write!(
                f,
                "ipvs.rules has no virtual server for {number} node port{} that kube-proxy's sets in \
                 ipset.save list",
                plural(number, "s")
            ),
            Self::ServersOfDummy(number) => write!(
                f,
                "ipvs.rules has no virtual server at {number} address{} of kube-ipvs0",
                plural(number, "es")
            ),
            Self::Entries(number) => write!(
                f,
                "ipset.save lists in none of kube-proxy's sets {number} virtual server{} of ipvs.rules at \
                 addresses of kube-ipvs0",
                plural(number, "s")
            ),
            Self::Dummy(number) => write!(
                f,
                "there is no kube-ipvs0, and {number} address{} of virtual servers in ipvs.rules should be \
                 on it",
                plural(number, "es")
            ),
            Self::DummyAddresses(number) => write!(
                f,
                "kube-ipvs0 does not have {number} address{} of virtual servers in ipvs.rules",
                plural(number, "es")
            ),
        }
    }
}
