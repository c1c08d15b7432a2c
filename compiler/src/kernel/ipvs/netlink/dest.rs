//! Attributes of a destination (`IPVS_DEST_ATTR_*`).

use super::attribute::NetU16;
use super::stats::{Stats64Attr, StatsAttr};

attributes! {
    /// An attribute of a destination.
    DestAttr {
        /// Address: IPv6, or IPv4 in the first four bytes.
        Addr([u8; 16]) = 1,
        /// Port of the destination, in network order.
        Port(NetU16) = 2,
        /// `IP_VS_CONN_F_*` bits of the forwarding method.
        FwdMethod(u32) = 3,
        /// Weight; the kernel refuses negative ones.
        Weight(i32) = 4,
        /// Connections above which it gets no more; 0 for no limit.
        UThresh(u32) = 5,
        /// Connections below which it gets some again.
        LThresh(u32) = 6,
        /// Active connections; replies only.
        ActiveConns(u32) = 7,
        /// Inactive connections; replies only.
        InactConns(u32) = 8,
        /// Clients bound to it by persistence; replies only.
        PersistConns(u32) = 9,
        /// Statistics of kernels before 4.2, still sent.
        Stats(Vec<StatsAttr>) = 10,
        /// Address family; without it, that of the virtual server (kernels before 3.18).
        AddrFamily(u16) = 11,
        /// Statistics; not from kernels before 4.2.
        Stats64(Vec<Stats64Attr>) = 12,
        /// Kind of tunnel: IPIP 0, GUE 1, GRE 2; kernels from 5.3.
        TunType(u8) = 13,
        /// Port of a GUE tunnel.
        TunPort(NetU16) = 14,
        /// Flags of a tunnel.
        TunFlags(u16) = 15,
    }
}
