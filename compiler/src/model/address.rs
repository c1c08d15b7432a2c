//! Addresses and ranges, read so strictly that no two readers can disagree.
//!
//! Parsers disagree on leading zeros, IPv4-mapped addresses, zone ids and host bits
//! (CVE-2021-29923, KEP-4858); what is ambiguous is refused here, and only canonical text is
//! ever written (RFC 5952 for IPv6). What objects of a cluster hold is read by `model::spelling`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

closed_set! {
    /// An address family. Ordered as portolan writes them: IPv4, then IPv6.
    pub enum IpFamily {
        /// Addresses of 32 bits.
        V4 = "IPv4",
        /// Addresses of 128 bits.
        V6 = "IPv6",
    }
}

impl IpFamily {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::V4
        } else {
            Self::V6
        }
    }

    /// The family of a range.
    pub fn of_net(net: IpNet) -> Self {
        Self::of(net.addr())
    }

    /// The range of loopback addresses (RFC 1122, RFC 4291).
    pub fn loopback(self) -> IpNet {
        match self {
            Self::V4 => IpNet::new_assert(Ipv4Addr::new(127, 0, 0, 0).into(), 8),
            Self::V6 => IpNet::new_assert(Ipv6Addr::LOCALHOST.into(), 128),
        }
    }

    /// The range of all addresses.
    pub fn everything(self) -> IpNet {
        match self {
            Self::V4 => IpNet::new_assert(Ipv4Addr::UNSPECIFIED.into(), 0),
            Self::V6 => IpNet::new_assert(Ipv6Addr::UNSPECIFIED.into(), 0),
        }
    }

    /// The prefix length of a single address.
    pub fn host_prefix(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

/// What is special about an address that nothing behind a Service may have.
///
/// Source: `ValidateNonSpecialIP` of `pkg/apis/core/validation`, for all but the last; the kernel
/// neither routes to those nor takes them for its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// `0.0.0.0` or `::`.
    Unspecified,
    /// `127.0.0.0/8` or `::1`.
    Loopback,
    /// `169.254.169.254`: link-local, and the cloud's metadata service.
    Metadata,
    /// `169.254.0.0/16` or `fe80::/10`.
    LinkLocal,
    /// `224.0.0.0/4` or `ff00::/8`.
    Multicast,
}

impl Special {
    /// What is special about an address, if anything is.
    pub fn of(address: IpAddr) -> Option<Self> {
        let link_local = match address {
            IpAddr::V4(v4) => v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        };
        if address.is_unspecified() {
            Some(Self::Unspecified)
        } else if address.is_loopback() {
            Some(Self::Loopback)
        } else if address == IpAddr::from([169, 254, 169, 254]) {
            Some(Self::Metadata)
        } else if link_local {
            Some(Self::LinkLocal)
        } else if address.is_multicast() {
            Some(Self::Multicast)
        } else {
            None
        }
    }
}

impl fmt::Display for Special {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "the unspecified address",
            Self::Loopback => "a loopback address of the node",
            Self::Metadata => "the cloud's metadata service, a link-local address",
            Self::LinkLocal => "a link-local address",
            Self::Multicast => "a multicast address",
        })
    }
}

/// Why text is not accepted as an address or a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is neither IPv4 nor IPv6.
    #[error("is not an IP address")]
    NotAnAddress,
    /// It is no range in CIDR notation.
    #[error("is not an address range in CIDR notation")]
    NotARange,
    /// Some readers take such numbers as octal.
    #[error("has leading zeros, which some readers take as octal")]
    LeadingZeros,
    /// `::ffff:10.0.0.1`: IPv4 to some readers, IPv6 to others.
    #[error("is an IPv4 address in IPv6 form")]
    Mapped,
    /// `fe80::1%eth0`: means something else on every machine.
    #[error("has a zone id")]
    Zone,
}

impl AddressError {
    /// Whether the text is an address to some readers, only not the same one to all.
    pub fn is_ambiguous(self) -> bool {
        matches!(self, Self::LeadingZeros | Self::Mapped | Self::Zone)
    }
}

/// Reads an address.
///
/// # Errors
/// Text that is no address, or an ambiguous one.
pub fn parse_ip(text: &str) -> Result<IpAddr, AddressError> {
    if text.contains('%') {
        return Err(AddressError::Zone);
    }
    if text.contains(':') {
        let address: Ipv6Addr = text.parse().map_err(|_| AddressError::NotAnAddress)?;
        if address.to_ipv4_mapped().is_some() {
            return Err(AddressError::Mapped);
        }
        return Ok(IpAddr::V6(address));
    }
    match text.parse::<Ipv4Addr>() {
        Ok(address) => Ok(IpAddr::V4(address)),
        Err(_) if leading_zeros(text) => Err(AddressError::LeadingZeros),
        Err(_) => Err(AddressError::NotAnAddress),
    }
}

/// Reads a range; host bits are kept, see [`IpNet::trunc`].
///
/// # Errors
/// Text that is no range, or an ambiguous one.
pub fn parse_net(text: &str) -> Result<IpNet, AddressError> {
    let (address, prefix) = text.split_once('/').ok_or(AddressError::NotARange)?;
    let address = parse_ip(address).map_err(|error| match error {
        AddressError::NotAnAddress => AddressError::NotARange,
        other => other,
    })?;
    if prefix.is_empty() || prefix.len() > 3 || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AddressError::NotARange);
    }
    if prefix.len() > 1 && prefix.starts_with('0') {
        return Err(AddressError::LeadingZeros);
    }
    let prefix = prefix.parse().map_err(|_| AddressError::NotARange)?;
    IpNet::new(address, prefix).map_err(|_| AddressError::NotARange)
}

fn leading_zeros(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        && parts
            .iter()
            .any(|part| part.len() > 1 && part.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_known() {
        for (text, expected) in [
            ("0.0.0.0", Some(Special::Unspecified)),
            ("::", Some(Special::Unspecified)),
            ("127.8.0.1", Some(Special::Loopback)),
            ("::1", Some(Special::Loopback)),
            ("169.254.169.254", Some(Special::Metadata)),
            ("169.254.0.1", Some(Special::LinkLocal)),
            ("fe80::1", Some(Special::LinkLocal)),
            ("febf::1", Some(Special::LinkLocal)),
            ("224.0.0.1", Some(Special::Multicast)),
            ("239.255.255.255", Some(Special::Multicast)),
            ("ff02::1", Some(Special::Multicast)),
            ("ff0e::1", Some(Special::Multicast)),
            ("10.0.0.1", None),
            ("192.0.2.1", None),
            ("255.255.255.255", None),
            ("fec0::1", None),
            ("fd00::1", None),
        ] {
            assert_eq!(Special::of(parse_ip(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn addresses_are_read_in_one_way_only() {
        for (text, expected) in [
            ("10.96.0.1", Ok("10.96.0.1")),
            ("fd00::1", Ok("fd00::1")),
            ("FD00:0:0::0001", Ok("fd00::1")),
            ("::", Ok("::")),
            ("010.96.0.1", Err(AddressError::LeadingZeros)),
            ("10.96.0.01", Err(AddressError::LeadingZeros)),
            ("::ffff:10.0.0.1", Err(AddressError::Mapped)),
            ("::ffff:a00:1", Err(AddressError::Mapped)),
            ("fe80::1%eth0", Err(AddressError::Zone)),
            ("10.0.0", Err(AddressError::NotAnAddress)),
            ("10.0.0.256", Err(AddressError::NotAnAddress)),
            (" 10.0.0.1", Err(AddressError::NotAnAddress)),
            ("", Err(AddressError::NotAnAddress)),
            ("example.com", Err(AddressError::NotAnAddress)),
        ] {
            assert_eq!(
                parse_ip(text).map(|ip| ip.to_string()),
                expected.map(str::to_owned),
                "{text}"
            );
        }
    }

    #[test]
    fn ranges_are_read_in_one_way_only() {
        for (text, expected) in [
            ("10.0.0.0/8", Ok("10.0.0.0/8")),
            ("10.1.2.3/8", Ok("10.1.2.3/8")),
            ("::/0", Ok("::/0")),
            ("10.0.0.0", Err(AddressError::NotARange)),
            ("10.0.0.0/", Err(AddressError::NotARange)),
            ("10.0.0.0/33", Err(AddressError::NotARange)),
            ("10.0.0.0/08", Err(AddressError::LeadingZeros)),
            ("10.0.0.0/+8", Err(AddressError::NotARange)),
            ("::ffff:10.0.0.0/104", Err(AddressError::Mapped)),
        ] {
            assert_eq!(
                parse_net(text).map(|net| net.to_string()),
                expected.map(str::to_owned),
                "{text}"
            );
        }
    }
}
