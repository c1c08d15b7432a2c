//! Leaves out traces that tell nothing new: what is not known, where it makes no difference, and
//! clients that were here before, where they come to what others come to.

use std::collections::BTreeSet;

use super::path::{Assumption, Branch, Verdict};

/// What a branch comes to.
type Come = (Vec<(Assumption, bool)>, bool, Verdict);

pub(super) fn merge_branches(branches: &mut Vec<Branch>) {
    let all = branches.iter().flat_map(|branch| &branch.assumptions);
    let assumptions: BTreeSet<Assumption> = all.map(|(one, _)| one.clone()).collect();
    for assumption in assumptions {
        if ends(branches, &assumption, true) == ends(branches, &assumption, false) {
            branches.retain(|branch| !branch.assumptions.contains(&(assumption.clone(), true)));
            for branch in &mut *branches {
                branch.assumptions.retain(|(one, _)| *one != assumption);
            }
        }
    }
    let firsts: BTreeSet<_> = branches
        .iter()
        .filter(|branch| !branch.returning)
        .map(|branch| (branch.assumptions.clone(), branch.verdict))
        .collect();
    branches.retain(|branch| {
        !branch.returning || !firsts.contains(&(branch.assumptions.clone(), branch.verdict))
    });
}

/// Where the branches end that take something for so, or for not so; what else they assume among it.
fn ends(branches: &[Branch], assumption: &Assumption, so: bool) -> BTreeSet<Come> {
    let mut ends = BTreeSet::new();
    for branch in branches {
        if !branch.assumptions.contains(&(assumption.clone(), so)) {
            continue;
        }
        let others = branch.assumptions.iter();
        let others = others.filter(|(one, _)| one != assumption).cloned();
        ends.insert((others.collect(), branch.returning, branch.verdict));
    }
    ends
}
