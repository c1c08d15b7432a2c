//! What differs between a desired state and an observed one.

mod addresses;
mod rules;
mod servers;
mod sets;
mod settings;

use super::{Desired, Durability, Interruption, Ownership, Phase, Step, Subject};
use crate::observed::Observed;
use crate::source::Origin;

/// The differences, not yet in order.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) steps: Vec<Step>,
    pub(super) left_alone: Vec<String>,
}

impl Comparison {
    fn step(&mut self, subject: Subject, origins: &[Origin]) {
        self.push(subject, Interruption::None, Durability::Lasting, origins);
    }

    fn push(
        &mut self,
        subject: Subject,
        interruption: Interruption,
        durability: Durability,
        origins: &[Origin],
    ) {
        // The order's ranks decide on the phase.
        let phase = Phase::Prepare;
        self.steps.push(Step {
            phase,
            subject,
            durability,
            interruption,
            origins: origins.to_vec(),
        });
    }
}

/// Walks both sorted lists together and hands out each key with what either side has for it.
fn merge<'a, K: Ord, A, B>(
    left: &'a [A],
    left_key: impl Fn(&A) -> K,
    right: &'a [B],
    right_key: impl Fn(&B) -> K,
    mut each: impl FnMut(Option<&'a A>, Option<&'a B>),
) {
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return,
            (Some(_), None) => each(left.next(), None),
            (None, Some(_)) => each(None, right.next()),
            (Some(a), Some(b)) => match left_key(a).cmp(&right_key(b)) {
                std::cmp::Ordering::Less => each(left.next(), None),
                std::cmp::Ordering::Greater => each(None, right.next()),
                std::cmp::Ordering::Equal => each(left.next(), right.next()),
            },
        }
    }
}

/// Compares everything.
pub(super) fn compare(desired: &Desired, observed: &Observed, ownership: &Ownership) -> Comparison {
    let state = desired.ipvs();
    let mut comparison = Comparison::default();
    settings::compare(state, observed, &mut comparison);
    sets::compare(state, observed, &mut comparison);
    rules::compare(state, observed, &mut comparison);
    servers::compare(state, observed, ownership, &mut comparison);
    addresses::compare(state, observed, ownership, &mut comparison);
    comparison
}
