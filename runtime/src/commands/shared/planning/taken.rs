//! Whether a node takes a plan: one that was made for it, on what it holds.

use std::fmt;

use portolan_compiler::bundle::{Digest, Target};
use portolan_compiler::diag::some;
use portolan_compiler::english::count;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::file::{NotDerived, PlanFile};
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::plan::{Changes, Plan, Step};

use super::own_name::OtherNode;
use super::{Offered, OwnName};
use crate::host::Holds;
use crate::report::{Exit, Explain, Failure};
use crate::transaction::store::Store;

/// Why a node does not take a plan; nothing was touched.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum NotTaken {
    /// It is another's.
    #[error(transparent)]
    OtherNode(#[from] OtherNode),
    /// It was made on another machine, or before this boot.
    #[error(
        "the plan was made on another machine, in another network namespace, or before the last boot"
    )]
    OtherMachine,
    /// The node has changed since.
    #[error("the plan is stale: it leads {about}; since it was made, {changes}")]
    Stale {
        about: Box<About>,
        changes: Box<Changes>,
    },
    /// It says something else than what it leads to, and what the node holds, come to.
    #[error("the plan is not what follows from its target: {0}")]
    Underivable(#[from] NotDerived),
}

impl Explain for NotTaken {
    fn exit(&self) -> Exit {
        match self {
            Self::OtherNode(error) => error.exit(),
            Self::OtherMachine | Self::Stale { .. } | Self::Underivable(NotDerived::Records) => {
                Exit::Stale
            }
            Self::Underivable(NotDerived::Differs(_)) => Exit::Untrusted,
            Self::Underivable(NotDerived::State(_) | NotDerived::Impossible(_)) => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::OtherNode(error) => error.help(),
            Self::Underivable(NotDerived::Impossible(problem)) => Some(problem.help()),
            Self::Underivable(NotDerived::Differs(_)) => Some(
                "make it anew with `portolan plan --out`, and find out who changed this one"
                    .to_owned(),
            ),
            Self::OtherMachine | Self::Stale { .. } | Self::Underivable(_) => {
                Some("make it anew with `portolan plan --out`".to_owned())
            }
        }
    }
}

/// What a plan is about, in a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) struct About {
    node: NodeName,
    target: Target,
    steps: usize,
    touched: Vec<String>,
}

impl About {
    fn of(plan: &PlanFile) -> Self {
        let services = plan
            .files
            .state()
            .map_or_else(|_| Services::default(), |state| Services::new(&state, None));
        let page = Page {
            node: &plan.node,
            target: plan.target,
            plan: &Plan::of(plan.steps.clone()),
            services: &services,
            notes: &[],
        };
        Self {
            node: plan.node.clone(),
            target: plan.target,
            steps: plan.steps.len(),
            touched: page.touched().iter().map(ToString::to_string).collect(),
        }
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = count(self.steps, "step");
        write!(
            f,
            "{} to target {} in {steps}",
            self.node,
            self.target.short()
        )?;
        match &self.touched[..] {
            [] => Ok(()),
            touched => write!(f, " about {}", some(touched.iter())),
        }
    }
}

/// The name that a plan has to be for; `None` of one that was made on this very machine, whatever the node
/// is called.
pub(in crate::commands) fn name(
    plan: &PlanFile,
    machine: Option<Digest>,
    meant: Option<&str>,
    store: Option<&Store>,
) -> Result<Option<OwnName>, Failure> {
    Ok(match meant {
        Some(meant) => Some(OwnName::meant(meant)),
        None if plan.observed.machine.is_some() && plan.observed.machine == machine => None,
        None => Some(OwnName::of(store)?),
    })
}

/// Whether a plan is for this machine and for a node of this name.
pub(in crate::commands) fn here(
    plan: &PlanFile,
    machine: Option<Digest>,
    own: Option<&OwnName>,
) -> Result<(), NotTaken> {
    if let Some(own) = own {
        own.takes(Offered::Plan, std::slice::from_ref(&plan.node))?;
    }
    if plan.observed.machine.is_some() && plan.observed.machine != machine {
        return Err(NotTaken::OtherMachine);
    }
    Ok(())
}

/// Whether the node holds what a plan was made on.
pub(in crate::commands) fn now(plan: &PlanFile, holds: &Holds) -> Result<(), NotTaken> {
    match Changes::since(plan, &holds.observed, &holds.inventory) {
        None => Ok(()),
        Some(changes) => Err(NotTaken::Stale {
            about: Box::new(About::of(plan)),
            changes: Box::new(changes),
        }),
    }
}

/// The steps of a plan, made anew of what it leads to and what the node holds.
pub(in crate::commands) fn derived(plan: &PlanFile, holds: &Holds) -> Result<Vec<Step>, NotTaken> {
    let steps = plan.derive(&holds.observed, &holds.inventory, holds.services.as_ref());
    Ok(steps?)
}
