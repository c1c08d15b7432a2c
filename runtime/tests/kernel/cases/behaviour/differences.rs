//! What is allowed to differ between mode iptables and the others, and why. `docs/modes.md` has the
//! same list in the same words.

use portolan_compiler::model::Mode;

use super::clusters::Cluster;
use super::compare::Pair;

/// A difference that is meant to be there.
#[derive(Debug)]
pub(super) struct Difference {
    /// The mode that differs from mode iptables.
    pub(super) other: Mode,
    /// What differs, as the page says it.
    pub(super) what: &'static str,
    /// Why, as the page says it.
    pub(super) why: &'static str,
    /// A cluster in which it is to be seen.
    pub(super) shown_by: Cluster,
    /// Whether it is this.
    is: fn(&Pair<'_>) -> bool,
}

impl Difference {
    pub(super) const ALL: &'static [Self] = &[];

    /// Whether the two outcomes differ by it.
    pub(super) fn explains(&self, pair: &Pair<'_>) -> bool {
        self.other == pair.other && (self.is)(pair)
    }
}
