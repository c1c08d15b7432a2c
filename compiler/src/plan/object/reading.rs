//! Whether a node shows an object as it is before a change, or after it.

use std::collections::BTreeMap;

use super::{IpsetChange, Subject};
use crate::kernel::ipset::{Set, SetName};
use crate::kernel::ipvs::VirtualServer;
use crate::model::TransportAddress;
use crate::observed::Observed;
use crate::plan::{Delta, End, Lines, Step};

/// Whether a node is where a step begins or where it ends, as far as its object goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum StepState {
    /// As before the step.
    Before,
    /// As after it.
    After,
    /// As neither: the step was cut off, or somebody else was there.
    Neither,
}

/// What a node holds, for looking things up.
#[derive(Debug)]
pub(in crate::plan) struct Reading<'a> {
    pub(super) now: &'a Observed,
    pub(super) servers: BTreeMap<TransportAddress, &'a VirtualServer>,
    pub(super) sets: BTreeMap<&'a str, &'a Set>,
    /// Sets that have a name of ours and, still or again, are not ours.
    pub(super) foreign_sets: BTreeMap<SetName, Lines>,
}

impl<'a> Reading<'a> {
    /// Of a node in the middle of these steps.
    pub(in crate::plan) fn new(steps: &[Step], now: &'a Observed) -> Self {
        let servers = now.ipvs.servers.iter();
        let sets = now.ipset.sets.iter();
        let mut reading = Self {
            now,
            servers: servers.map(|server| (server.key, server)).collect(),
            sets: sets.map(|set| (set.name.as_str(), set)).collect(),
            foreign_sets: BTreeMap::new(),
        };
        for step in steps {
            if let Subject::Ipset(IpsetChange::ForeignSet(
                name,
                delta @ (Delta::Add(_) | Delta::Remove(_)),
            )) = &step.subject
                && let Some(lines) = delta.before().or(delta.after())
                && reading.set_lines(name).as_ref() == Some(lines)
            {
                reading.foreign_sets.insert(name.clone(), lines.clone());
            }
        }
        reading
    }
}

/// By whether the object is as after, and as before, the change.
pub(super) fn step_state(after: bool, before: bool) -> StepState {
    match (after, before) {
        (true, _) => StepState::After,
        (false, true) => StepState::Before,
        (false, false) => StepState::Neither,
    }
}

/// Of an object that is equal or is not.
pub(super) fn values<T: PartialEq>(has: Option<&T>, delta: &Delta<T>) -> StepState {
    compare(has, delta, |a, b| a == b)
}

/// What was unknown before the step may have been anything.
pub(super) fn known<T>(step_state: StepState, delta: &Delta<T>) -> StepState {
    match (step_state, delta) {
        (StepState::Neither, Delta::Add(_)) => StepState::Before,
        _ => step_state,
    }
}

/// Of an object that is the same by a measure of its own.
pub(super) fn compare<H: Copy, T>(
    has: Option<H>,
    delta: &Delta<T>,
    same: impl Fn(H, &T) -> bool,
) -> StepState {
    let is = |end: Option<&T>| match (has, end) {
        (Some(has), Some(end)) => same(has, end),
        (None, None) => true,
        _ => false,
    };
    step_state(is(delta.after()), is(delta.before()))
}

/// What an object is at an end.
pub(super) fn goal<T>(delta: &Delta<T>, end: End) -> Option<&T> {
    match end {
        End::Old => delta.before(),
        End::New => delta.after(),
    }
}

/// From what an object is to what it is at an end, in place.
pub(super) fn way<T: Clone + PartialEq>(
    has: Option<T>,
    delta: &Delta<T>,
    end: End,
) -> Option<Delta<T>> {
    Delta::between(has, goal(delta, end).cloned())
}

/// What is cut off or of another kind is not mended but made anew.
pub(super) fn anew<T: Clone>(has: Option<T>, delta: &Delta<T>, end: End) -> Vec<Delta<T>> {
    let add = goal(delta, end).cloned().map(Delta::Add);
    has.map(Delta::Remove).into_iter().chain(add).collect()
}
