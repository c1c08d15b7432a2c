//! Other software that programs Services.

use std::fmt;
use std::net::SocketAddr;

/// A sign of a running kube-proxy. Its chain KUBE-PROXY-CANARY is none: kubelet and kube-proxy leave
/// it behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunningProxy {
    /// A process of that name.
    Process {
        /// Its number (`/proc/<pid>`).
        pid: u32,
        /// Its command line's first words.
        command: String,
    },
    /// An answer on the port of kube-proxy's health check (`healthzBindAddress`, 10256). The process
    /// may be out of sight, in another PID namespace; replacements of kube-proxy answer there too.
    HealthPort(SocketAddr),
}

impl fmt::Display for RunningProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process { pid, command } => write!(f, "process {pid} ({command})"),
            Self::HealthPort(address) => write!(f, "an answer to health checks on {address}"),
        }
    }
}
