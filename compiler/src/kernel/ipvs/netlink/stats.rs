//! Statistics (`IPVS_STATS_ATTR_*`), in two widths. Rates are per second, averaged by the kernel.

attributes! {
    /// A statistic as kernels before 4.2 count: mostly 32 bits.
    StatsAttr {
        /// Connections that were scheduled.
        Conns(u32) = 1,
        /// Packets from clients.
        InPkts(u32) = 2,
        /// Packets to clients.
        OutPkts(u32) = 3,
        /// Bytes from clients.
        InBytes(u64) = 4,
        /// Bytes to clients.
        OutBytes(u64) = 5,
        /// Connections per second.
        Cps(u32) = 6,
        /// Packets per second from clients.
        InPps(u32) = 7,
        /// Packets per second to clients.
        OutPps(u32) = 8,
        /// Bytes per second from clients.
        InBps(u32) = 9,
        /// Bytes per second to clients.
        OutBps(u32) = 10,
    }
}

attributes! {
    /// A statistic as kernels from 4.2 count: 64 bits.
    Stats64Attr {
        /// Connections that were scheduled.
        Conns(u64) = 1,
        /// Packets from clients.
        InPkts(u64) = 2,
        /// Packets to clients.
        OutPkts(u64) = 3,
        /// Bytes from clients.
        InBytes(u64) = 4,
        /// Bytes to clients.
        OutBytes(u64) = 5,
        /// Connections per second.
        Cps(u64) = 6,
        /// Packets per second from clients.
        InPps(u64) = 7,
        /// Packets per second to clients.
        OutPps(u64) = 8,
        /// Bytes per second from clients.
        InBps(u64) = 9,
        /// Bytes per second to clients.
        OutBps(u64) = 10,
    }
}
