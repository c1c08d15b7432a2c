//! Compiles Kubernetes Services into the packet rules of a node.

pub mod back;
pub mod bundle;
pub mod compile;
pub mod diag;
pub mod front;
pub mod ir;
pub mod lower;
pub mod model;
pub mod observed;
pub mod plan;
pub mod source;
pub mod source_map;
pub mod valid;
