//! Compiles Kubernetes Services into the packet rules of a node.

pub mod back;
pub mod bundle;
pub mod compile;
pub mod diag;
pub mod front;
pub mod model;
pub mod source;
pub mod source_map;
