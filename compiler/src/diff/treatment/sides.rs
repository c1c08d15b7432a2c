//! Two sides that can be asked, of whatever is known of each.

use std::borrow::Cow;

use super::{Asked, Asking, Told, found, read_off};
use crate::ir::Program;
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
    asking: Asking,
}

impl Side<'_> {
    /// What is asked of the node.
    pub fn asked(&self) -> Asked<'_> {
        Asked {
            program: &self.program,
            state: &self.state,
            told: self.told,
            asking: self.asking,
        }
    }
}

/// Both sides as far as they can be asked; `None` where they cannot.
///
/// Two compiled states of one mode are told apart by what they list.
pub fn both<'a>(old: Known<'a>, new: Known<'a>) -> Option<[Side<'a>; 2]> {
    let compiled = |program: &'a Program, state: &'a NodeState| Side {
        program: Cow::Borrowed(program),
        state: Cow::Borrowed(state),
        told: Told::Whole,
        asking: Asking::Classes,
    };
    match (old, new) {
        (Known::Manifests(was, a), Known::Manifests(is, b)) => {
            Some([compiled(was, a), compiled(is, b)])
        }
        (Known::Manifests(_, a) | Known::State(a), Known::Manifests(_, b) | Known::State(b)) => {
            if a.mode() == b.mode() {
                return None;
            }
            let node = read_off::node([a, b])?;
            let side = |state: &'a NodeState| {
                Some(Side {
                    program: Cow::Owned(read_off::program(state, &node)?),
                    state: Cow::Borrowed(state),
                    told: Told::WithoutPods,
                    asking: Asking::Classes,
                })
            };
            Some([side(a)?, side(b)?])
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
    let (program, state, told) = match asked {
        Known::Manifests(program, state) => (Cow::Borrowed(program), state, Told::Whole),
        Known::State(state) => {
            let program = read_off::program(state, &read_off::node([state, state])?)?;
            (Cow::Owned(program), state, Told::WithoutPods)
        }
        Known::Found(_) => return None,
    };
    let found = found::state(observed, state)?;
    let side = |state| Side {
        program: program.clone(),
        state,
        told,
        asking: Asking::Frontends,
    };
    Some([side(Cow::Borrowed(state)), side(Cow::Owned(found))])
}
