//! Captures that cannot be read, and what is to be known of those that can.

use super::{CaptureFile, Printed};
use crate::kernel::iptables::TableName;

/// Why a capture cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// A file that planning cannot do without.
    #[error("the capture has no {}: run `{}`", .0.name(), .0.made_by())]
    Missing(CaptureFile),
    /// A file that holds what another command prints.
    #[error(
        "{}, line {line}: this is what `{}` prints, {}: run `{}`",
        .file.name(), .printed.command(), .printed.fault(), .file.made_by()
    )]
    Another {
        /// The file.
        file: CaptureFile,
        /// The line that gives it away, from 1.
        line: usize,
        /// What printed it.
        printed: Printed,
    },
    /// A file that is not what its command prints.
    #[error("{}, {problem}", .file.name())]
    Content {
        /// The file.
        file: CaptureFile,
        /// What is wrong, with its line.
        problem: String,
    },
}

/// What a reader of a plan on a capture has to know of the capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
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
        .0.name(), .1.as_str(), .0.made_by()
    )]
    TableUnseen(CaptureFile, TableName),
}
