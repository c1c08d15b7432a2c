//! Messages for people.

use std::fmt::{self, Display as _};
use std::net::{Ipv4Addr, SocketAddr};

use netlink_packet_core::Nla;

use super::reply::address;
use super::{
    DestAttr, FORWARD_MASK, HASHED, InfoAttr, IpvsAttr, IpvsAttrs, IpvsMessage, NetU16, Netmask,
    PERSISTENT, ServiceAttr,
};
use crate::model::{IpFamily, Protocol};

impl fmt::Display for IpvsMessage {
    /// `NEW_SERVICE  tcp 10.96.0.1:443 sched rr`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cmd.fmt(f)?;
        let attrs = match &self.attrs {
            IpvsAttrs::Common(attrs) => attrs,
            IpvsAttrs::Info(attrs) => return attrs.iter().try_for_each(|attr| info(attr, f)),
        };
        let mut service: &[ServiceAttr] = &[];
        for attr in attrs {
            match attr {
                IpvsAttr::Service(attrs) => {
                    service = attrs;
                    write!(f, "  {}", ServiceText(attrs))?;
                }
                IpvsAttr::Dest(attrs) => write!(f, " {}", DestinationText(service, attrs))?,
                IpvsAttr::TimeoutTcp(seconds) => write!(f, "  tcp {seconds}")?,
                IpvsAttr::TimeoutTcpFin(seconds) => write!(f, "  tcpfin {seconds}")?,
                IpvsAttr::TimeoutUdp(seconds) => write!(f, "  udp {seconds}")?,
                IpvsAttr::Other(other) => unknown(other, f)?,
            }
        }
        Ok(())
    }
}

fn info(attr: &InfoAttr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match attr {
        InfoAttr::Version(version) => {
            let [_, major, minor, patch] = version.to_be_bytes();
            write!(f, "  version {major}.{minor}.{patch}")
        }
        InfoAttr::ConnTabSize(size) => write!(f, "  connection table {size}"),
        InfoAttr::Other(other) => unknown(other, f),
    }
}

/// A virtual server: `tcp 10.96.0.1:443 sched rr persistent 10800`.
pub(super) struct ServiceText<'a>(pub(super) &'a [ServiceAttr]);

impl fmt::Display for ServiceText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut af, mut bytes, mut port, mut scheduler) = (0, None, 0, "");
        for attr in self.0 {
            match attr {
                ServiceAttr::Af(number) => af = *number,
                ServiceAttr::Protocol(number) => match Protocol::from_number(*number) {
                    Some(protocol) => write!(f, "{} ", protocol.lower())?,
                    None => write!(f, "protocol {number} ")?,
                },
                ServiceAttr::Addr(found) => bytes = Some(found),
                ServiceAttr::Port(NetU16(number)) => port = *number,
                ServiceAttr::SchedName(name) => scheduler = name,
                _ => {}
            }
        }
        if bytes.is_some() {
            endpoint(af, bytes, port, f)?;
        }
        let mut persistent = false;
        for attr in self.0 {
            match attr {
                ServiceAttr::Fwmark(mark) => {
                    write!(f, "fwmark {mark}")?;
                    if af == super::AF_INET6 {
                        f.write_str(" ipv6")?;
                    }
                }
                ServiceAttr::SchedName(name) if !name.is_empty() => {
                    write!(f, " sched {}", name.escape_debug())?;
                }
                ServiceAttr::Flags(found) => {
                    persistent = found.flags & PERSISTENT != 0;
                    flags(found.flags & !(PERSISTENT | HASHED), scheduler, f)?;
                }
                ServiceAttr::Timeout(seconds) if persistent => write!(f, " persistent {seconds}")?,
                ServiceAttr::Netmask(mask) => netmask(*mask, af, f)?,
                ServiceAttr::PeName(name) => write!(f, " pe {}", name.escape_debug())?,
                ServiceAttr::Other(other) => unknown(other, f)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Scheduler flags by the names that `ipvsadm` has for them.
fn flags(mut flags: u32, scheduler: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let hashes = matches!(scheduler, "mh" | "sh");
    for (bit, name) in [
        (0x4, "one-packet"),
        (0x8, if hashes { "fallback" } else { "flag-1" }),
        (0x10, if hashes { "port" } else { "flag-2" }),
        (0x20, "flag-3"),
    ] {
        if flags & bit == 0 {
            continue;
        }
        flags &= !bit;
        if hashes && bit & 0x18 != 0 {
            write!(f, " {scheduler}-{name}")?;
        } else {
            write!(f, " {name}")?;
        }
    }
    match flags {
        0 => Ok(()),
        rest => write!(f, " flags {rest:#x}"),
    }
}

fn netmask(mask: Netmask, af: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match af {
        super::AF_INET if mask != Netmask::host(IpFamily::V4) => {
            write!(f, " netmask {}", Ipv4Addr::from(mask.0))
        }
        super::AF_INET6 if mask != Netmask::host(IpFamily::V6) => {
            write!(f, " netmask {}", u32::from_ne_bytes(mask.0))
        }
        _ => Ok(()),
    }
}

/// A destination of a virtual server: `-> 10.0.0.5:6443 masq weight 1`.
pub(super) struct DestinationText<'a>(pub(super) &'a [ServiceAttr], pub(super) &'a [DestAttr]);

impl fmt::Display for DestinationText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(service, attrs) = self;
        let own = service.iter().find_map(|attr| match attr {
            ServiceAttr::Af(number) => Some(*number),
            _ => None,
        });
        let (mut af, mut bytes, mut port) = (own.unwrap_or_default(), None, 0);
        for attr in *attrs {
            match attr {
                DestAttr::AddrFamily(number) => af = *number,
                DestAttr::Addr(found) => bytes = Some(found),
                DestAttr::Port(NetU16(number)) => port = *number,
                _ => {}
            }
        }
        f.write_str("-> ")?;
        endpoint(af, bytes, port, f)?;
        for attr in *attrs {
            match attr {
                DestAttr::FwdMethod(method) => match method & FORWARD_MASK {
                    0 => f.write_str(" masq")?,
                    1 => f.write_str(" local")?,
                    2 => f.write_str(" tunnel")?,
                    3 => f.write_str(" route")?,
                    4 => f.write_str(" bypass")?,
                    other => write!(f, " forwarding {other}")?,
                },
                DestAttr::Weight(weight) => write!(f, " weight {weight}")?,
                DestAttr::UThresh(limit @ 1..) => write!(f, " upper threshold {limit}")?,
                DestAttr::LThresh(limit @ 1..) => write!(f, " lower threshold {limit}")?,
                DestAttr::TunType(1) => f.write_str(" gue")?,
                DestAttr::TunType(2) => f.write_str(" gre")?,
                DestAttr::TunType(other @ 3..) => write!(f, " tunnel type {other}")?,
                DestAttr::TunPort(NetU16(port @ 1..)) => write!(f, " tunnel port {port}")?,
                DestAttr::TunFlags(flags @ 1..) => write!(f, " tunnel flags {flags:#x}")?,
                DestAttr::Other(other) => unknown(other, f)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn endpoint(
    af: u16,
    bytes: Option<&[u8; 16]>,
    port: u16,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match address(af, bytes) {
        Ok(address) => SocketAddr::new(address, port).fmt(f),
        Err(reason) => write!(f, "(something that {reason})"),
    }
}

fn unknown(attr: &netlink_packet_core::DefaultNla, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let kind = attr.kind() & netlink_packet_core::NLA_TYPE_MASK;
    write!(f, " attribute {kind} of {} bytes", attr.value_len())
}
