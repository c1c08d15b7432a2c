//! What a plan was made with, and whether it says what follows from that.
//!
//! The steps of a file are for people to review. What is carried out is derived again, of the state that is
//! asked for and the one that is found: a file that says otherwise is refused, whatever its digest.

use std::fmt::Write as _;

use super::PlanFile;
use crate::bundle::Digest;
use crate::kernel::text::{KeepOrigins, Text};
use crate::mode::services::ServiceList;
use crate::mode::{ArtefactError, NodeState, services};
use crate::observed::Observed;
use crate::plan::{
    Claims, Delta, Interruption, Inventory, IpsetChange, NftablesChange, Ownership, PlanError,
    Step, Subject, plan,
};

/// What a plan was made with, beside the state that is asked for and the one that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What may be taken away.
    pub ownership: Ownership,
    /// What the records said of an earlier apply, as a digest.
    pub records: Digest,
}

impl Terms {
    /// The terms of a plan that is made with these claims.
    pub fn of(claims: &Claims) -> Self {
        Self {
            ownership: claims.ownership.clone(),
            records: records(&claims.inventory, claims.services.as_ref()),
        }
    }
}

fn records(inventory: &Inventory, recorded: Option<&ServiceList>) -> Digest {
    let mut text = Text::new(KeepOrigins::No);
    if let Some(list) = recorded {
        services::write(list, &mut text);
    }
    let (list, _) = text.finish();
    Digest::of_text(|out| write!(out, "{inventory}{list}"))
}

/// Why a plan is not carried out, though the node is as it was made on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDerived {
    /// Files that portolan would not write.
    #[error(transparent)]
    State(#[from] ArtefactError),
    /// There is no way there any more.
    #[error(transparent)]
    Impossible(#[from] PlanError),
    /// The records tell of another apply.
    #[error("the records of what was applied are others than when the plan was made")]
    Records,
    /// It has other steps than follow.
    #[error("{0}, so it was edited, or another version of portolan made it")]
    Differs(Difference),
}

/// The first step that a plan has and that does not follow, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// A step that is another.
    #[error("step {id} of the plan is to {found}, and what follows is to {derived}")]
    Other {
        /// Its number, from 1.
        id: usize,
        /// What it does.
        found: String,
        /// What would have been due.
        derived: String,
    },
    /// A step on the right object, with something else before or after it.
    #[error("step {id} of the plan, to {found}, says something else than what follows")]
    Content {
        /// Its number, from 1.
        id: usize,
        /// What it does.
        found: String,
    },
    /// A step too many.
    #[error("step {id} of the plan, to {found}, does not follow")]
    TooMany {
        /// Its number, from 1.
        id: usize,
        /// What it does.
        found: String,
    },
    /// A step that is missing.
    #[error("the plan ends before step {id}, to {derived}")]
    Missing {
        /// Its number, from 1.
        id: usize,
        /// What it does.
        derived: String,
    },
}

impl PlanFile {
    /// The steps that lead from a node's state to the one that is asked for, made anew.
    ///
    /// Files before version 2.1 do not say what may be taken away: theirs are the steps of a plan that
    /// leaves to others what is theirs, or of one that claims all but what its Services exclude.
    ///
    /// # Errors
    /// Where the file says something else.
    pub fn derive(
        &self,
        observed: &Observed,
        inventory: &Inventory,
        recorded: Option<&ServiceList>,
    ) -> Result<Vec<Step>, NotDerived> {
        let state = self.files.state()?;
        let mut first = None;
        for ownership in self.ownerships(&state) {
            let claims = Claims {
                ownership,
                inventory: inventory.clone(),
                services: recorded.cloned(),
                ..Claims::default()
            };
            let steps = plan(&state, observed, &claims)?.steps;
            match difference(&self.steps, &steps) {
                None => return Ok(steps),
                Some(differs) => first = first.or(Some(differs)),
            }
        }
        let terms = self.terms.as_ref();
        let others = terms.is_some_and(|terms| terms.records != records(inventory, recorded));
        match first {
            Some(differs) if !others => Err(NotDerived::Differs(differs)),
            _ => Err(NotDerived::Records),
        }
    }

    fn ownerships(&self, state: &NodeState) -> Vec<Ownership> {
        if let Some(terms) = &self.terms {
            return vec![terms.ownership.clone()];
        }
        let list = state.services.as_ref();
        let exclude = list.map(|list| list.exclude.iter().copied().collect());
        let exclude = exclude.unwrap_or_default();
        vec![Ownership::Tracked, Ownership::Everything { exclude }]
    }
}

/// Where two lists of steps part. Which endpoints the kernel remembers for clients changes by itself, and
/// so do the steps that make it forget them.
fn difference(found: &[Step], derived: &[Step]) -> Option<Difference> {
    let lasts = |step: &&Step| {
        let forgets = NftablesChange::is_affinity;
        !matches!(&step.subject, Subject::Nftables(change) if forgets(change))
    };
    let mut found = (1..).zip(found).filter(|(_, step)| lasts(step));
    let mut derived = (1..).zip(derived).filter(|(_, step)| lasts(step));
    loop {
        return Some(match (found.next(), derived.next()) {
            (None, None) => return None,
            (Some((_, one)), Some((_, other))) if same(one, other) => continue,
            (Some((id, one)), Some((_, other))) => {
                let (found, derived) = (says(one), says(other));
                if found == derived {
                    Difference::Content { id, found }
                } else {
                    Difference::Other { id, found, derived }
                }
            }
            (Some((id, one)), None) => Difference::TooMany {
                id,
                found: says(one),
            },
            (None, Some((id, other))) => Difference::Missing {
                id,
                derived: says(other),
            },
        });
    }
}

fn says(step: &Step) -> String {
    format!("{} {}", step.subject.op().as_str(), step.subject.name())
}

/// Wherever they come from, and however many connections they end by now.
fn same(one: &Step, other: &Step) -> bool {
    let alike = |one: Interruption, other: Interruption| match (one, other) {
        (
            Interruption::Connections { protocol, .. },
            Interruption::Connections {
                protocol: of_other, ..
            },
        ) => protocol == of_other,
        (one, other) => one == other,
    };
    one.phase == other.phase
        && one.durability == other.durability
        && alike(one.interruption, other.interruption)
        && same_subject(&one.subject, &other.subject)
}

/// What others do to kube-proxy's own tables, and how far the kernel grew a set, changes by itself.
fn same_subject(one: &Subject, other: &Subject) -> bool {
    match (one, other) {
        (
            Subject::Nftables(NftablesChange::KubeProxyTable(one, delta)),
            Subject::Nftables(NftablesChange::KubeProxyTable(other, to)),
        ) => one == other && delta.op() == to.op(),
        (
            Subject::Ipset(IpsetChange::Set(one, from)),
            Subject::Ipset(IpsetChange::Set(other, to)),
        ) => {
            let alike = match (from, to) {
                (Delta::Add(a), Delta::Add(b)) | (Delta::Remove(a), Delta::Remove(b)) => {
                    a.same_set(*b)
                }
                (Delta::Change { from: a, to: b }, Delta::Change { from: c, to: d }) => {
                    a.same_set(*c) && b.same_set(*d)
                }
                _ => false,
            };
            one == other && alike
        }
        _ => one == other,
    }
}
