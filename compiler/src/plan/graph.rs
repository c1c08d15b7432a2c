//! The graph of steps and barriers, and an order through it.
//!
//! Ranks order most of it: an edge from each set to each rule that names it, from each destination to
//! each address, would be quadratic in the Services, and says no more than that all sets come before any
//! rule. What ranks cannot say are edges between objects of one rank: a chain waits for the chains that
//! its rules lead to, and goes before them. The graph holds both, and names the constraints of a cycle.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::order::{Constraint, Placed, Rank};
use super::{IptablesChange, RuleChain, Step, Subject};
use crate::kernel::iptables::{SavedRule, Target};

/// The constraints contradict each other: a bug of portolan's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{steps} steps wait for each other, for {constraints:?}; this is a bug in portolan, please \
     report it"
)]
pub struct Cycle {
    /// How many steps are left that cannot be taken.
    pub steps: usize,
    /// What they wait for.
    pub constraints: BTreeSet<Constraint>,
}

#[derive(Debug)]
enum Vertex {
    Step(Box<Step>),
    /// Every step of a rank comes before it, and every step of the next after it.
    Barrier,
}

/// Orders steps so that every constraint holds, and otherwise leaves them in the given order.
///
/// # Errors
/// A cycle.
pub(super) fn order(steps: Vec<Placed>) -> Result<Vec<Step>, Cycle> {
    walk(graph(steps))
}

fn graph(steps: Vec<Placed>) -> DiGraph<Vertex, Constraint> {
    let mut graph = DiGraph::with_capacity(steps.len() + Rank::ALL.len(), steps.len() * 2);
    let mut barriers: Vec<NodeIndex> = Vec::with_capacity(Rank::ALL.len());
    let nodes: Vec<(Rank, NodeIndex)> = steps
        .into_iter()
        .map(|Placed { rank, step }| (rank, graph.add_node(Vertex::Step(Box::new(step)))))
        .collect();
    for _ in Rank::ALL {
        barriers.push(graph.add_node(Vertex::Barrier));
    }
    for (pair, rank) in barriers.windows(2).zip(Rank::ALL) {
        graph.add_edge(pair[0], pair[1], rank.constraint());
    }
    for (rank, node) in &nodes {
        let at = *rank as usize;
        graph.add_edge(*node, barriers[at], rank.constraint());
        if let Some(before) = at.checked_sub(1) {
            graph.add_edge(barriers[before], *node, Rank::ALL[before].constraint());
        }
    }
    chain_edges(&mut graph, &nodes);
    graph
}

/// Chains lead into each other: one that comes does so after those it leads into, and one that goes
/// does so before.
fn chain_edges(graph: &mut DiGraph<Vertex, Constraint>, nodes: &[(Rank, NodeIndex)]) {
    for rank in [Rank::Chains, Rank::OldChains] {
        let mut chains: BTreeMap<RuleChain, (NodeIndex, Vec<RuleChain>)> = BTreeMap::new();
        for (_, index) in nodes.iter().filter(|(at, _)| *at == rank) {
            if let Vertex::Step(step) = &graph[*index]
                && let Subject::Iptables(IptablesChange::Chain(chain, delta)) = &step.subject
            {
                let rules = match rank {
                    Rank::Chains => delta.after(),
                    _ => delta.before(),
                };
                let called = called(chain, rules.map_or(&[], Vec::as_slice));
                chains.insert(chain.clone(), (*index, called));
            }
        }
        for (caller, called) in chains.values() {
            for (callee, _) in called.iter().filter_map(|name| chains.get(name)) {
                match rank {
                    Rank::Chains => {
                        graph.add_edge(*callee, *caller, Constraint::ChainBeforeJump);
                    }
                    _ => {
                        graph.add_edge(*caller, *callee, Constraint::JumpBeforeChainGoes);
                    }
                }
            }
        }
    }
}

fn called(chain: &RuleChain, rules: &[SavedRule]) -> Vec<RuleChain> {
    rules
        .iter()
        .filter_map(|rule| match rule {
            SavedRule::Known(rule) => match &rule.target {
                Target::Chain(name) => Some(RuleChain {
                    chain: name.clone(),
                    ..chain.clone()
                }),
                _ => None,
            },
            SavedRule::Foreign(_) => None,
        })
        .collect()
}

/// Kahn's algorithm, always taking the first node that is free: the same order for the same steps.
fn walk(mut graph: DiGraph<Vertex, Constraint>) -> Result<Vec<Step>, Cycle> {
    let mut waiting: Vec<usize> = graph
        .node_indices()
        .map(|node| graph.edges_directed(node, Direction::Incoming).count())
        .collect();
    let mut free: BinaryHeap<Reverse<NodeIndex>> = graph
        .node_indices()
        .filter(|node| waiting[node.index()] == 0)
        .map(Reverse)
        .collect();
    let mut taken = Vec::with_capacity(graph.node_count());
    while let Some(Reverse(node)) = free.pop() {
        taken.push(node);
        for next in graph.neighbors(node) {
            let left = &mut waiting[next.index()];
            *left -= 1;
            if *left == 0 {
                free.push(Reverse(next));
            }
        }
    }
    if taken.len() < graph.node_count() {
        return Err(cycle(&graph, &waiting));
    }
    Ok(taken
        .into_iter()
        .filter_map(
            |node| match std::mem::replace(&mut graph[node], Vertex::Barrier) {
                Vertex::Step(step) => Some(*step),
                Vertex::Barrier => None,
            },
        )
        .collect())
}

fn cycle(graph: &DiGraph<Vertex, Constraint>, waiting: &[usize]) -> Cycle {
    let stuck = |node: NodeIndex| waiting[node.index()] > 0;
    Cycle {
        steps: graph
            .node_indices()
            .filter(|node| stuck(*node) && matches!(graph[*node], Vertex::Step(_)))
            .count(),
        constraints: graph
            .edge_references()
            .filter(|edge| stuck(edge.source()) && stuck(edge.target()))
            .map(|edge| *edge.weight())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::iptables::{ChainName, Rule, TableName};
    use crate::model::IpFamily;
    use crate::plan::{Delta, Durability, Interruption, Phase};

    #[test]
    fn a_cycle_is_an_error_with_a_message() {
        let chain = |from: &str, to: &str| {
            let name = |name| ChainName::new(name).unwrap();
            let chain = RuleChain {
                family: IpFamily::V4,
                table: TableName::Nat,
                chain: name(from),
            };
            let rule = SavedRule::Known(Rule {
                matches: Vec::new(),
                target: Target::Chain(name(to)),
                origins: crate::source::Origins::new(),
            });
            Placed {
                rank: Rank::Chains,
                step: Step {
                    phase: Phase::Switch,
                    subject: Subject::Iptables(IptablesChange::Chain(
                        chain,
                        Delta::Add(vec![rule]),
                    )),
                    durability: Durability::Lasting,
                    interruption: Interruption::None,
                    origins: crate::source::Origins::new(),
                },
            }
        };
        let error = order(vec![chain("A", "B"), chain("B", "A"), chain("C", "D")]).unwrap_err();
        assert_eq!(error.steps, 2);
        assert!(error.constraints.contains(&Constraint::ChainBeforeJump));
    }
}
