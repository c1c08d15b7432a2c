//! From what a node holds to what it is asked to hold: the fewest steps, in a safe order.
//!
//! [`plan`] compares a desired state with an observed one and gives a [`Plan`]: steps that each
//! change one object, know their inverse, and stand in an order that keeps every promise on the
//! way. The order is that of a graph whose edges are the constraints of an apply ([`Constraint`]):
//! what a rule names exists before the rule, an address appears after all that serves it and goes
//! after it, a pool never runs empty while it is exchanged.
//!
//! Nothing here touches a node; executing the steps is the business of whoever holds one. [`fake`]
//! is such a node in memory.

mod affinity;
mod claim;
mod cleanup;
mod compare;
mod error;
pub mod fake;
pub mod file;
mod flow_end;
mod graph;
mod held;
mod inventory;
mod left_alone;
mod mode_change;
pub(crate) mod object;
mod order;
pub mod render;
mod retrace;
mod safety;
mod stale;
mod step;
mod unserved;
mod values;

pub use crate::kernel::ipvs::DestinationKey;
pub use claim::{Claims, FoundSettings, Ownership};
pub use cleanup::{Ours, cleanup};
pub use error::PlanError;
pub use flow_end::{FlowEnd, Reach};
pub use graph::Cycle;
pub use held::Held;
pub use inventory::{Inventory, InventoryError, Uptime};
pub use left_alone::{LeftAlone, WayOut};
pub use mode_change::{Frontends, ModeChange};
pub use object::{
    ConntrackChange, DummyChange, IpsetChange, IptablesChange, IpvsChange, NftablesChange,
    RuleChain, RulePosition, Subject, SysctlChange, TableChange,
};
pub use order::Constraint;
pub use retrace::{End, astray, retrace};
pub use safety::{Census, EmptyInput, Guard, Refusal};
pub use stale::Changes;
pub use step::{Delta, Durability, Flows, Interruption, Lines, Op, Phase, Step};
pub use unserved::Unserved;
pub use values::Values;

use crate::kernel::ipvs::Connections;
use crate::mode::NodeState;
use crate::observed::Observed;

/// What has to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps, in an order that may be carried out.
    pub steps: Vec<Step>,
    /// What was found that is not ours, or not ours to end yet.
    pub left_alone: Vec<LeftAlone>,
    /// Virtual servers that are there, and what becomes of them.
    pub census: Census,
    /// Whether it is known which endpoints serve.
    pub serving: Serving,
    /// That another mode is to serve, where it is.
    pub mode_change: Option<ModeChange>,
}

/// Whether it is known which endpoints serve though they are not chosen, on which it depends whose
/// UDP flows are forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Serving {
    /// What is asked for tells it.
    #[default]
    Known,
    /// An older portolan compiled what is asked for: endpoints that are chosen no more count as gone.
    Unknown,
}

impl Serving {
    /// Whether a state says it.
    pub fn of(state: &NodeState) -> Self {
        match state.services {
            Some(_) => Self::Known,
            None => Self::Unknown,
        }
    }
}

impl Plan {
    /// Steps of which nothing is known but themselves: those of a file.
    pub fn of(steps: Vec<Step>) -> Self {
        Self {
            steps,
            left_alone: Vec::new(),
            census: Census::default(),
            serving: Serving::Known,
            mode_change: None,
        }
    }

    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The steps that undo this plan, in an order that may be carried out. An undo that is to keep
    /// the promises of the way too is a plan of its own, towards the state before.
    pub fn inverse(&self) -> Vec<Step> {
        self.steps.iter().rev().map(Step::inverse).collect()
    }

    /// What the node cannot serve; `None` where it has IPv6, or nobody asks for it.
    pub fn unserved(&self) -> Option<Unserved> {
        let mut left = self.left_alone.iter();
        left.find_map(|left| match left {
            LeftAlone::Ipv6(unserved) if unserved.frontends > 0 => Some(*unserved),
            _ => None,
        })
    }

    /// Tells how many connections each step ends, where somebody counted those of the destinations.
    pub fn count_connections(&mut self, counts: &Connections) {
        for step in &mut self.steps {
            step.count_connections(counts);
        }
    }
}

/// Plans the way from an observed state to a desired one.
///
/// # Errors
/// What stands in the way and is not ours to remove; or a cycle among the ordering constraints,
/// which is a bug of portolan's.
pub fn plan(desired: &NodeState, observed: &Observed, claims: &Claims) -> Result<Plan, PlanError> {
    let _span = tracing::debug_span!("plan").entered();
    let unserved = Unserved::of(desired, observed.ipv6);
    let comparison = if let Some(unserved) = unserved {
        let (desired, observed) = unserved::without_ipv6(desired, observed);
        let mut comparison = compare::compare(&desired, &observed, claims)?;
        comparison.census.asked += unserved.frontends;
        comparison.left_alone.push(LeftAlone::Ipv6(unserved));
        comparison
    } else {
        compare::compare(desired, observed, claims)?
    };
    Ok(Plan {
        steps: graph::order(comparison.steps)?,
        left_alone: comparison.left_alone,
        census: comparison.census,
        serving: Serving::of(desired),
        mode_change: ModeChange::of(desired, observed, claims, comparison.census),
    })
}
