//! Session affinity.

/// Whether a client keeps its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Affinity {
    /// Every connection is balanced anew.
    None,
    /// Connections of one client address go to one endpoint, until it has been silent this long.
    ClientIp {
        /// Seconds, 1 to 86400.
        timeout: u32,
    },
}
