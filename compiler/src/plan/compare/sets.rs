//! Sets and their entries. Sets are ours by name.

use super::{Comparison, merge};
use crate::back::ipset::Set;
use crate::back::ipvs::NodeState;
use crate::observed::Observed;
use crate::plan::{Delta, Subject};

pub(super) fn compare(state: &NodeState, observed: &Observed, comparison: &mut Comparison) {
    for wanted in &state.sets {
        let found = observed
            .sets
            .sets
            .iter()
            .find(|set| set.name == wanted.name);
        match found {
            Some(found) if found.header.same_set(wanted.header) => {}
            Some(found) => {
                let delta = Delta::Change {
                    from: found.header,
                    to: wanted.header,
                };
                comparison.step(Subject::Set(wanted.name.clone(), delta), &[]);
            }
            None => {
                let delta = Delta::Add(wanted.header);
                comparison.step(Subject::Set(wanted.name.clone(), delta), &[]);
            }
        }
        entries(wanted, found, comparison);
    }
    for foreign in &observed.sets.foreign {
        comparison
            .left_alone
            .push(format!("ipset {}", foreign.name));
    }
    for set in &observed.sets.sets {
        if !state.sets.iter().any(|wanted| wanted.name == set.name) {
            comparison.left_alone.push(format!("ipset {}", set.name));
        }
    }
}

fn entries(wanted: &Set, found: Option<&Set>, comparison: &mut Comparison) {
    let found = found.map_or(&[][..], |set| &set.entries);
    merge(
        &wanted.entries,
        |(entry, _)| *entry,
        found,
        |(entry, _)| *entry,
        |wants, has| {
            let (delta, (entry, origins)) = match (wants, has) {
                (Some(wants), None) => (Delta::Add(()), wants),
                (None, Some(has)) => (Delta::Remove(()), has),
                _ => return,
            };
            comparison.step(Subject::Entry(wanted.name.clone(), *entry, delta), origins);
        },
    );
}
