//! Compiles Kubernetes Services into the packet rules of a node.

pub mod diag;
pub mod front;
pub mod source;
