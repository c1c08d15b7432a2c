//! The dummy interface that holds the virtual servers' addresses, as `ip -batch` takes it.

use std::net::IpAddr;

use super::lines::{LineError, numbered};
use super::text::Text;
use crate::model::IpFamily;
use crate::model::address::parse_net;
use crate::source::Origins;

/// The interface; kube-proxy's name for it (`DefaultDummyDevice`).
pub const INTERFACE: &str = "kube-ipvs0";

/// Writes the interface and its addresses, each alone in its network, in the given order.
///
/// The link stays down: its addresses are local all the same, and taking a link up and down again
/// would lose the IPv6 ones.
pub fn write_addresses(addresses: &[(IpAddr, Origins)], text: &mut Text) {
    text.line(&[], format_args!("link add {INTERFACE} type dummy"));
    for (address, origins) in addresses {
        let prefix = IpFamily::of(*address).host_prefix();
        text.line(
            origins,
            format_args!("address add {address}/{prefix} dev {INTERFACE}"),
        );
    }
}

/// A line that [`write_addresses`] would not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressesProblem {
    /// Another command than those two of `ip`.
    #[error(
        "expected 'link add {INTERFACE} type dummy' or 'address add ADDRESS/32 dev {INTERFACE}' \
         (IPv6: /128)"
    )]
    Command,
}

/// Reads what [`write_addresses`] writes: the addresses, sorted.
///
/// # Errors
/// Any other line.
pub fn read_addresses(text: &str) -> Result<Vec<IpAddr>, LineError<AddressesProblem>> {
    let mut addresses = Vec::new();
    for (number, line) in numbered(text) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let address = match words[..] {
            ["link", "add", INTERFACE, "type", "dummy"] => continue,
            ["address", "add", net, "dev", INTERFACE] => parse_net(net)
                .ok()
                .filter(|net| net.prefix_len() == net.max_prefix_len()),
            _ => None,
        };
        let net = address.ok_or_else(|| LineError {
            line: number,
            problem: AddressesProblem::Command,
            text: line.into(),
        })?;
        addresses.push(net.addr());
    }
    addresses.sort_unstable();
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive() {
        let text = "link add kube-ipvs0 type dummy\n\
                    address add 10.96.0.1/32 dev kube-ipvs0\n\
                    address add fd00::1/128 dev kube-ipvs0\n";
        let addresses = read_addresses(text).unwrap();
        let mut again = Text::default();
        let with_origins: Vec<_> = addresses
            .into_iter()
            .map(|ip| (ip, Origins::new()))
            .collect();
        write_addresses(&with_origins, &mut again);
        assert_eq!(again.finish().0, text);
        assert!(read_addresses("address add 10.96.0.1/24 dev kube-ipvs0").is_err());
        assert!(read_addresses("address add 10.96.0.1/32 dev eth0").is_err());
    }
}
