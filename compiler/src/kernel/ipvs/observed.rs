//! Virtual servers as they were found, other software's among them.

use super::VirtualServer;
use crate::model::TransportAddress;

/// The virtual servers of a node or a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Virtual servers that our types hold in full, in the order they were found, destinations
    /// sorted.
    pub servers: Vec<VirtualServer>,
    /// All others, in the order they were found.
    pub foreign: Vec<Foreign>,
}

/// A virtual server that uses what our types do not know, itself or in a destination: firewall
/// marks, other forwarding than masquerading, thresholds, scheduler flags, netmasks, names for
/// numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// What identifies it, where our types can say so: a desired virtual server of the same key
    /// has to replace it.
    pub key: Option<TransportAddress>,
    /// The virtual server and its destinations, as they were found.
    pub lines: Vec<Box<str>>,
}
