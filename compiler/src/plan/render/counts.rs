//! How much a plan does.

use std::fmt;

use super::Page;
use crate::plan::{Durability, Op};

/// How much a plan does. Steps that only ease the way do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects that come.
    pub add: usize,
    /// Objects that are set in place.
    pub change: usize,
    /// Objects that go.
    pub remove: usize,
    /// Services, or addresses where names are unknown, of which no step changes anything.
    pub untouched: usize,
}

impl Counts {
    /// Adds up the steps of a plan, and the Services that none of them touches.
    pub fn of(page: &Page<'_>) -> Self {
        let mut counts = Self::default();
        let touched = page.touched();
        for step in &page.plan.steps {
            if step.durability == Durability::Transitional {
                continue;
            }
            match step.subject.op() {
                Op::Add => counts.add += 1,
                Op::Change => counts.change += 1,
                Op::Remove => counts.remove += 1,
                Op::Flush => {}
            }
        }
        counts.untouched = page
            .services
            .served()
            .filter(|heading| !touched.contains(heading))
            .count();
        counts
    }
}

impl fmt::Display for Counts {
    /// `3 to add, 1 to change, 1 to remove`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            add,
            change,
            remove,
            ..
        } = self;
        write!(f, "{add} to add, {change} to change, {remove} to remove")
    }
}
