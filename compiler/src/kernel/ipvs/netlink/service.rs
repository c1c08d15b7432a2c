//! Attributes of a virtual server (`IPVS_SVC_ATTR_*`).

use netlink_packet_core::{DecodeError, parse_u32};

use super::attribute::{NetU16, Netmask, Value};
use super::byte_order::Order;
use super::stats::{Stats64Attr, StatsAttr};

attributes! {
    /// An attribute of a virtual server.
    ServiceAttr {
        /// Address family: 2 or 10.
        Af(u16) = 1,
        /// IP protocol number; not with a firewall mark.
        Protocol(u16) = 2,
        /// Address: IPv6, or IPv4 in the first four bytes; not with a firewall mark.
        Addr([u8; 16]) = 3,
        /// Port; not with a firewall mark.
        Port(NetU16) = 4,
        /// Firewall mark, in place of protocol, address and port.
        Fwmark(u32) = 5,
        /// Scheduler; in requests that only name the virtual server it is empty.
        SchedName(String) = 6,
        /// Persistence and the scheduler's own flags, with the bits that are meant.
        Flags(ServiceFlags) = 7,
        /// Seconds of silence after which a client may get another destination.
        Timeout(u32) = 8,
        /// Which clients count as one for persistence.
        Netmask(Netmask) = 9,
        /// Statistics of kernels before 4.2, still sent.
        Stats(Vec<StatsAttr>) = 10,
        /// Name of the persistence engine, such as `sip`; kube-proxy uses none.
        PeName(String) = 11,
        /// Statistics; not from kernels before 4.2.
        Stats64(Vec<Stats64Attr>) = 12,
    }
}

/// Flags and the mask that goes with them: `struct ip_vs_flags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceFlags {
    /// Values of the bits `IP_VS_SVC_F_*`.
    pub flags: u32,
    /// The bits that a request is about.
    pub mask: u32,
}

impl Value for ServiceFlags {
    fn len(&self) -> usize {
        8
    }

    fn emit(&self, buffer: &mut [u8]) {
        let (flags, mask) = buffer.split_at_mut(4);
        flags.copy_from_slice(&self.flags.to_ne_bytes());
        mask.copy_from_slice(&self.mask.to_ne_bytes());
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (flags, mask) = bytes.split_at(bytes.len().min(4));
        Ok(Self {
            flags: parse_u32(flags)?,
            mask: parse_u32(mask)?,
        })
    }

    fn turn(bytes: &mut [u8], _: Order) {
        for number in bytes.chunks_exact_mut(4) {
            number.reverse();
        }
    }
}
