//! Other software's virtual servers as `ipvsadm -Sn` 1.31 prints them, so that what was read over
//! netlink can be written down as a capture, and `ipvsadm -R` takes it.
//!
//! Thresholds of destinations are told too, though `ipvsadm -S` leaves them out.

use std::fmt::{self, Display as _};
use std::net::{Ipv4Addr, SocketAddr};

use super::reply::address;
use super::{AF_INET, AF_INET6, DestAttr, FORWARD_MASK, NetU16, Netmask, PERSISTENT, ServiceAttr};
use crate::kernel::ipvs::write::service_option;
use crate::model::{IpFamily, Protocol};

/// `IP_VS_SVC_F_ONEPACKET`: every packet is a connection.
const ONE_PACKET: u32 = 0x4;
/// `IP_VS_SVC_F_SCHED1` to `3`, which each scheduler uses as it likes.
const SCHEDULER_FLAGS: [u32; 3] = [0x8, 0x10, 0x20];

/// A virtual server: `-A -t 10.96.0.1:443 -s rr -p 300 -o`.
pub(super) struct SavedService<'a>(pub(super) &'a [ServiceAttr]);

impl fmt::Display for SavedService<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut scheduler, mut flags, mut timeout) = ("", 0, 0);
        let (mut mask, mut engine) = (None, None);
        for attr in self.0 {
            match attr {
                ServiceAttr::SchedName(name) => scheduler = name,
                ServiceAttr::Flags(found) => flags = found.flags,
                ServiceAttr::Timeout(seconds) => timeout = *seconds,
                ServiceAttr::Netmask(found) => mask = Some(*found),
                ServiceAttr::PeName(name) => engine = Some(name),
                _ => {}
            }
        }
        f.write_str("-A ")?;
        name(self.0, f)?;
        write!(f, " -s {}", scheduler.escape_debug())?;
        if flags & PERSISTENT != 0 {
            write!(f, " -p {timeout}")?;
            netmask(family(self.0), mask, f)?;
        }
        if let Some(engine) = engine {
            write!(f, " --pe {}", engine.escape_debug())?;
        }
        if flags & ONE_PACKET != 0 {
            f.write_str(" -o")?;
        }
        scheduler_flags(scheduler, flags, f)
    }
}

/// A destination of a virtual server: `-a -t 10.96.0.1:443 -r 10.0.0.5:6443 -g -w 1`.
pub(super) struct SavedDestination<'a>(pub(super) &'a [ServiceAttr], pub(super) &'a [DestAttr]);

impl fmt::Display for SavedDestination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(service, attrs) = self;
        let (mut af, mut bytes, mut port) = (family(service), None, 0);
        let (mut method, mut weight, mut upper, mut lower) = (0, 0, 0, 0);
        let (mut kind, mut tunnel_port, mut tunnel_flags) = (0, 0, 0);
        for attr in *attrs {
            match attr {
                DestAttr::AddrFamily(number) => af = *number,
                DestAttr::Addr(found) => bytes = Some(found),
                DestAttr::Port(NetU16(number)) => port = *number,
                DestAttr::FwdMethod(found) => method = found & FORWARD_MASK,
                DestAttr::Weight(found) => weight = *found,
                DestAttr::UThresh(found) => upper = *found,
                DestAttr::LThresh(found) => lower = *found,
                DestAttr::TunType(found) => kind = *found,
                DestAttr::TunPort(NetU16(number)) => tunnel_port = *number,
                DestAttr::TunFlags(found) => tunnel_flags = *found,
                _ => {}
            }
        }
        f.write_str("-a ")?;
        name(service, f)?;
        f.write_str(" -r ")?;
        endpoint(af, bytes, port, f)?;
        // A destination on this machine has no option of its own: the kernel finds out by itself.
        f.write_str(match method {
            0 => " -m",
            2 => " -i",
            _ => " -g",
        })?;
        write!(f, " -w {weight}")?;
        if upper != 0 {
            write!(f, " -x {upper}")?;
        }
        if lower != 0 {
            write!(f, " -y {lower}")?;
        }
        match method {
            2 => tunnel(kind, tunnel_port, tunnel_flags, f),
            _ => Ok(()),
        }
    }
}

/// `--tun-type gue --tun-port 6080 --tun-nocsum`.
fn tunnel(kind: u8, port: u16, flags: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match kind {
        0 => return f.write_str(" --tun-type ipip"),
        1 => write!(f, " --tun-type gue --tun-port {port}")?,
        2 => f.write_str(" --tun-type gre")?,
        other => return write!(f, " --tun-type {other}"),
    }
    f.write_str(match flags {
        0 => " --tun-nocsum",
        1 => " --tun-csum",
        _ => " --tun-remcsum",
    })
}

/// `-t 10.96.0.1:443`, `-f 42 -6`.
fn name(attrs: &[ServiceAttr], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut bytes, mut port, mut protocol) = (None, 0, 0);
    for attr in attrs {
        match attr {
            ServiceAttr::Fwmark(mark) => {
                write!(f, "-f {mark}")?;
                return match family(attrs) {
                    AF_INET6 => f.write_str(" -6"),
                    _ => Ok(()),
                };
            }
            ServiceAttr::Protocol(number) => protocol = *number,
            ServiceAttr::Addr(found) => bytes = Some(found),
            ServiceAttr::Port(NetU16(number)) => port = *number,
            _ => {}
        }
    }
    match Protocol::from_number(protocol) {
        Some(protocol) => write!(f, "{} ", service_option(protocol))?,
        // No option of `ipvsadm` stands for it.
        None => write!(f, "--protocol-{protocol}-service ")?,
    }
    endpoint(family(attrs), bytes, port, f)
}

fn family(attrs: &[ServiceAttr]) -> u16 {
    let number = attrs.iter().find_map(|attr| match attr {
        ServiceAttr::Af(number) => Some(*number),
        _ => None,
    });
    number.unwrap_or_default()
}

fn endpoint(
    af: u16,
    bytes: Option<&[u8; 16]>,
    port: u16,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match address(af, bytes) {
        Ok(address) => SocketAddr::new(address, port).fmt(f),
        Err(_) => f.write_str("?"),
    }
}

fn netmask(af: u16, mask: Option<Netmask>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (af, mask) {
        (AF_INET, Some(mask)) if mask != Netmask::host(IpFamily::V4) => {
            write!(f, " -M {}", Ipv4Addr::from(mask.0))
        }
        (AF_INET6, Some(mask)) if mask != Netmask::host(IpFamily::V6) => {
            write!(f, " -M {}", u32::from_ne_bytes(mask.0))
        }
        _ => Ok(()),
    }
}

/// Writes flags as ipvsadm names them: ` -b sh-fallback,sh-port`.
fn scheduler_flags(scheduler: &str, flags: u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let names = match scheduler {
        "sh" => ["sh-fallback", "sh-port", "flag-3"],
        "mh" => ["mh-fallback", "mh-port", "flag-3"],
        _ => ["flag-1", "flag-2", "flag-3"],
    };
    let mut separator = " -b ";
    for (bit, name) in SCHEDULER_FLAGS.into_iter().zip(names) {
        if flags & bit != 0 {
            write!(f, "{separator}{name}")?;
            separator = ",";
        }
    }
    Ok(())
}
