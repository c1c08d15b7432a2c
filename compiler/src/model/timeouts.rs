//! IPVS' own timeouts (`IPVS_CMD_SET_CONFIG`).

use std::fmt;

/// Idle timeouts in seconds; 0 keeps what the kernel has (its own defaults are 900, 120, 300).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timeouts {
    /// TCP sessions.
    pub tcp: u32,
    /// TCP sessions after a FIN.
    pub tcp_fin: u32,
    /// UDP.
    pub udp: u32,
}

impl fmt::Display for Timeouts {
    /// As `ipvsadm --set` takes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.tcp, self.tcp_fin, self.udp)
    }
}
