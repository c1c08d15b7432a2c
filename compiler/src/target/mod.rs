//! One number for what runs: the root of a tree over the objects that a node is asked to hold.
//!
//! It is the same from manifests, from compiled files and from records, whichever version of portolan
//! wrote them, and of a kernel that holds just that. `docs/target.md` describes the form; a change of it
//! takes a new [`FORMAT`].
//!
//! What Services have (the artefact `services`) is told to people and to later plans; no kernel holds it,
//! and it is not in here.

mod object;
mod tree;

use std::fmt::Write as _;

use rayon::prelude::*;

use crate::bundle::{Digest, Target};
use crate::mode::NodeState;
pub use tree::{Place, Tree};

/// The number of the form.
pub const FORMAT: u16 = 1;

/// The number for a state.
pub fn target(state: &NodeState) -> Target {
    of_tree(&tree(state))
}

/// The number for the state whose objects are in a tree.
pub fn of_tree(tree: &Tree) -> Target {
    let root = tree.root();
    Digest::of_text(|out| writeln!(out, "portolan-target {FORMAT}\n{root}")).into()
}

/// The tree over a state's objects.
pub fn tree(state: &NodeState) -> Tree {
    let _span = tracing::debug_span!("target").entered();
    let objects = object::objects(state);
    let digests: Vec<_> = objects
        .par_iter()
        .with_min_len(16)
        .map(|object| (object.place(), object.digest()))
        .collect();
    digests.into_iter().collect()
}
