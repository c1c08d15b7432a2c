//! What sets say of a packet.

use std::net::IpAddr;

use super::ExplainError;
use super::packet::{Asks, Packet};
use super::path::Evidence;
use crate::kernel::ipset::{Entry, Set, SetName, SetType};
use crate::kernel::iptables::SetDirection;
use crate::model::{ByAddress, Protocol, TransportAddress};

/// The entry of a set that a packet matches, if there is one.
pub(super) fn lookup(
    sets: &[Set],
    name: &SetName,
    direction: SetDirection,
    packet: &Packet,
) -> Result<Option<Evidence>, ExplainError> {
    let set = sets.iter().find(|set| set.name == *name);
    let set = set.ok_or_else(|| ExplainError::NoSet(name.to_string()))?;
    let found = entry(set, direction, packet);
    Ok(found.map(|(entry, origins)| Evidence {
        set: name.to_string(),
        entry: entry.to_string(),
        origins: origins.clone(),
    }))
}

fn entry<'a>(
    set: &'a Set,
    direction: SetDirection,
    packet: &Packet,
) -> Option<&'a (Entry, crate::source::Origins)> {
    let destination = packet.to.address;
    // The first address; of the second there is only the source.
    let address = match direction {
        SetDirection::Dst | SetDirection::DstDst | SetDirection::DstDstSrc => destination,
        SetDirection::SrcDst => packet.source,
    };
    // An echo is looked up by type and code, which no entry has.
    let asked = match packet.to.asks {
        Asks::Port(protocol, port) => Some(ByAddress(TransportAddress {
            address,
            protocol,
            port,
        })),
        Asks::Echo => None,
    };
    let exactly = |entry: Entry| {
        let found = set.entries.binary_search_by(|(one, _)| one.cmp(&entry));
        found.ok().map(|at| &set.entries[at])
    };
    match set.header.set_type() {
        SetType::HashIp => exactly(Entry::Ip(address)),
        // The kernel finds no other protocol's ports in it (`ip_set_get_ip_port`).
        SetType::BitmapPort => {
            let asked = asked.filter(|one| one.protocol != Protocol::Sctp)?;
            exactly(Entry::Port(asked.port.get()))
        }
        SetType::HashIpPort => exactly(Entry::IpPort(asked?)),
        SetType::HashIpPortIp => exactly(Entry::IpPortIp(asked?, packet.source)),
        SetType::HashIpPortNet => within(set, asked?, packet.source),
    }
}

/// The narrowest range that an address lies in, as the kernel finds it.
fn within(set: &Set, key: ByAddress, source: IpAddr) -> Option<&(Entry, crate::source::Origins)> {
    let entries = set.entries.iter();
    entries
        .filter_map(|one| match one.0 {
            Entry::IpPortNet(of, net) if of == key && net.contains(&source) => {
                Some((net.prefix_len(), one))
            }
            _ => None,
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, one)| one)
}
