//! A node object by object, and what differs between two.
//!
//! Only what a proxy keeps is looked at: kube-proxy's sets, chains that start with `KUBE-` and the jumps
//! into them, all virtual servers, kube-ipvs0, the tables of mode nftables, and the settings. What one
//! side does not know, such as the modules of a capture, is not compared.

mod found;
mod missing;
mod nftables;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

pub use missing::Group;

use super::Gathered;
use crate::kernel::Part;
use crate::model::name::NodeName;

/// The objects of one node, as text that is the same for the same object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KernelView {
    objects: BTreeMap<Object, String>,
    /// Parts that are known; the rest is not compared.
    known: BTreeMap<Part, Knowledge>,
    /// Rules from the top, of chains where that matters.
    orders: BTreeMap<(Part, Box<str>), Vec<String>>,
    /// Objects that are shown though others made them.
    strangers: BTreeSet<Object>,
    /// Chains that others than kube-proxy make too, such as kubelets.
    strange_chains: BTreeSet<(Part, Box<str>)>,
}

/// How much of a part a view knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    /// Everything: what is not there is not.
    Whole,
    /// What is there.
    Some,
}

/// What identifies an object. Ordered as it is told: by part, then as the part's tools list it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Which subsystem it is in, and for which family.
    pub part: Part,
    /// What it belongs to: a set, a chain with its table; empty where that is the part itself.
    pub within: Box<str>,
    /// Its place among the part's objects.
    order: Box<[u8]>,
    /// How the part's tool lists it, on one line.
    pub name: Box<str>,
}

impl Object {
    fn new(part: Part, within: &str, order: Vec<u8>, name: &str) -> Self {
        Self {
            part,
            within: within.into(),
            order: order.into(),
            name: name.into(),
        }
    }
}

/// A change of one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectChange {
    /// What changes, by its part and name.
    pub object: Object,
    /// What becomes of it.
    pub op: ObjectOp,
}

/// What becomes of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectOp {
    /// It goes: what it was.
    Remove(String),
    /// It comes: what it is.
    Add(String),
    /// It is there before and after, with another value.
    Change {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// The rules of a chain stand in another order.
    Move,
}

impl ObjectChange {
    /// The change in a line, signed.
    pub fn say(&self) -> String {
        let name = &self.object.name;
        let with = |value: &str| match value {
            "" => name.to_string(),
            value => format!("{name} {value}"),
        };
        match &self.op {
            ObjectOp::Remove(was) => format!("- {}", with(was)),
            ObjectOp::Add(is) => format!("+ {}", with(is)),
            ObjectOp::Change { from, to } => format!("~ {name} {from} -> {to}"),
            ObjectOp::Move => "~ rules stand in another order".to_owned(),
        }
    }
}

/// What differs, on all nodes, by part and what it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KernelDiff {
    /// By part and what it belongs to; nodes where the same changes stand together.
    pub gathered: Gathered<(Part, Box<str>), ObjectChange>,
}

impl KernelDiff {
    /// Adds a node that both sides have.
    pub fn add(&mut self, node: NodeName, old: &KernelView, new: &KernelView) {
        let changes = changes(old, new).into_iter().map(|change| {
            let object = &change.object;
            ((object.part, object.within.clone()), change)
        });
        self.gathered.add(node, changes);
    }
}

/// What differs between two views of a node, sorted by object.
fn changes(old: &KernelView, new: &KernelView) -> Vec<ObjectChange> {
    let whole = |part| old.is_whole(part) && new.is_whole(part);
    let mut changes = Vec::new();
    let mut push = |object: &Object, op| {
        let object = object.clone();
        changes.push(ObjectChange { object, op });
    };
    for (object, was) in &old.objects {
        match new.objects.get(object) {
            Some(is) if is == was => {}
            Some(is) => {
                let (from, to) = (was.clone(), is.clone());
                push(object, ObjectOp::Change { from, to });
            }
            None if whole(object.part) => push(object, ObjectOp::Remove(was.clone())),
            None => {}
        }
    }
    for (object, is) in &new.objects {
        if !old.objects.contains_key(object) && whole(object.part) {
            push(object, ObjectOp::Add(is.clone()));
        }
    }
    for (chain, was) in &old.orders {
        if let Some(is) = new.orders.get(chain)
            && moved(was, is)
        {
            let rules = Object {
                part: chain.0,
                within: chain.1.clone(),
                order: [].into(),
                name: "rules".into(),
            };
            push(&rules, ObjectOp::Move);
        }
    }
    changes
}

/// Whether the rules that stay stand in another order.
fn moved(was: &[String], is: &[String]) -> bool {
    /// Rules that both have, in the order of the first.
    fn kept<'r>(rules: &'r [String], others: &[String]) -> Vec<&'r String> {
        let others: BTreeSet<&String> = others.iter().collect();
        let rules = rules.iter().filter(|rule| others.contains(rule));
        rules.collect()
    }
    if was == is {
        return false;
    }
    let (was, is) = (kept(was, is), kept(is, was));
    was.len() == is.len() && was != is
}

impl KernelView {
    /// Whether nothing that both views know differs.
    pub fn same(&self, other: &Self) -> bool {
        changes(self, other).is_empty()
    }

    /// How many objects differ, of those that both views know and that are a proxy's beyond doubt.
    pub fn differences(&self, other: &Self) -> usize {
        let changes = changes(self, other);
        let own = changes.iter().filter(|change| {
            let object = &change.object;
            !self.is_strange(object, other) && !other.is_strange(object, self)
        });
        own.count()
    }

    /// Whether an object is of others, and the other side knows nothing like it.
    fn is_strange(&self, object: &Object, other: &Self) -> bool {
        let within = (object.part, object.within.clone());
        self.strangers.contains(object)
            || self.strange_chains.contains(&within) && !other.holds(&within)
    }

    fn holds(&self, (part, within): &(Part, Box<str>)) -> bool {
        let first = Object {
            part: *part,
            within: within.clone(),
            order: [].into(),
            name: "".into(),
        };
        let next = self.objects.range(first..).next();
        next.is_some_and(|(one, _)| one.part == *part && one.within == *within)
    }

    /// Whether what it lacks of a part is not there. What one side does not know cannot be told to be
    /// missing.
    fn is_whole(&self, part: Part) -> bool {
        self.known.get(&part) == Some(&Knowledge::Whole)
    }

    /// Everything that shows whether it is in another view too, a line an object, for those who compare
    /// text.
    pub fn listing(&self, other: &Self) -> String {
        let mut out = String::new();
        let comparable = |object: &Object| {
            let both = self.is_whole(object.part) && other.is_whole(object.part);
            both || other.objects.contains_key(object)
        };
        let objects = self.objects.iter();
        for (object, value) in objects.filter(|(object, _)| comparable(object)) {
            let words = [
                &*object.part.to_string(),
                &*object.within,
                &*object.name,
                value,
            ];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            out.push_str(&words.join(" "));
            out.push('\n');
        }
        out
    }
}
