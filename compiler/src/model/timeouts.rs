//! IPVS' own timeouts (`IPVS_CMD_SET_CONFIG`).

use std::fmt;
use std::str::FromStr;

/// Idle timeouts in seconds; 0 keeps what the kernel has (its own defaults are 900, 120, 300).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timeouts {
    /// TCP sessions that are open.
    pub tcp: u32,
    /// TCP sessions after a FIN.
    pub tcp_fin: u32,
    /// UDP flows, since their last packet.
    pub udp: u32,
}

impl fmt::Display for Timeouts {
    /// As `ipvsadm --set` takes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.tcp, self.tcp_fin, self.udp)
    }
}

/// Text that is no timeouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected three numbers of seconds: tcp, tcpfin, udp")]
pub struct NotTimeouts;

impl FromStr for Timeouts {
    type Err = NotTimeouts;

    /// Reads them as `ipvsadm --set` takes them.
    fn from_str(text: &str) -> Result<Self, NotTimeouts> {
        let numbers: Vec<u32> = text
            .split_ascii_whitespace()
            .map(|word| word.parse().map_err(|_| NotTimeouts))
            .collect::<Result<_, _>>()?;
        match numbers[..] {
            [tcp, tcp_fin, udp] => Ok(Self { tcp, tcp_fin, udp }),
            _ => Err(NotTimeouts),
        }
    }
}
