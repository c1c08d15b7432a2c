//! What a mode can have written. Nothing else is taken from a file, however good its digest is: a plan,
//! a folder and the records are data, and say what our own writers can say.
//!
//! Rules that every node has are written anew from what the state itself says of their few parameters,
//! and compared; those of Services have a closed list of forms.

mod ruleset;

pub(super) use ruleset::Rules;

use super::{NodeState, ProxyState, iptables, ipvs, nftables};
use crate::bundle::ArtefactKind;

/// What portolan writes in the place of a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// Another line.
    #[error("portolan writes {0:?} here")]
    Instead(Box<str>),
    /// A line of some form.
    #[error("portolan writes {0} here")]
    Form(&'static str),
    /// The line with its line feed.
    #[error("the file ends in the middle of a line")]
    Cut,
    /// No line.
    #[error("portolan writes nothing here")]
    Nothing,
    /// Something that is missing below the line.
    #[error("portolan writes {0:?} below, which is missing")]
    Missing(Box<str>),
}

/// A line that a mode cannot have written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stranger {
    /// The artefact that has it.
    pub(super) kind: ArtefactKind,
    /// The line that begins the part of the artefact where it stands, in artefacts that have parts.
    pub(super) part: Option<String>,
    /// The line, without blanks around it.
    pub(super) line: String,
    pub(super) problem: NotWritten,
}

impl Stranger {
    /// A line of an artefact that has no parts.
    pub(super) fn line(kind: ArtefactKind, line: impl Into<String>, problem: NotWritten) -> Self {
        Self {
            kind,
            part: None,
            line: line.into(),
            problem,
        }
    }

    /// The number of the line in the artefact's text, from 1.
    pub(super) fn number(&self, text: &str) -> usize {
        let mut lines = (1..).zip(text.lines());
        let mut find = |wanted: &str| {
            let found = lines.find(|(_, line)| line.trim() == wanted);
            found.map(|(number, _)| number)
        };
        let part = self.part.as_deref().and_then(&mut find);
        find(&self.line).or(part).unwrap_or(1)
    }
}

/// Finds the first line that the state's mode cannot have written, on any node. A node that is cleaned
/// up is asked to hold nothing at all.
pub(super) fn check(state: &NodeState) -> Result<(), Box<Stranger>> {
    if *state == NodeState::empty(state.mode()) {
        return Ok(());
    }
    match &state.proxy {
        ProxyState::Ipvs(own) => ipvs::written(state, own),
        ProxyState::Iptables(own) => iptables::written(state, own),
        ProxyState::Nftables(tables) => nftables::written(state, tables),
    }
}

/// Lists have to be equal: what is written of each, line by line.
pub(super) fn same_lines(
    kind: ArtefactKind,
    found: &[String],
    expected: &[String],
) -> Result<(), Box<Stranger>> {
    let mut expected = expected.iter();
    for line in found {
        match expected.next() {
            Some(own) if own == line => {}
            own => {
                let problem = own.map_or(NotWritten::Nothing, |own| {
                    NotWritten::Instead(own.as_str().into())
                });
                return Err(Box::new(Stranger::line(kind, line, problem)));
            }
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(own) => {
            let last = found.last().cloned().unwrap_or_default();
            let problem = NotWritten::Missing(own.as_str().into());
            Err(Box::new(Stranger::line(kind, last, problem)))
        }
    }
}
