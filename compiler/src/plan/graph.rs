//! The graph of steps and barriers, and an order through it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Step;
use super::order::{Barrier, Constraint, Rank, with_phase};

/// The constraints contradict each other: a bug of portolan's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{steps} steps wait for each other; this is a bug in portolan, please report it")]
pub struct Cycle {
    /// How many steps are left that cannot be taken.
    pub steps: usize,
}

#[derive(Debug)]
enum Node {
    Step(Step),
    Barrier(Barrier),
}

/// Orders steps so that every constraint holds, and otherwise leaves them in the given order.
///
/// # Errors
/// A cycle.
pub fn order(steps: Vec<Step>) -> Result<Vec<Step>, Cycle> {
    walk(graph(steps))
}

fn graph(steps: Vec<Step>) -> DiGraph<Node, Constraint> {
    let mut graph = DiGraph::with_capacity(steps.len() + Rank::ALL.len(), steps.len() * 2);
    let mut barriers: Vec<NodeIndex> = Vec::with_capacity(Rank::ALL.len());
    let nodes: Vec<(Rank, NodeIndex)> = steps
        .into_iter()
        .map(|step| {
            let rank = Rank::of(&step.subject, step.durability);
            (rank, graph.add_node(Node::Step(with_phase(step))))
        })
        .collect();
    for rank in Rank::ALL {
        let constraint = rank.constraint();
        barriers.push(graph.add_node(Node::Barrier(Barrier {
            after: rank,
            constraint,
        })));
    }
    for pair in barriers.windows(2) {
        graph.add_edge(pair[0], pair[1], Constraint::GuardLast);
    }
    for (rank, node) in nodes {
        let at = rank as usize;
        graph.add_edge(node, barriers[at], rank.constraint());
        if let Some(before) = at.checked_sub(1) {
            graph.add_edge(barriers[before], node, Rank::ALL[before].constraint());
        }
    }
    graph
}

/// Kahn's algorithm, always taking the first node that is free: the same order for the same steps.
fn walk(mut graph: DiGraph<Node, Constraint>) -> Result<Vec<Step>, Cycle> {
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
        return Err(Cycle {
            steps: graph.node_count() - taken.len(),
        });
    }
    Ok(taken
        .into_iter()
        .filter_map(|node| {
            let barrier = Node::Barrier(Barrier {
                after: Rank::Settings,
                constraint: Constraint::SettingsBeforeTraffic,
            });
            match std::mem::replace(&mut graph[node], barrier) {
                Node::Step(step) => Some(step),
                Node::Barrier(_) => None,
            }
        })
        .collect())
}
