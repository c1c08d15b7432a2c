//! What differs between a desired state and an observed one.

mod addresses;
mod answers;
mod flows;
mod merge;
mod rules;
mod servers;
mod sets;
mod settings;
mod tables;

use super::order::{Placed, Rank};
use super::{Census, Claims, Durability, Interruption, LeftAlone, PlanError, Step, Subject};
use crate::mode::NodeState;
use crate::observed::Observed;
use crate::source::Origin;
use merge::merge;
pub(super) use rules::same_rules;

/// The differences, not yet in order.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) steps: Vec<Placed>,
    pub(super) left_alone: Vec<LeftAlone>,
    pub(super) census: Census,
}

/// What a step is beside its subject.
#[derive(Debug, Clone, Copy)]
struct Manner {
    durability: Durability,
    interruption: Interruption,
}

impl Manner {
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
    fn step(&mut self, subject: Subject, manner: Manner, origins: &[Origin]) {
        let rank = Rank::of(&subject, manner.durability);
        self.step_at(rank, subject, manner, origins);
    }

    fn step_at(&mut self, rank: Rank, subject: Subject, manner: Manner, origins: &[Origin]) {
        let step = Step {
            phase: rank.phase(),
            subject,
            durability: manner.durability,
            interruption: manner.interruption,
            origins: origins.into(),
        };
        self.steps.push(Placed { rank, step });
    }
}

/// Compares everything.
pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
) -> Result<Comparison, PlanError> {
    let mut comparison = Comparison::default();
    settings::compare(state, observed, &mut comparison);
    let replaced = sets::compare(state, observed, claims, &mut comparison);
    rules::compare(state, observed, claims, &replaced, &mut comparison)?;
    tables::compare(state, observed, claims, &mut comparison);
    let wanted = answers::wanted(state);
    comparison.census.asked = state.virtual_servers.len() + wanted.len();
    servers::compare(state, observed, claims, &wanted, &mut comparison);
    addresses::compare(state, observed, claims, &mut comparison);
    let found = answers::found(state, observed, claims);
    answers::compare(&wanted, &found, &mut comparison);
    flows::compare(state, observed, claims, (&wanted, &found), &mut comparison);
    answers::forget(state, observed, &mut comparison);
    Ok(comparison)
}
