//! What tells local pods' traffic, and which addresses serve node ports.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::ir::{LocalTraffic, Node, NodePortScope};
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::{Expression, Match, SetName};
use crate::model::IpFamily;

/// What local pods send, or what they do not; `None` where they cannot be told apart.
pub(super) fn sent_by(local: &LocalTraffic, not: Negation) -> Option<Match> {
    /// Longest name of an interface: no other starts so.
    const LONGEST: usize = 15;
    Some(match local {
        LocalTraffic::Unknown => return None,
        LocalTraffic::Source(net) => Match::Source(not, *net),
        LocalTraffic::Interface(name) => Match::InInterface(not, name.clone()),
        LocalTraffic::InterfacePrefix(name) if name.as_str().len() == LONGEST => {
            Match::InInterface(not, name.clone())
        }
        LocalTraffic::InterfacePrefix(name) => Match::InInterfacePrefix(not, name.clone()),
    })
}

/// Where node ports are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// On every address of the node but loopback.
    All,
    /// On these alone; with none, no node port is served.
    Addresses(BTreeSet<IpAddr>),
}

/// Where node ports of a family are served: by default, at the node's primary address.
pub(crate) fn scope(node: &Node, family: IpFamily) -> Scope {
    let own = node.addresses.iter().copied();
    let of_family = own.filter(|address| IpFamily::of(*address) == family);
    Scope::Addresses(match node.node_port_scope(family) {
        NodePortScope::All => return Scope::All,
        NodePortScope::Default => {
            let primary = node.primary_address(family);
            of_family
                .filter(|address| Some(*address) == primary)
                .collect()
        }
        NodePortScope::Ranges(ranges) => of_family
            .filter(|address| ranges.contains(*address))
            .collect(),
    })
}

/// What is sent to the addresses that serve node ports.
pub(super) fn to_node_ports(scope: &Scope) -> Vec<Match> {
    match scope {
        Scope::All => vec![Match::ToNode, Match::NotToLoopback],
        Scope::Addresses(_) => vec![Match::InSet(
            Expression::Destination,
            Negation::Is,
            SetName::NodePortIps,
        )],
    }
}
