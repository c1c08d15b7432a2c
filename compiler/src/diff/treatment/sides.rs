//! Two sides that can be asked, of whatever is known of each.

use std::borrow::Cow;

use super::{Asked, Asking, Places, Told, found, read_off};
use crate::ir::{Node, Program};
use crate::mode::NodeState;
use crate::observed::Observed;

/// What is known of a side.
#[derive(Debug, Clone, Copy)]
pub enum Known<'a> {
    /// Manifests, and what they come to.
    Manifests(&'a Program, &'a NodeState),
    /// What a node is asked to keep.
    State(&'a NodeState),
    /// What it was found to keep.
    Found(&'a Observed),
}

/// A side that can be asked.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    program: Cow<'a, Program>,
    state: Cow<'a, NodeState>,
    told: Told,
    places: Places,
    asking: Asking,
}

impl Side<'_> {
    /// What is asked of the node.
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            program: &self.program,
            state: &self.state,
            told: self.told,
            places: self.places,
            asking: self.asking,
        }
    }
}

/// Both sides as far as they can be asked; `None` where they cannot.
pub fn both<'a>(old: Known<'a>, new: Known<'a>) -> Option<[Side<'a>; 2]> {
    let compiled = |program: &'a Program, state: &'a NodeState, told| Side {
        program: Cow::Borrowed(program),
        state: Cow::Borrowed(state),
        told,
        places: Places::Named,
        asking: Asking::Classes,
    };
    let read_off = |state: &'a NodeState, node: &Node| {
        Some(Side {
            program: Cow::Owned(read_off::program(state, node)?),
            state: Cow::Borrowed(state),
            told: Told::ByRules,
            places: Places::ByPolicy,
            asking: Asking::Classes,
        })
    };
    match (old, new) {
        (Known::Manifests(was, a), Known::Manifests(is, b)) => {
            Some([compiled(was, a, Told::Whole), compiled(is, b, Told::Whole)])
        }
        (Known::Manifests(was, a), Known::State(b)) if a.mode() == b.mode() => {
            Some([compiled(was, a, Told::ByRules), read_off(b, &was.node)?])
        }
        (Known::State(a), Known::Manifests(is, b)) if a.mode() == b.mode() => {
            Some([read_off(a, &is.node)?, compiled(is, b, Told::ByRules)])
        }
        // Modes differ in which addresses of a node they serve, of which manifests may name one alone.
        (Known::Manifests(_, a) | Known::State(a), Known::Manifests(_, b) | Known::State(b)) => {
            let node = read_off::node([a, b])?;
            Some([read_off(a, &node)?, read_off(b, &node)?])
        }
        (Known::Found(observed), asked) => {
            let [asked, found] = beside(asked, observed)?;
            Some([found, asked])
        }
        (asked, Known::Found(observed)) => beside(asked, observed),
    }
}

/// What is asked of a node, and what it was found to keep, seen by what the former knows of Services.
fn beside<'a>(asked: Known<'a>, observed: &Observed) -> Option<[Side<'a>; 2]> {
    let (program, state, told, places) = match asked {
        Known::Manifests(program, state) => {
            (Cow::Borrowed(program), state, Told::Whole, Places::Named)
        }
        Known::State(state) => {
            let program = read_off::program(state, &read_off::node([state, state])?)?;
            (Cow::Owned(program), state, Told::ByRules, Places::ByPolicy)
        }
        Known::Found(_) => return None,
    };
    let found = found::state(observed, state)?;
    let side = |state| Side {
        program: program.clone(),
        state,
        told,
        places,
        asking: Asking::Frontends,
    };
    Some([side(Cow::Borrowed(state)), side(Cow::Owned(found))])
}
