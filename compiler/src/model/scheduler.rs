//! IPVS schedulers.

closed_set! {
    /// A scheduler of the kernel (`net/netfilter/ipvs/ip_vs_*.c`).
    pub enum Scheduler {
        /// Round robin.
        Rr = "rr",
        /// Weighted round robin.
        Wrr = "wrr",
        /// Least connections.
        Lc = "lc",
        /// Weighted least connections.
        Wlc = "wlc",
        /// Locality-based least connections.
        Lblc = "lblc",
        /// Locality-based least connections with replication.
        Lblcr = "lblcr",
        /// Destination hashing.
        Dh = "dh",
        /// Source hashing.
        Sh = "sh",
        /// Shortest expected delay.
        Sed = "sed",
        /// Never queue.
        Nq = "nq",
        /// Weighted failover.
        Fo = "fo",
        /// Weighted overflow.
        Ovf = "ovf",
        /// Maglev hashing.
        Mh = "mh",
    }
}

impl Scheduler {
    /// The flag that kube-proxy always sets with it.
    pub fn flag(self) -> Option<SchedulerFlag> {
        (self == Self::Mh).then_some(SchedulerFlag::MhPort)
    }
}

closed_set! {
    /// A flag of virtual servers that means something to their scheduler alone.
    pub enum SchedulerFlag {
        /// The source port is hashed too.
        MhPort = "mh-port",
    }
}
