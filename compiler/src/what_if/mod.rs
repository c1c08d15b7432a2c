//! What becomes of Services if nodes or Pods go: the cluster as it is, compared with the cluster as it
//! would be.
//!
//! A [`Question`] says what happens. [`after`](Situation::after) makes the cluster *then* of the cluster
//! *now*: it changes endpoints and takes lost nodes away, and nothing else. From there on everything is
//! what it is for any two states: endpoints are chosen by [`crate::lower`], the difference is told by
//! [`crate::diff`]. [`Impact`] adds what is asked of a maintenance window: which Services nobody answers
//! any more, where traffic policy Local leaves nobody, where hints stop deciding, and who gets which
//! share of the connections.
//!
//! Both clusters are narrowed to the Services whose endpoints change; nothing that is asked here
//! depends on any other. So [`Rows`] asks the same question of a thousand nodes, one at a time, by the
//! Services that have endpoints there.
//!
//! # What is modelled
//!
//! - A *lost* node is one that the cluster has found to be gone: its Pods are not ready, so they are out
//!   of every `EndpointSlice`, but for Services with `publishNotReadyAddresses`, which go on sending to
//!   them in vain. The node's kube-proxy is gone with it. (Source: the node lifecycle controller sets
//!   `Ready` to false on the Pods of a node that is not ready; `k8s.io/endpointslice` reads that.) What
//!   clients meet before that, for about 40 seconds, is no rule's doing.
//! - A *drained* node is as `kubectl drain` leaves it: evicted Pods are
//!   gone, those of `DaemonSet`s and mirror Pods stay, and kube-proxy goes on. Who reboots it after that
//!   loses it.
//! - Evicted and lost Pods are gone, or with [`Evicted::Placed`] run elsewhere by the rule of
//!   `placement`; that is not the scheduler's.
//! - A workload that is *scaled* is so before nodes go.

mod addresses;
mod change;
mod each;
mod event;
mod hinted;
mod impact;
mod placement;
pub mod render;
mod scale;
mod situation;
#[cfg(test)]
mod tests;
mod then;

pub use each::{Happens, Row, Rows, Unit, Units};
pub use event::{Evicted, Question, Target, TargetError, Unknown};
pub use impact::{Fallback, Impact, LocalLoss, Loss, PortShares, Scope, Share, Surge, Withdrawal};
pub use situation::Situation;
pub use then::{Counts, Then};
