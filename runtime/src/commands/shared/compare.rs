//! What differs, node by node.

use std::collections::BTreeMap;

use portolan_compiler::compile::Prepared;
use portolan_compiler::diff::graph::{Detail, Picture, Side as Where};
use portolan_compiler::diff::kernel::KernelDiff;
use portolan_compiler::diff::render::ManifestLine;
use portolan_compiler::diff::service::{Beneath, BlastRadius, ServiceDiff, Weight};
use portolan_compiler::diff::{Declarations, KernelView, NodeView, Subject, treatment};
use portolan_compiler::model::name::NodeName;
use rayon::prelude::*;

use super::sides::{Node, Pairing, Side};
use crate::report::Failure;

/// Nodes per thread whose views are in memory at once.
const NODES_PER_THREAD: usize = 2;

/// More edges than this make no picture for a comment.
pub(in crate::commands) const PICTURE: usize = 40;

/// What is said where no node is compared.
pub(in crate::commands) const NO_NODE: &str =
    "one side has no Node: what manifests declare is compared, and what nodes serve is not";

/// What a comparison asks of either of its sides.
pub(in crate::commands) trait State: Sync {
    /// What it says of one node, by its index.
    fn node(&self, index: usize) -> Result<Node, Failure>;

    /// What its manifests declare; `None` where it is not manifests that say what it is.
    fn declarations(&self) -> Option<Declarations>;

    /// Whether it is what a node was found to hold.
    fn is_found(&self) -> bool;
}

impl State for Side {
    fn node(&self, index: usize) -> Result<Node, Failure> {
        self.node(index)
    }

    fn declarations(&self) -> Option<Declarations> {
        self.declarations()
    }

    fn is_found(&self) -> bool {
        self.is_found()
    }
}

impl State for Prepared {
    fn node(&self, index: usize) -> Result<Node, Failure> {
        Ok(Node::compiled(self, index))
    }

    fn declarations(&self) -> Option<Declarations> {
        Some(Declarations::of(self.cluster()))
    }

    fn is_found(&self) -> bool {
        false
    }
}

/// What differs for users.
pub(in crate::commands) struct Services {
    pub(in crate::commands) diff: ServiceDiff,
    /// What changes, drawn.
    pub(in crate::commands) picture: Picture,
    /// Where manifests say it.
    pub(in crate::commands) places: BTreeMap<Subject, ManifestLine>,
}

/// Why a difference is more than a share of the Services allows; nothing where it is not.
pub(in crate::commands) fn beyond(radius: BlastRadius, diff: &ServiceDiff) -> Option<String> {
    let totals = &diff.totals;
    if !totals.is_whole() {
        let line = "What serves on one side was not read: no share of the Services allows that.";
        return Some(line.to_owned());
    }
    if diff.changes_start() {
        let line = "kube-proxy starts on one side alone: no share of the Services allows that.";
        return Some(line.to_owned());
    }
    (!radius.allows(totals)).then(|| {
        format!(
            "More than {}% of the Services change or go: {} of {}.",
            radius.percent(),
            totals.affected(),
            totals.before()
        )
    })
}

/// What comes of each node. Of several failures it is the first by name, whichever happens first.
fn of_each<T: Sync, U: Send>(
    nodes: &[T],
    make: impl Fn(&T) -> Result<U, Failure> + Sync + Send,
) -> Result<Vec<U>, Failure> {
    let made: Vec<Result<U, Failure>> = nodes.par_iter().map(make).collect();
    made.into_iter().collect()
}

/// A few nodes at a time: views of all of a large cluster are more than memory holds.
fn batches(pairing: &Pairing) -> impl Iterator<Item = &[(NodeName, usize, usize)]> {
    pairing
        .both
        .chunks(rayon::current_num_threads() * NODES_PER_THREAD)
}

/// What differs for users; `shows` says of which Services a picture is drawn.
pub(in crate::commands) fn services(
    old: &impl State,
    new: &impl State,
    pairing: &Pairing,
    shows: &impl Fn(&Subject) -> bool,
) -> Result<Services, Failure> {
    let declared = old.declarations().zip(new.declarations());
    let mut diff = declared
        .as_ref()
        .map_or_else(ServiceDiff::default, |(old, new)| {
            ServiceDiff::of_declared(old, new)
        });
    let mut picture = Picture::new(Detail::Endpoints);
    let mut unasked = false;
    for batch in batches(pairing) {
        let nodes: Vec<(Node, Node)> =
            of_each(batch, |(_, a, b)| Ok((old.node(*a)?, new.node(*b)?)))?;
        let views: Vec<(NodeView, NodeView)> = nodes
            .par_iter()
            .map(|(a, b)| (a.view(), b.view()))
            .collect();
        for (((name, ..), (a, b)), (before, after)) in batch.iter().zip(&nodes).zip(views) {
            let asked = Node::both_asked(a, b);
            unasked |= asked.is_none() && matches!((a, b), (Node::Asked(..), Node::Asked(..)));
            let asked = asked.as_ref();
            let asked = asked.map(|sides| sides.each_ref().map(treatment::Side::asked));
            diff.add(name.clone(), &before, &after, asked);
            if picture.edges() <= PICTURE {
                let draws = |subject: &Subject| diff.totals.is_touched(subject) && shows(subject);
                draw(&mut picture, name, (&before, &after), draws);
            }
        }
    }
    if let Some((old, new)) = &declared {
        diff.declare(old, new);
    }
    diff.gathered.nodes_new.clone_from(&pairing.new);
    diff.gathered.nodes_gone.clone_from(&pairing.gone);
    if diff.gathered.is_empty() {
        let objects = beneath(old, new, pairing)?;
        // Without a list of Services nobody knows what to ask the rules for.
        let weight = if unasked || old.is_found() || new.is_found() {
            Weight::Drift
        } else {
            Weight::Means
        };
        diff.beneath = Beneath { objects, weight };
    }
    Ok(Services {
        picture,
        places: BTreeMap::new(),
        diff,
    })
}

pub(in crate::commands) fn kernel(
    old: &Side,
    new: &Side,
    pairing: &Pairing,
) -> Result<KernelDiff, Failure> {
    let mut diff = KernelDiff::default();
    for batch in batches(pairing) {
        let views: Vec<(KernelView, KernelView)> = of_each(batch, |(_, a, b)| {
            Ok((old.node(*a)?.kernel(), new.node(*b)?.kernel()))
        })?;
        for ((name, ..), (before, after)) in batch.iter().zip(views) {
            diff.add(name.clone(), &before, &after);
        }
    }
    diff.gathered.nodes_new.clone_from(&pairing.new);
    diff.gathered.nodes_gone.clone_from(&pairing.gone);
    Ok(diff)
}

/// How many of the kernel's objects differ.
fn beneath(old: &impl State, new: &impl State, pairing: &Pairing) -> Result<usize, Failure> {
    let mut objects = 0;
    for batch in batches(pairing) {
        let differ: Vec<usize> = of_each(batch, |(_, a, b)| {
            let (a, b) = (old.node(*a)?.kernel(), new.node(*b)?.kernel());
            Ok(a.differences(&b))
        })?;
        objects += differ.iter().sum::<usize>();
    }
    Ok(objects)
}

/// Draws what changes.
fn draw(
    picture: &mut Picture,
    name: &NodeName,
    (before, after): (&NodeView, &NodeView),
    draws: impl Fn(&Subject) -> bool,
) {
    picture.add(name, (before, after), Where::Old, &draws);
    picture.add(name, (after, before), Where::New, &draws);
}
