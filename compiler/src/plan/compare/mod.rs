//! What differs between a desired state and an observed one.

mod answers;
mod conntrack;
mod dummy;
mod ipset;
mod iptables;
mod ipvs;
mod merge;
mod nftables;
mod sysctl;

use super::order::{Placed, Rank};
use super::{Census, Claims, Durability, Interruption, LeftAlone, PlanError, Step, Subject};
use crate::mode::NodeState;
use crate::observed::Observed;
use crate::source::Origin;
use merge::merge;

/// The differences, not yet in order.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) steps: Vec<Placed>,
    pub(super) left_alone: Vec<LeftAlone>,
    pub(super) census: Census,
}

/// What a step is beside its subject.
#[derive(Debug, Clone, Copy)]
struct Effect {
    durability: Durability,
    interruption: Interruption,
}

impl Effect {
    const PLAIN: Self = Self {
        durability: Durability::Lasting,
        interruption: Interruption::None,
    };
    const TRANSITIONAL: Self = Self {
        durability: Durability::Transitional,
        ..Self::PLAIN
    };

    fn interrupting(interruption: Interruption) -> Self {
        Self {
            interruption,
            ..Self::PLAIN
        }
    }
}

impl Comparison {
    /// A step whose subject says when it is taken.
    fn step(&mut self, subject: Subject, effect: Effect, origins: &[Origin]) {
        let rank = subject.rank(effect.durability);
        self.step_at(rank, subject, effect, origins);
    }

    fn step_at(&mut self, rank: Rank, subject: Subject, effect: Effect, origins: &[Origin]) {
        let step = Step {
            phase: rank.phase(),
            subject,
            durability: effect.durability,
            interruption: effect.interruption,
            origins: origins.into(),
        };
        self.steps.push(Placed { rank, step });
    }
}

/// The steps from what was found to what is wanted, part by part; not in order yet.
pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
) -> Result<Comparison, PlanError> {
    let mut comparison = Comparison::default();
    sysctl::compare(state, observed, claims, &mut comparison);
    ipvs::compare_timeouts(state, observed, claims, &mut comparison);
    dummy::compare_interface(state, observed, &mut comparison);
    let replaced = ipset::compare(state, observed, claims, &mut comparison);
    iptables::compare(state, observed, claims, &replaced, &mut comparison)?;
    nftables::compare(state, observed, claims, &mut comparison);
    let wanted = answers::wanted(state);
    comparison.census.asked = state.virtual_servers().len() + wanted.len();
    ipvs::compare_servers(state, observed, claims, &wanted, &mut comparison);
    dummy::compare_addresses(state, observed, claims, &mut comparison);
    let found = answers::found(state, observed, claims);
    answers::compare(&wanted, &found, &mut comparison);
    conntrack::compare(state, observed, claims, (&wanted, &found), &mut comparison);
    answers::forget(state, observed, &mut comparison);
    Ok(comparison)
}
