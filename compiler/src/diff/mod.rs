//! What changes from one state of a cluster's nodes to another, and for whom.
//!
//! [`NodeView`] is what the users of Services notice of one node: where each is reachable, from where,
//! and who answers. It is made of what a node keeps, asked for or found, so that manifests, compiled
//! folders and captures compare with each other; what only manifests know, such as names, is added to
//! it and otherwise left open. [`service`] tells two views apart, and [`treatment`] what their clients
//! meet. [`KernelView`] is the same node
//! object by object. What several nodes have in common is told once, by [`Gathered`].
//!
//! [`render`] prints either, and [`graph`] draws views.

pub mod declared;
mod gathered;
pub mod graph;
pub mod kernel;
mod mode_difference;
mod release;
pub mod render;
pub mod service;
pub mod treatment;
mod view;

pub use declared::Declarations;
pub use gathered::{Gathered, Group};
pub use kernel::KernelView;
pub use mode_difference::{ModeDifference, ModeDifferences};
pub use release::{About, Mirrored, ReleaseChange};
pub use view::{
    Balancing, Frontend, Listener, ListenerKind, NodeView, Owner, PortLabel, Reach, SourceRanges,
    Subject, Tables,
};
