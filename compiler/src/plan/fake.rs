//! A node in memory that follows the kernel's rules: what exists does not come twice, what is
//! missing cannot be changed, what is named or jumped to cannot go.
//!
//! Tests carry out plans on it, and so can whoever wants to know where a plan leads without a node.

use super::{Delta, Step};
use crate::observed::Observed;

/// Why the kernel would refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refused {
    /// `EEXIST`: an object of the name or key is there.
    #[error("it exists already")]
    Exists,
    /// `ESRCH`, `ENOENT`, `ENODEV`, `EADDRNOTAVAIL`.
    #[error("it does not exist")]
    Missing,
    /// `EBUSY`, and ipset's own word for it.
    #[error("a rule names it or leads into it")]
    InUse,
    /// A rule names a set that does not exist.
    #[error("a rule names a set that does not exist")]
    NoSet,
    /// A rule leads into a chain that does not exist.
    #[error("a rule leads into a chain that does not exist")]
    NoChain,
    /// An entry that the set's type or family does not take.
    #[error("the set does not take such an entry")]
    WrongType,
    /// A rule number that the chain does not have, or another rule there.
    #[error("the chain has no such rule there")]
    RuleNumber,
    /// Text of another tool that makes no sense.
    #[error("it is not in the words of its tool")]
    Words,
}

/// Carries out one step.
///
/// # Errors
/// With what the kernel would say.
pub fn execute(node: &mut Observed, step: &Step) -> Result<(), Refused> {
    step.subject.execute(node)
}

/// Carries out steps in order.
///
/// # Errors
/// With the first step that the kernel would refuse, by its index.
pub fn execute_all<'a>(
    node: &mut Observed,
    steps: impl IntoIterator<Item = &'a Step>,
) -> Result<(), (usize, Refused)> {
    steps
        .into_iter()
        .enumerate()
        .try_for_each(|(at, step)| execute(node, step).map_err(|refused| (at, refused)))
}

/// Puts an object into a sorted list, or takes it out.
pub(super) fn toggle<T: Ord>(
    list: &mut Vec<T>,
    object: T,
    delta: &Delta<()>,
) -> Result<(), Refused> {
    match (list.binary_search(&object), delta) {
        (Err(at), Delta::Add(())) => list.insert(at, object),
        (Ok(at), Delta::Remove(())) => drop(list.remove(at)),
        (Ok(_), Delta::Add(())) => return Err(Refused::Exists),
        (Err(_), Delta::Remove(())) => return Err(Refused::Missing),
        (_, Delta::Change { .. }) => {}
    }
    Ok(())
}
