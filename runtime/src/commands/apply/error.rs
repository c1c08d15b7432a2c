//! Applies that do not begin.

use std::io;
use std::path::PathBuf;

use portolan_compiler::bundle::{ClusterName, Edition, Target};
use portolan_compiler::kernel::Part;
use portolan_compiler::plan::file::{FileError, PlanFile};
use portolan_compiler::plan::{End, Subject, astray};

use super::expected::Expected;
use crate::commands::shared::planning::{Offered, OwnName};
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
    #[error("the plan leads to target {}, and {} has {} for its node", planned.short(), path.display(), found.short())]
    OtherBundle {
        path: PathBuf,
        found: Target,
        planned: Target,
    },
    /// It is of another cluster than what runs.
    #[error("the bundle is {offered}, and what runs here is of cluster {running}")]
    OtherCluster {
        offered: Edition,
        running: ClusterName,
    },
    /// It was made on another machine, or before this boot.
    #[error(
        "the plan was made on another machine, in another network namespace, or before the last boot"
    )]
    OtherMachine,
    /// The node has changed since.
    #[error("the plan is stale: since it was made, {changes}")]
    Stale { changes: String },
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
            | Self::OtherBundle { .. } => Exit::Untrusted,
            Self::NotAPlan { .. } => Exit::Data,
            Self::OtherMachine | Self::OtherCluster { .. } | Self::Stale { .. } => Exit::Stale,
            Self::Proxy { .. } => Exit::Unavailable,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Read { .. } => None,
            Self::NotAPlan { .. } | Self::OtherMachine | Self::Stale { .. } => {
                Some("make it anew with `portolan plan --out`".to_owned())
            }
            Self::Unexpected { .. } => Some(
                "find out which of the two was reviewed: MANIFEST and `portolan plan` name targets"
                    .to_owned(),
            ),
            Self::OtherCluster { offered, .. } => Some(format!(
                "if this node is now of that cluster, pass --cluster {}: the records keep it; else see where \
                 the bundle came from",
                offered.cluster
            )),
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
    let own = match node {
        Some(meant) => Some(OwnName::meant(meant)),
        // Made on this very machine, whatever the node is called.
        None if plan.observed.machine.is_some() && plan.observed.machine == holds.machine => None,
        None => Some(OwnName::of(Some(store))?),
    };
    if let Some(own) = own {
        own.takes(Offered::Plan, std::slice::from_ref(&plan.node))?;
    }
    if plan.observed.machine.is_some() && plan.observed.machine != holds.machine {
        return Err(ApplyError::OtherMachine.into());
    }
    if plan.observed.digest == holds.observed.digest() {
        return Ok(());
    }
    let changes = changes(plan, holds);
    Err(ApplyError::Stale { changes }.into())
}

/// What changed, as far as the plan tells: objects that it was to change, or else the parts they
/// belong to.
fn changes(plan: &PlanFile, holds: &Holds) -> String {
    const SHOWN: usize = 5;
    let objects = astray(&plan.steps, &holds.observed, End::Old);
    let named: Vec<String> = objects.iter().take(SHOWN).map(Subject::name).collect();
    let more = objects.len().saturating_sub(named.len());
    match (&named[..], more) {
        ([], _) => {
            let now = holds.observed.digests();
            let differs = |part: &Part| plan.observed.parts.get(part) != now.get(part);
            let parts: Vec<&str> = Part::DIGESTED
                .into_iter()
                .filter(differs)
                .map(Part::contents)
                .collect();
            format!("these changed: {}", parts.join(", "))
        }
        (named, 0) => format!("these changed: {}", named.join(", ")),
        (named, more) => format!("these changed: {}, and {more} more", named.join(", ")),
    }
}
