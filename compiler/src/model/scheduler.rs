//! IPVS schedulers.

closed_set! {
    /// A scheduler of the kernel (`net/netfilter/ipvs/ip_vs_*.c`).
    pub enum Scheduler {
        /// Round robin: destinations in turn.
        Rr = "rr",
        /// Weighted round robin.
        Wrr = "wrr",
        /// Least connections: the destination with the fewest.
        Lc = "lc",
        /// Weighted least connections.
        Wlc = "wlc",
        /// Locality-based least connections.
        Lblc = "lblc",
        /// Locality-based least connections with replication.
        Lblcr = "lblcr",
        /// Destination hashing: by the address that is connected to.
        Dh = "dh",
        /// Source hashing: by the client's address.
        Sh = "sh",
        /// Shortest expected delay.
        Sed = "sed",
        /// Never queue: an idle destination, or else the shortest expected delay.
        Nq = "nq",
        /// Weighted failover: the heaviest destination that works.
        Fo = "fo",
        /// Weighted overflow: the heaviest destination that has fewer connections than its weight.
        Ovf = "ovf",
        /// Maglev hashing: a client's connections stay where they are when other destinations go.
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
