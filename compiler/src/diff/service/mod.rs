//! What changes for the users of Services.

mod change;
mod compare;
mod declare;
mod totals;

pub use change::{At, Audience, Cause, Change, Facet, Fate};
pub(in crate::diff) use declare::subject;
pub use totals::{BlastRadius, NotAShare, Totals};

use std::collections::BTreeSet;

use super::treatment::{self, Asked, Told};
use super::{About, Gathered, NodeView, Owner, ReleaseChange, Subject, release};
use crate::model::name::NodeName;

/// What changes for the users of Services, on all nodes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceDiff {
    /// The changes, by Service and port.
    pub gathered: Gathered<Owner, Change>,
    /// Which Services there are and were.
    pub totals: Totals,
    /// What the release mirrored has in a way of its own, beside what that changes for Services.
    pub releases: Gathered<About, ReleaseChange>,
    /// Whether some node serves in another mode.
    pub modes: ModeChange,
    /// What differs where users are told of nothing.
    pub beneath: Beneath,
    /// Services that both sides declare, and one alone serves, for want of addresses on the other: they
    /// are compared as they are declared.
    pub half_served: BTreeSet<Subject>,
    /// Services whose serving is not compared: those, and what a side leaves to the API server.
    left_out: BTreeSet<Subject>,
}

/// The kernel's objects that differ where no Service is told apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beneath {
    /// How many; 0 where Services differ, and nobody counted.
    pub objects: usize,
    /// What a difference of them is.
    pub weight: Weight,
}

impl Beneath {
    /// Whether a node is not as it was asked to be, or was.
    pub fn is_drift(self) -> bool {
        self.weight == Weight::Drift && self.objects > 0
    }
}

/// What it is that kernel objects differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weight {
    /// The same service by other objects: both sides are what a node is asked to hold.
    #[default]
    Means,
    /// A node that is not as it was asked, or was, or rules that nobody knows what to ask for: what is
    /// served then is not told in whole.
    Drift,
}

/// Whether the mode changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModeChange {
    /// It does not, or nobody knows.
    #[default]
    None,
    /// It does, and what clients meet is told.
    Another,
    /// It does, and some side does not hold all that decides about what clients meet.
    HalfTold,
}

impl ServiceDiff {
    /// Adds a node that both sides have; with what it is asked to do on both, where that is known, for
    /// what clients meet.
    pub fn add(
        &mut self,
        node: NodeName,
        old: &NodeView,
        new: &NodeView,
        asked: Option<[Asked<'_>; 2]>,
    ) {
        let (was, is) = (old.knowing(new), new.knowing(old));
        let was = was.without(&self.left_out);
        let is = is.without(&self.left_out);
        let (old, new) = (&*was, &*is);
        self.totals.add(old, new);
        let serves = !old.frontends.is_empty() || !new.frontends.is_empty();
        if let (Some(from), Some(to)) = (old.mode, new.mode)
            && from != to
            && serves
        {
            let whole = |[old, new]: [Asked<'_>; 2]| old.told.max(new.told) == Told::Whole;
            let told = if asked.is_some_and(whole) {
                ModeChange::Another
            } else {
                ModeChange::HalfTold
            };
            self.modes = self.modes.max(told);
        }
        let treatments = asked.map(|[old, new]| treatment::between(old, new));
        let changes = compare::compare(old, new, &treatments.unwrap_or_default());
        for (owner, change) in &changes {
            self.totals.touch(&owner.subject);
            if let Facet::Owner { from } = &change.facet {
                self.totals.touch(&from.subject);
            }
        }
        let released = release::changes(old.mirrored.as_ref(), new.mirrored.as_ref());
        self.releases.add(node.clone(), released);
        self.gathered.add(node, changes);
    }

    /// Leaves out what is about other Services than those that are to be told about.
    pub fn retain(&mut self, shows: impl Fn(&Subject) -> bool) {
        self.gathered.retain(|owner, change| {
            // Who loses an address to another Service is told so at that one.
            let also = match &change.facet {
                Facet::Owner { from } => shows(&from.subject),
                _ => false,
            };
            also || shows(&owner.subject)
        });
        self.totals.retain(&shows);
        self.half_served.retain(shows);
    }

    /// Whether all was read and users notice nothing, and kube-proxy starts or does not as before.
    pub fn is_empty(&self) -> bool {
        let same_modes = self.modes != ModeChange::HalfTold;
        let same_kernel = !self.beneath.is_drift();
        let told = same_modes && same_kernel && self.totals.is_whole();
        self.gathered.is_empty() && !self.changes_start() && told
    }

    /// The Services that something changes about, sorted.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.gathered
            .keys()
            .filter_map(|owner| match &owner.subject {
                Subject::Service(name) => Some(&**name),
                Subject::Everything | Subject::Address(_) | Subject::Port(_) => None,
            })
    }

    /// Whether kube-proxy starts on one side alone, on some node.
    pub fn changes_start(&self) -> bool {
        let mut about = self.releases.keys();
        about.any(|about| matches!(about, About::Gate(_)))
    }
}
