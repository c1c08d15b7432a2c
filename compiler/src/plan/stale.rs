//! What changed on a node since a plan was made.
//!
//! A plan has digests of what it was made on, and not the state itself. But its steps say what each object was
//! that they change, and all other objects of ours were as the plan's target has them: so what a plan of
//! today has steps for beside these has changed.

use std::collections::BTreeSet;
use std::fmt;

use super::file::PlanFile;
use super::{Claims, Durability, End, Inventory, Subject, astray, plan};
use crate::kernel::Part;
use crate::observed::Observed;

/// What changed since a plan was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Names of objects, as far as they can be told.
    pub objects: Vec<String>,
    /// The parts whose digests differ.
    pub parts: Vec<Part>,
}

impl Changes {
    /// Compares what a plan was made on with what the node holds now; `None` where that is the same.
    pub fn since(made: &PlanFile, now: &Observed, inventory: &Inventory) -> Option<Self> {
        if made.observed.digest == now.digest() {
            return None;
        }
        let digests = now.digests();
        let differs = |part: &Part| made.observed.parts.get(part) != digests.get(part);
        Some(Self {
            objects: objects(made, now, inventory),
            parts: Part::DIGESTED.into_iter().filter(differs).collect(),
        })
    }
}

fn objects(made: &PlanFile, now: &Observed, inventory: &Inventory) -> Vec<String> {
    let stray = astray(&made.steps, now, End::Old);
    let mut names: Vec<String> = stray.iter().map(Subject::name).collect();
    let planned: BTreeSet<String> = made.steps.iter().map(|step| step.subject.name()).collect();
    let Ok(state) = made.files.state() else {
        return names;
    };
    // What stands in the way of a plan of today says nothing of what changed.
    let Ok(today) = plan(&state, now, &Claims::tracked(inventory.clone())) else {
        return names;
    };
    let others = today.steps.iter().filter(|step| {
        step.durability == Durability::Lasting
            && !step.subject.is_flush()
            && !planned.contains(&step.subject.name())
    });
    names.extend(others.map(|step| step.subject.name()));
    let mut told = BTreeSet::new();
    names.retain(|name| told.insert(name.clone()));
    names
}

impl fmt::Display for Changes {
    /// The first few objects; else what they belong to, which is somebody else's then.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 5;
        f.write_str("these changed: ")?;
        if self.objects.is_empty() {
            let parts: Vec<&str> = self.parts.iter().map(|part| part.contents()).collect();
            return write!(f, "{}, of what is not ours", parts.join(", "));
        }
        let named: Vec<&str> = self
            .objects
            .iter()
            .take(SHOWN)
            .map(|name| &**name)
            .collect();
        f.write_str(&named.join(", "))?;
        match self.objects.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}
