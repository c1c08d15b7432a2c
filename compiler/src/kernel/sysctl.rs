//! Kernel settings under `/proc/sys`.

use std::fmt;

use super::lines::{LineError, numbered};
use super::text::Text;

closed_set! {
    /// A setting portolan may ask for.
    pub enum SysctlKey {
        /// Keep conntrack entries for IPVS connections: masquerading relies on it.
        VsConntrack = "net.ipv4.vs.conntrack",
        /// Do not reuse a closing connection's port for the same backend (kernels before 5.9).
        VsConnReuseMode = "net.ipv4.vs.conn_reuse_mode",
        /// Reset connections whose destination is gone.
        VsExpireNodestConn = "net.ipv4.vs.expire_nodest_conn",
        /// Forget the affinity of clients whose destination drains.
        VsExpireQuiescentTemplate = "net.ipv4.vs.expire_quiescent_template",
        /// Forward packets at all.
        IpForward = "net.ipv4.ip_forward",
        /// Answer ARP only on the interface that has the address.
        ArpIgnore = "net.ipv4.conf.all.arp_ignore",
        /// Use the best local address as ARP source.
        ArpAnnounce = "net.ipv4.conf.all.arp_announce",
        /// Let packets to 127.0.0.0/8 leave through the routing table.
        RouteLocalnet = "net.ipv4.conf.all.route_localnet",
    }
}

/// A setting and the value wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sysctl {
    /// Which setting, below /proc/sys.
    pub key: SysctlKey,
    /// The number that it is to have.
    pub value: u32,
}

impl fmt::Display for Sysctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key.as_str(), self.value)
    }
}

/// Writes settings as `sysctl -p` takes them, in the given order.
pub fn write(settings: &[Sysctl], text: &mut Text) {
    for setting in settings {
        text.line(&[], format_args!("{setting}"));
    }
}

/// A line that is no setting portolan may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SysctlProblem {
    /// No name and number.
    #[error("expected NAME=NUMBER")]
    Form,
    /// A setting that is not among [`SysctlKey::ALL`].
    #[error("expected one of the settings that portolan writes")]
    UnknownKey,
}

/// Reads what [`write()`] writes, in its order.
///
/// # Errors
/// Any other line.
pub fn read(text: &str) -> Result<Vec<Sysctl>, LineError<SysctlProblem>> {
    let setting = |line: &str| {
        let (name, value) = line.split_once('=').ok_or(SysctlProblem::Form)?;
        let key = name.trim().parse();
        let key = key.map_err(|_| SysctlProblem::UnknownKey)?;
        let value = value.trim().parse().map_err(|_| SysctlProblem::Form)?;
        Ok(Sysctl { key, value })
    };
    numbered(text)
        .map(|(number, line)| {
            setting(line).map_err(|problem| LineError {
                line: number,
                problem,
                text: line.into(),
            })
        })
        .collect()
}
