//! The traces of a packet as a tree: what they have in common stands once.

use std::collections::BTreeMap;

use crate::explain::{Assumption, Branch, Explanation, StepId, Verdict};

/// Steps that all go through, and where these lead.
pub(super) struct Branching<'a> {
    pub(super) steps: Vec<StepId>,
    pub(super) rest: Rest<'a>,
}

/// What comes after some steps.
pub(super) enum Rest<'a> {
    /// The trace ends.
    End(&'a Branch),
    /// One of several things happens.
    Fork(Vec<Branching<'a>>),
}

/// What two traces have in common that differ in their endpoints only.
pub(super) type Shape = Vec<String>;

type Traces<'a> = Vec<(Vec<StepId>, &'a Branch)>;

impl<'a> Branching<'a> {
    pub(super) fn of(explanation: &'a Explanation) -> Self {
        let branches = explanation.branches.iter();
        let traces = branches.map(|branch| (explanation.trace(branch), branch));
        Self::from_traces(traces.collect(), 0)
    }

    /// Of traces that are the same for so many steps.
    fn from_traces(traces: Traces<'a>, from: usize) -> Self {
        if let [(trace, branch)] = &traces[..] {
            return Self {
                steps: trace[from..].to_vec(),
                rest: Rest::End(branch),
            };
        }
        let mut depth = from;
        let mut steps = Vec::new();
        while let Some(step) = shared(&traces, depth) {
            steps.push(step);
            depth += 1;
        }
        let mut order: Vec<Option<StepId>> = Vec::new();
        let mut next: BTreeMap<Option<StepId>, Traces<'a>> = BTreeMap::new();
        for (trace, branch) in traces {
            let step = trace.get(depth).copied();
            if !next.contains_key(&step) {
                order.push(step);
            }
            next.entry(step).or_default().push((trace, branch));
        }
        let mut nodes = Vec::new();
        for step in order {
            let group = next.remove(&step).unwrap_or_default();
            match step {
                Some(_) => nodes.push(Self::from_traces(group, depth)),
                None => nodes.extend(group.into_iter().map(|(_, branch)| Self {
                    steps: Vec::new(),
                    rest: Rest::End(branch),
                })),
            }
        }
        Self {
            steps,
            rest: Rest::Fork(nodes),
        }
    }

    /// All ends below.
    pub(super) fn ends(&self) -> Vec<&'a Branch> {
        match &self.rest {
            Rest::Fork(nodes) => nodes.iter().flat_map(Self::ends).collect(),
            Rest::End(branch) => vec![branch],
        }
    }

    /// What stays of it when endpoints are left out.
    pub(super) fn shape(&self, explanation: &Explanation) -> Shape {
        let steps = self.steps.iter().map(|step| {
            let hop = explanation.hop(*step);
            let effect = std::mem::discriminant(&hop.effect);
            format!("{:?} {} {effect:?}", hop.hook, hop.place.table())
        });
        let mut shape: Shape = steps.collect();
        match &self.rest {
            Rest::Fork(nodes) => {
                shape.extend(nodes.iter().flat_map(|node| node.shape(explanation)));
            }
            Rest::End(branch) => shape.push(match branch.verdict {
                Verdict::Reaches(_, source) => format!("reaches {source:?}"),
                other => format!("{other:?}"),
            }),
        }
        shape
    }
}

/// The step that all traces have at a depth.
fn shared(traces: &[(Vec<StepId>, &Branch)], depth: usize) -> Option<StepId> {
    let step = *traces.first()?.0.get(depth)?;
    let all = traces
        .iter()
        .all(|(trace, _)| trace.get(depth) == Some(&step));
    all.then_some(step)
}

/// What all of these branches assume.
pub(super) fn common(branches: &[&Branch]) -> Vec<(Assumption, bool)> {
    let Some((first, rest)) = branches.split_first() else {
        return Vec::new();
    };
    let assumptions = first.assumptions.iter();
    assumptions
        .filter(|one| rest.iter().all(|branch| branch.assumptions.contains(one)))
        .cloned()
        .collect()
}
