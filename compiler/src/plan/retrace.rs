//! The way back from the middle of a plan, and the rest of the way.
//!
//! Whoever carries out a plan and is cut off knows its steps and what the node holds now, and that is
//! enough: steps are taken in order, each has one object, and the object shows whether its step was
//! taken. No log of what was done is needed, so none can be wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::object::Object;
use super::object::reading::{Reading, StepState};
use super::{
    ConntrackChange, Delta, Flows, IptablesChange, IpvsChange, NftablesChange, Step, Subject,
};
use crate::kernel::Listener;
use crate::kernel::nftables::Memory;
use crate::model::Protocol;
use crate::observed::Observed;

/// An end of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// What there was before the first step.
    Old,
    /// What there is after the last.
    New,
}

/// The steps that lead from the middle of a plan, which may be either of its ends, to one end.
///
/// Objects that somebody else changed meanwhile are set to what that end says. Everything that the
/// plan has no step for stays as it is.
pub fn retrace(steps: &[Step], now: &Observed, to: End) -> Vec<Step> {
    let node = Reading::new(steps, now);
    let tracks = Track::all(steps);
    let known = tracks
        .values()
        .filter_map(|track| track.taken(steps, &node).last_for_certain(track))
        .max();
    let mut mine: Vec<(usize, Vec<Step>)> = Vec::new();
    for track in tracks.values() {
        match track.taken(steps, &node).best(known, track) {
            Some(taken) => {
                let wanted = match to {
                    End::Old => &track.steps[..taken],
                    End::New => &track.steps[taken..],
                };
                mine.extend(wanted.iter().map(|at| {
                    let step = match to {
                        End::Old => steps[*at].inverse(),
                        End::New => steps[*at].clone(),
                    };
                    (*at, vec![step])
                }));
            }
            None => {
                if let Some((at, direct)) = track.directly(steps, &node, to) {
                    mine.push((at, direct));
                }
            }
        }
    }
    match to {
        End::Old => mine.sort_by_key(|(at, _)| std::cmp::Reverse(*at)),
        End::New => mine.sort_by_key(|(at, _)| *at),
    }
    let mut way: Vec<Step> = mine.into_iter().flat_map(|(_, steps)| steps).collect();
    flows(steps, &mut way, to);
    way
}

/// Objects of a plan that are not as one of its ends says.
pub fn astray(steps: &[Step], now: &Observed, from: End) -> Vec<Subject> {
    let node = Reading::new(steps, now);
    let tracks = Track::all(steps);
    let stray = tracks.values().filter_map(|track| {
        let (at, there) = match from {
            End::Old => (track.steps.first()?, StepState::Before),
            End::New => (track.steps.last()?, StepState::After),
        };
        let subject = &steps[*at].subject;
        (subject.step_state(&node) != there).then(|| subject.clone())
    });
    stray.collect()
}

/// The steps about one object, in order.
#[derive(Debug, Default)]
struct Track {
    steps: Vec<usize>,
}

impl Track {
    fn all(steps: &[Step]) -> BTreeMap<Object, Self> {
        let mut tracks: BTreeMap<Object, Self> = BTreeMap::new();
        for (at, step) in steps.iter().enumerate() {
            if let Some(object) = step.subject.object() {
                tracks.entry(object).or_default().steps.push(at);
            }
        }
        tracks
    }

    /// How many of the steps may have been taken, by what the object is now.
    fn taken(&self, steps: &[Step], node: &Reading<'_>) -> Possible {
        let untouched = self
            .steps
            .first()
            .filter(|at| steps[**at].subject.step_state(node) == StepState::Before)
            .map(|_| 0);
        let after = (1..)
            .zip(&self.steps)
            .filter(|(_, at)| steps[**at].subject.step_state(node) == StepState::After)
            .map(|(number, _)| number);
        Possible(untouched.into_iter().chain(after).collect())
    }

    /// One step from what the object is to what it should be, and the place of it among the plan's.
    fn directly(&self, steps: &[Step], node: &Reading<'_>, to: End) -> Option<(usize, Vec<Step>)> {
        let at = match to {
            End::Old => *self.steps.first()?,
            End::New => *self.steps.last()?,
        };
        let step = &steps[at];
        let subjects = step.subject.towards(node, to);
        let step = |subject| Step {
            subject,
            ..step.clone()
        };
        Some((at, subjects.into_iter().map(step).collect()))
    }
}

/// Numbers of steps of one object that may have been taken.
#[derive(Debug)]
struct Possible(Vec<usize>);

impl Possible {
    /// The last step that was taken, where the object leaves no doubt that one was.
    fn last_for_certain(&self, track: &Track) -> Option<usize> {
        match self.0[..] {
            [number] => number.checked_sub(1).map(|at| track.steps[at]),
            _ => None,
        }
    }

    /// The number that agrees with the last step known to be taken: all before it were, too.
    fn best(&self, known: Option<usize>, track: &Track) -> Option<usize> {
        let reached = track
            .steps
            .iter()
            .filter(|at| known.is_some_and(|known| **at <= known))
            .count();
        let numbers = || self.0.iter().copied();
        numbers()
            .find(|number| *number >= reached)
            .or_else(|| numbers().max())
    }
}

/// Remembered UDP flows: forwards those that the plan forgets, backwards those to what goes again.
fn flows(steps: &[Step], way: &mut Vec<Step>, to: End) {
    if to == End::New {
        let flushes = steps.iter().filter(|step| step.subject.is_flush());
        way.extend(flushes.cloned());
        return;
    }
    let gone: Vec<Step> = way
        .iter()
        .filter_map(|step| {
            let (server, flows) = match &step.subject {
                Subject::Ipvs(IpvsChange::Server(key, Delta::Remove(_))) => (*key, Flows::All),
                Subject::Ipvs(IpvsChange::Destination(key, Delta::Remove(_))) => {
                    (key.server, Flows::To(key.address, key.port))
                }
                _ => return None,
            };
            (server.protocol == Protocol::Udp).then(|| Step {
                subject: Subject::Conntrack(ConntrackChange(Listener::Address(server), flows)),
                ..step.clone()
            })
        })
        .collect();
    // By rules alone, what the plan would forget forwards may have gone either way by now.
    let rules = way.iter().any(|step| {
        matches!(
            step.subject,
            Subject::Iptables(IptablesChange::Chain(..))
                | Subject::Nftables(NftablesChange::Table(..))
        )
    });
    let servers: BTreeSet<Listener> = steps.iter().filter_map(server).collect();
    let all = || steps.iter().filter(|_| rules);
    let by_rules: BTreeMap<Listener, &Step> = all()
        .filter_map(|step| match &step.subject {
            Subject::Conntrack(ConntrackChange(listener, _)) if !servers.contains(listener) => {
                Some((*listener, step))
            }
            _ => None,
        })
        .collect();
    let kept: BTreeMap<Memory, &Step> = all()
        .filter_map(|step| match &step.subject {
            Subject::Nftables(NftablesChange::Affinity(memory, _)) => Some((*memory, step)),
            _ => None,
        })
        .collect();
    way.extend(gone);
    way.extend(by_rules.into_iter().map(|(listener, step)| Step {
        subject: Subject::Conntrack(ConntrackChange(listener, Flows::All)),
        ..step.clone()
    }));
    way.extend(kept.into_iter().map(|(memory, step)| Step {
        subject: Subject::Nftables(NftablesChange::Affinity(memory, Flows::All)),
        ..step.clone()
    }));
}

/// The virtual server that a step is about.
fn server(step: &Step) -> Option<Listener> {
    match &step.subject {
        Subject::Ipvs(IpvsChange::Server(key, _)) => Some(Listener::Address(*key)),
        Subject::Ipvs(IpvsChange::Destination(key, _)) => Some(Listener::Address(key.server)),
        _ => None,
    }
}
