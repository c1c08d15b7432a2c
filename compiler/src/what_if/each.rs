//! The same question of each node or zone by itself: a table for a maintenance window.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::event::{Evicted, Question};
use super::impact::{Detail, Impact, Viewpoints};
use super::situation::Situation;
use super::then::Counts;
use crate::model::Node;
use crate::model::name::{NodeName, Zone};

/// What goes as one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// A node, and its zone.
    Node(NodeName, Option<Zone>),
    /// A zone, and its nodes.
    Zone(Zone, Vec<NodeName>),
}

impl Unit {
    /// What it is called.
    pub fn name(&self) -> &str {
        match self {
            Self::Node(name, _) => name.as_str(),
            Self::Zone(name, _) => name.as_str(),
        }
    }
}

/// What is asked of one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Each node alone.
    Nodes,
    /// Each zone, with all of its nodes.
    Zones,
}

impl Units {
    /// The noun for one.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Nodes => "node",
            Self::Zones => "zone",
        }
    }
}

crate::closed_set! {
    /// What happens to a unit.
    pub enum Happens {
        /// It is gone, with its Pods and its kube-proxy.
        Lost = "lost",
        /// Its Pods are evicted.
        Drained = "drained",
    }
}

/// What happens if a unit is lost or drained.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What is lost or drained.
    pub unit: Unit,
    /// What goes with it.
    pub counts: Counts,
    /// What that does; without the shares.
    pub impact: Impact,
}

/// What each unit would take with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// What the rows are of.
    pub of: Units,
    /// What happens to each.
    pub happens: Happens,
    /// What that does, the worst first.
    pub rows: Vec<Row>,
    /// Nodes that are in no zone, where zones were asked for.
    pub without_zone: Vec<NodeName>,
}

/// A row for each unit, the worst first.
fn each(
    situation: &Situation<'_>,
    units: Vec<Unit>,
    happens: Happens,
    evicted: Evicted,
) -> Vec<Row> {
    let viewpoints = Viewpoints::new(situation);
    let mut rows: Vec<Row> = units
        .into_par_iter()
        .map(|unit| {
            let question = question(&unit, happens, evicted);
            row(situation, &viewpoints, unit, &question)
        })
        .collect();
    // The sort keeps units that are alike in the order of their names.
    rows.par_sort_by(|a, b| {
        let order = weight(b).cmp(&weight(a));
        let order = order.then_with(|| times(b).total_cmp(&times(a)));
        order.then(b.counts.endpoints.cmp(&a.counts.endpoints))
    });
    rows
}

impl Rows {
    /// A row for each unit.
    pub fn new(situation: &Situation<'_>, of: Units, happens: Happens, evicted: Evicted) -> Self {
        let cluster = situation.cluster();
        let mut zones: BTreeMap<&Zone, Vec<NodeName>> = BTreeMap::new();
        let mut without_zone = Vec::new();
        let units: Vec<Unit> = match of {
            Units::Nodes => {
                let nodes = cluster.nodes.iter();
                let unit = |node: &Node| Unit::Node(node.name.clone(), node.zone.clone());
                nodes.map(unit).collect()
            }
            Units::Zones => {
                for node in &cluster.nodes {
                    match &node.zone {
                        Some(zone) => zones.entry(zone).or_default().push(node.name.clone()),
                        None => without_zone.push(node.name.clone()),
                    }
                }
                let zones = zones.into_iter();
                let unit = |(zone, nodes): (&Zone, _)| Unit::Zone(zone.clone(), nodes);
                zones.map(unit).collect()
            }
        };
        Self {
            of,
            happens,
            rows: each(situation, units, happens, evicted),
            without_zone,
        }
    }
}

fn question(unit: &Unit, happens: Happens, evicted: Evicted) -> Question {
    let nodes = match unit {
        Unit::Node(name, _) => std::iter::once(name.clone()).collect(),
        Unit::Zone(_, nodes) => nodes.iter().cloned().collect(),
    };
    let mut question = Question {
        evicted,
        ..Question::default()
    };
    match happens {
        Happens::Lost => question.lost = nodes,
        Happens::Drained => question.drained = nodes,
    }
    question
}

fn row(situation: &Situation<'_>, viewpoints: &Viewpoints, unit: Unit, question: &Question) -> Row {
    let then = situation.after(question);
    Row {
        unit,
        counts: then.counts,
        impact: then.impact_in(situation, viewpoints, Detail::Row),
    }
}

/// How bad it is, by what cannot be mended by others.
fn weight(row: &Row) -> [usize; 5] {
    let impact = &row.impact;
    [
        impact.lost_whole().count(),
        impact.lost.len(),
        row.counts.unplaced,
        impact.local.len(),
        impact.fallbacks.len(),
    ]
}

fn times(row: &Row) -> f64 {
    row.impact.surge.as_ref().map_or(1.0, |surge| surge.times)
}
