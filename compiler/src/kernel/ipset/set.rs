//! Sets and entries.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::kernel::safe_name::SafeName;
use crate::model::{ByAddress, IpFamily};
use crate::source::Origins;

/// How the names of sets begin that are made to take another's place.
pub const TEMPORARY_SET: &str = "portolan-swap-";

/// Name of a set. The longest is `IPSET_MAXNAMELEN` less the final NUL.
pub type SetName = SafeName<31>;

closed_set! {
    /// The types kube-proxy uses.
    pub enum SetType {
        /// Addresses, as KUBE-IPVS-IPS has them.
        HashIp = "hash:ip",
        /// Addresses with protocol and port.
        HashIpPort = "hash:ip,port",
        /// Addresses with protocol and port, and a second address.
        HashIpPortIp = "hash:ip,port,ip",
        /// Addresses with protocol and port, and a range.
        HashIpPortNet = "hash:ip,port,net",
        /// Ports, whatever the address or protocol.
        BitmapPort = "bitmap:port",
    }
}

/// What a set is created with. `hashsize` is left out of comparisons by [`SetHeader::same_set`]: the
/// kernel grows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetHeader {
    /// A hash of addresses.
    Hash {
        /// One of the hash types.
        set_type: SetType,
        /// Family of its addresses.
        family: IpFamily,
        /// Initial number of buckets.
        hashsize: u32,
        /// Most entries it takes.
        maxelem: u32,
    },
    /// A bitmap of ports.
    Bitmap {
        /// Lowest port, included.
        from: u16,
        /// Highest port, included.
        to: u16,
    },
}

impl SetHeader {
    /// kube-proxy's header for a set of this type and family (`pkg/proxy/ipvs/ipset.go`).
    pub fn kube_proxy(set_type: SetType, family: IpFamily) -> Self {
        match set_type {
            SetType::BitmapPort => Self::Bitmap { from: 0, to: 65535 },
            _ => Self::Hash {
                set_type,
                family,
                hashsize: 1024,
                maxelem: 65536,
            },
        }
    }

    /// The set's type.
    pub fn set_type(self) -> SetType {
        match self {
            Self::Hash { set_type, .. } => set_type,
            Self::Bitmap { .. } => SetType::BitmapPort,
        }
    }

    /// Whether the kernel lets sets of the two take each other's place (`ip_set_swap`): hash tables of
    /// one type and family do, whatever their sizes.
    pub fn swaps_with(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Hash {
                    set_type, family, ..
                },
                Self::Hash {
                    set_type: t,
                    family: f,
                    ..
                },
            ) => (set_type, family) == (t, f),
            _ => false,
        }
    }

    /// Whether a set with the other header is as good as one with this.
    pub fn same_set(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Hash {
                    set_type,
                    family,
                    maxelem,
                    hashsize: _,
                },
                Self::Hash {
                    set_type: t,
                    family: f,
                    maxelem: m,
                    hashsize: _,
                },
            ) => (set_type, family, maxelem) == (t, f, m),
            (Self::Bitmap { .. }, Self::Bitmap { .. }) => self == other,
            _ => false,
        }
    }
}

impl fmt::Display for SetHeader {
    /// The header as `ipset save` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hash {
                set_type,
                family,
                hashsize,
                maxelem,
            } => {
                let family = match family {
                    IpFamily::V4 => "inet",
                    IpFamily::V6 => "inet6",
                };
                write!(
                    f,
                    "{} family {family} hashsize {hashsize} maxelem {maxelem}",
                    set_type.as_str()
                )
            }
            Self::Bitmap { from, to } => {
                write!(f, "{} range {from}-{to}", SetType::BitmapPort.as_str())
            }
        }
    }
}

/// An entry. Ordered numerically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// Of a `hash:ip`.
    Ip(IpAddr),
    /// Of a `hash:ip,port`.
    IpPort(ByAddress),
    /// Of a `hash:ip,port,ip`.
    IpPortIp(ByAddress, IpAddr),
    /// Of a `hash:ip,port,net`. A range of one address is written without its prefix length, as
    /// `ipset save` prints it.
    IpPortNet(ByAddress, IpNet),
    /// Of a `bitmap:port`. Port 0 exists in such sets; Services never have it.
    Port(u16),
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::IpPort(key) => port(key, f),
            Self::IpPortIp(key, address) => {
                port(key, f)?;
                write!(f, ",{address}")
            }
            Self::IpPortNet(key, net) => {
                port(key, f)?;
                if net.prefix_len() == net.max_prefix_len() {
                    write!(f, ",{}", net.addr())
                } else {
                    write!(f, ",{net}")
                }
            }
            Self::Port(port) => port.fmt(f),
        }
    }
}

/// An address with protocol and port, as ipset writes them: `10.96.0.1,tcp:443`.
fn port(ByAddress(key): &ByAddress, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{},{}:{}", key.address, key.protocol.lower(), key.port)
}

/// A set and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// Name of the set, by which rules ask it.
    pub name: SetName,
    /// Type and size, which a set keeps as long as it exists.
    pub header: SetHeader,
    /// Entries, sorted, each once, with where they come from (nothing for an observed set).
    pub entries: Vec<(Entry, Origins)>,
}
