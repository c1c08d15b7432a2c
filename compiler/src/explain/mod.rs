//! What becomes of a packet on a node, read off the rules it was compiled to: the kernel without a
//! kernel.
//!
//! A [`Flow`] is the first packet of a connection, or an echo request. [`explain`] takes it through
//! the hooks in the kernel's order, rule by rule, and follows every trace it may take: where a rule is
//! of chance, where a client may have been here before, where something about the packet is not known.
//! Only what was compiled is looked at: other software's rules, the network, and whether an endpoint
//! is alive are not. What follows on an untranslated packet is plain routing.
//!
//! The result is an [`Explanation`]: [`Hop`]s, shared as far as traces are the same, and a [`Branch`]
//! for each of the ends. A [`Prediction`] is what a client and an endpoint can notice of it.

mod answer;
mod error;
mod ipset;
mod iptables;
mod ipvs;
mod kernel;
mod lost;
mod merge_branches;
mod named;
mod nftables;
mod packet;
mod path;
mod prediction;
pub mod render;
mod vicinity;
mod walk;

pub use error::ExplainError;
pub use lost::lost_answers;
pub use named::{Asked, NamedPort, PortWord, Unserved};
pub use packet::{Arrival, Asks, Destination, Flow, NotADestination};
pub use path::{
    Assumption, Branch, Effect, Evidence, Explanation, Hook, Hop, KernelPlace, Share, Source,
    StepId, Verdict,
};
pub use prediction::{Fate, Prediction};
pub use vicinity::Vicinity;

use crate::mode::NodeState;

/// Follows the first packet of a connection, or an echo request, through what a node keeps.
///
/// # Errors
/// Rules that no kernel would hold, which only a compiled folder that somebody changed can have.
pub fn explain(
    state: &NodeState,
    vicinity: &Vicinity,
    flow: &Flow,
) -> Result<Explanation, ExplainError> {
    let _span = tracing::trace_span!("explain").entered();
    kernel::Kernel::new(state, vicinity, flow).explain()
}
