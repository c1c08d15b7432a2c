//! Applies that do not begin.

use std::io;
use std::path::PathBuf;

use portolan_compiler::bundle::{ClusterName, Edition, Target};
use portolan_compiler::plan::file::{FileError, PlanFile};

use super::expected::Expected;
use crate::commands::shared::planning::taken;
use crate::host::{Driver, Holds};
use crate::report::{Exit, Explain, Failure};
use crate::transaction::store::Store;

/// Why nothing is applied; nothing was touched.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApplyError {
    /// The plan cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// It is none.
    #[error("cannot use {}", path.display())]
    NotAPlan {
        path: PathBuf,
        #[source]
        problem: FileError,
    },
    /// What it leads to is not what was expected.
    #[error("target {expected} is expected, and this leads to {}", found.short())]
    Unexpected { expected: Expected, found: Target },
    /// The bundle that is to vouch for it leads elsewhere.
    #[error("the plan, which leads to target {}, was not made of {}, which has {} for its node", planned.short(), path.display(), found.short())]
    OtherBundle {
        path: PathBuf,
        found: Target,
        planned: Target,
    },
    /// It takes away what others made, which no signature covers.
    #[error("the plan claims what others made too, and the bundle's signature does not cover that")]
    UnsaidTakeover,
    /// It is of another cluster than what runs.
    #[error("the bundle is {offered}, and what runs here is of cluster {running}")]
    OtherCluster {
        offered: Edition,
        running: ClusterName,
    },
    /// Two would program the node.
    #[error("kube-proxy runs on this node ({who}), and would undo what portolan does")]
    Proxy { who: String },
}

impl Explain for ApplyError {
    fn exit(&self) -> Exit {
        match self {
            Self::Read { .. } => Exit::NoInput,
            Self::NotAPlan {
                problem: FileError::Changed | FileError::Target { .. },
                ..
            }
            | Self::Unexpected { .. }
            | Self::UnsaidTakeover
            | Self::OtherBundle { .. } => Exit::Untrusted,
            Self::NotAPlan { .. } => Exit::Data,
            Self::OtherCluster { .. } => Exit::Stale,
            Self::Proxy { .. } => Exit::Unavailable,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::NotAPlan { .. } => Some("make it anew with `portolan plan --out`".to_owned()),
            Self::Unexpected { .. } => Some(
                "find out which of the two was reviewed: MANIFEST and `portolan plan` name targets"
                    .to_owned(),
            ),
            Self::OtherCluster { offered, .. } => Some(format!(
                "if this node is now of that cluster, pass --other-cluster {}: the records keep it; else see where \
                 the bundle came from",
                offered.cluster
            )),
            Self::UnsaidTakeover => Some(
                "look at what it removes, and pass --takeover as well if that is meant".to_owned(),
            ),
            Self::OtherBundle { .. } => {
                Some("name the bundle that the plan was made of".to_owned())
            }
            Self::Proxy { .. } => {
                Some("stop it first; pass --takeover to apply beside it all the same".to_owned())
            }
        }
    }
}

/// Two who program one node undo each other's work.
pub(super) fn refuse_beside_proxies(node: &dyn Driver) -> Result<(), Failure> {
    let running = node.proxies()?;
    match running.first() {
        Some(proxy) => Err(ApplyError::Proxy {
            who: proxy.to_string(),
        }
        .into()),
        None => Ok(()),
    }
}

/// A plan is good for the node and the state that it was made on.
pub(super) fn refuse_stale(
    plan: &PlanFile,
    holds: &Holds,
    node: Option<&str>,
    store: &Store,
) -> Result<(), Failure> {
    let own = taken::name(plan, holds.machine, node, Some(store))?;
    taken::here(plan, holds.machine, own.as_ref())?;
    taken::now(plan, holds)?;
    Ok(())
}
