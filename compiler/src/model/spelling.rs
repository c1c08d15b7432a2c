//! Addresses and ranges as objects of a cluster hold them, read as kube-proxy reads them.
//!
//! The API has kept every spelling that it ever took: numbers with leading zeros, which are decimal,
//! IPv4 in IPv6 form, which is that IPv4, and IPv6 in any length. Source: `ParseIPSloppy` and
//! `ParseCIDRSloppy` of `k8s.io/utils/net`.

use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::address::AddressError;

/// What was read, and what is odd about how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) odd: Option<Odd>,
}

/// What is odd about a spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// Some readers take such numbers as octal.
    LeadingZeros,
    /// `::ffff:10.0.0.1`: IPv4 to some readers, IPv6 to others.
    Mapped,
    /// IPv6, not as RFC 5952 writes it.
    Long,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LeadingZeros => "has leading zeros, which some readers take as octal",
            Self::Mapped => "is an IPv4 address in IPv6 form",
            Self::Long => "is not the usual form of an IPv6 address",
        })
    }
}

/// Reads an address.
///
/// # Errors
/// Text that is none to kube-proxy either.
pub(super) fn ip(text: &str) -> Result<Read<IpAddr>, AddressError> {
    if text.contains('%') {
        return Err(AddressError::Zone);
    }
    if !text.contains(':') {
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Ok(Read {
                value: IpAddr::V4(address),
                odd: None,
            });
        }
        let address = decimal(text).ok_or(AddressError::NotAnAddress)?;
        return Ok(Read {
            value: IpAddr::V4(address),
            odd: Some(Odd::LeadingZeros),
        });
    }
    let address = hexadecimal(text).ok_or(AddressError::NotAnAddress)?;
    Ok(match address.to_ipv4_mapped() {
        Some(address) => Read {
            value: IpAddr::V4(address),
            odd: Some(Odd::Mapped),
        },
        None => Read {
            value: IpAddr::V6(address),
            odd: (!is_canonical(address, text)).then_some(Odd::Long),
        },
    })
}

/// Reads a range; host bits are kept.
///
/// # Errors
/// Text that is none to kube-proxy either.
pub(super) fn net(text: &str) -> Result<Read<IpNet>, AddressError> {
    let not_a_range = AddressError::NotARange;
    let (address, prefix) = text.split_once('/').ok_or(not_a_range)?;
    let length = number(prefix).ok_or(not_a_range)?;
    let Read { value, mut odd } = ip(address).map_err(|error| match error {
        AddressError::NotAnAddress => not_a_range,
        other => other,
    })?;
    let (value, length) = match (value, odd) {
        // The prefix is one of IPv6: what lies beyond the mapped addresses is none of IPv4.
        (IpAddr::V4(address), Some(Odd::Mapped)) => match length.checked_sub(96) {
            Some(length) => (value, length),
            None => (IpAddr::V6(address.to_ipv6_mapped()), length),
        },
        _ => (value, length),
    };
    if odd.is_none() && prefix.len() > 1 && prefix.starts_with('0') {
        odd = Some(Odd::LeadingZeros);
    }
    let value = IpNet::new(value, length).map_err(|_| not_a_range)?;
    Ok(Read { value, odd })
}

/// IPv4 with any number of leading zeros.
fn decimal(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = number(parts.next()?)?;
    }
    parts.next().is_none().then(|| octets.into())
}

fn number(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then_some(())?;
    match text.trim_start_matches('0') {
        "" => Some(0),
        significant => significant.parse().ok(),
    }
}

/// IPv6 in any form: groups with leading zeros, the last two as IPv4.
fn hexadecimal(text: &str) -> Option<Ipv6Addr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let mut plain = String::with_capacity(text.len());
    for (at, group) in text.split(':').enumerate() {
        if at > 0 {
            plain.push(':');
        }
        if group.contains('.') {
            write!(plain, "{}", decimal(group)?).ok()?;
        } else if group.len() > 4 {
            let significant = group.trim_start_matches('0');
            plain.push_str(if significant.is_empty() {
                "0"
            } else {
                significant
            });
        } else {
            plain.push_str(group);
        }
    }
    plain.parse().ok()
}

/// Whether a text is how an address is written: compared without making another text.
fn is_canonical(address: Ipv6Addr, text: &str) -> bool {
    struct Compare<'t>(&'t str);

    impl Write for Compare<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut rest = Compare(text);
    write!(rest, "{address}").is_ok() && rest.0.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_kube_proxy_reads_them() {
        let odd = |text, odd| Ok((text, Some(odd)));
        for (text, expected) in [
            ("10.96.0.1", Ok(("10.96.0.1", None))),
            ("fd00::1", Ok(("fd00::1", None))),
            ("::", Ok(("::", None))),
            ("198.051.100.040", odd("198.51.100.40", Odd::LeadingZeros)),
            ("0000010.0.0.08", odd("10.0.0.8", Odd::LeadingZeros)),
            ("::ffff:10.0.0.1", odd("10.0.0.1", Odd::Mapped)),
            ("::FFFF:010.0.0.1", odd("10.0.0.1", Odd::Mapped)),
            ("::ffff:a00:1", odd("10.0.0.1", Odd::Mapped)),
            ("FD00::1", odd("fd00::1", Odd::Long)),
            ("fd00:0:0:0:0:0:0:1", odd("fd00::1", Odd::Long)),
            ("fd00::0001", odd("fd00::1", Odd::Long)),
            ("fd00::00001", odd("fd00::1", Odd::Long)),
            ("64:ff9b::192.0.2.1", odd("64:ff9b::c000:201", Odd::Long)),
            ("fe80::1%eth0", Err(AddressError::Zone)),
            ("10.0.0.0256", Err(AddressError::NotAnAddress)),
            ("10.0.0", Err(AddressError::NotAnAddress)),
            ("0x10.0.0.1", Err(AddressError::NotAnAddress)),
            ("+10.0.0.1", Err(AddressError::NotAnAddress)),
            (" 10.0.0.1", Err(AddressError::NotAnAddress)),
            ("fd00::10001", Err(AddressError::NotAnAddress)),
            ("", Err(AddressError::NotAnAddress)),
        ] {
            let read = ip(text).map(|read| (read.value.to_string(), read.odd));
            let expected = expected.map(|(text, odd)| (text.to_owned(), odd));
            assert_eq!(read, expected, "{text}");
        }
    }

    #[test]
    fn ranges_are_read_as_kube_proxy_reads_them() {
        let odd = |text, odd| Ok((text, Some(odd)));
        for (text, expected) in [
            ("10.0.0.0/8", Ok(("10.0.0.0/8", None))),
            ("10.1.2.3/8", Ok(("10.1.2.3/8", None))),
            ("::/0", Ok(("::/0", None))),
            ("10.0.0.0/08", odd("10.0.0.0/8", Odd::LeadingZeros)),
            ("10.0.0.0/00", odd("10.0.0.0/0", Odd::LeadingZeros)),
            ("010.0.0.0/8", odd("10.0.0.0/8", Odd::LeadingZeros)),
            ("::ffff:10.0.0.0/104", odd("10.0.0.0/8", Odd::Mapped)),
            ("::ffff:10.0.0.0/64", odd("::ffff:10.0.0.0/64", Odd::Mapped)),
            ("FD00::/56", odd("fd00::/56", Odd::Long)),
            ("10.0.0.0", Err(AddressError::NotARange)),
            ("10.0.0.0/", Err(AddressError::NotARange)),
            ("10.0.0.0/33", Err(AddressError::NotARange)),
            ("10.0.0.0/999", Err(AddressError::NotARange)),
            ("10.0.0.0/9999", Err(AddressError::NotARange)),
            ("10.0.0.0/+8", Err(AddressError::NotARange)),
            ("fe80::1%eth0/64", Err(AddressError::Zone)),
        ] {
            let read = net(text).map(|read| (read.value.to_string(), read.odd));
            let expected = expected.map(|(text, odd)| (text.to_owned(), odd));
            assert_eq!(read, expected, "{text}");
        }
    }
}
