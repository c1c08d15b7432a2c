//! Names of sets, maps and chains: nothing but what these types express, so that rules cannot lead
//! nowhere.

mod chain;
mod memory;
mod set;

pub use chain::{Balance, ChainName, FoundBy, Pool};
pub use memory::{Memory, PortName};
pub use set::{DataShape, KeyShape, SetName};

/// Name of the table, in each family.
pub const TABLE: &str = "portolan";
