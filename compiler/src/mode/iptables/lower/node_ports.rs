//! Which addresses serve node ports (`pkg/proxy/util/nodeport_addresses.go`).

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

use crate::ir::{Node, NodePortScope, Program};
use crate::kernel::iptables::build::{comment, goto, rule};
use crate::kernel::iptables::{AddrType, Match, Negation, Rule};
use crate::mode::iptables::Options;
use crate::mode::kube_chain::KubeChain;
use crate::model::IpFamily;
use crate::model::config::LocalhostNodePorts;

/// Where node ports are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// On every address of the node that the family's loopback rule leaves.
    All,
    /// On these, sorted.
    Addresses(Vec<IpAddr>),
}

/// Where node ports of a family are served.
pub(crate) fn scope(node: &Node, localhost: LocalhostNodePorts, family: IpFamily) -> Scope {
    let NodePortScope::Ranges(ranges) = node.node_port_scope(family) else {
        return Scope::All;
    };
    let own = node.addresses.iter().copied();
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut addresses: Vec<IpAddr> = own.filter(|address| ranges.contains(*address)).collect();
    if family == IpFamily::V4 && localhost == LocalhostNodePorts::Yes && ranges.contains(loopback) {
        addresses.push(loopback);
    }
    addresses.sort_unstable();
    Scope::Addresses(addresses)
}

/// Whether 127.0.0.1 serves node ports; `::1` never does. kube-proxy takes any range within
/// 127.0.0.0/8 for a wish that it does.
pub(crate) fn serves_loopback(node: &Node, options: Options, family: IpFamily) -> bool {
    let asked = match node.node_port_scope(family) {
        NodePortScope::Default | NodePortScope::All => true,
        NodePortScope::Ranges(ranges) => {
            let mut networks = ranges.iter().map(IpNet::network);
            ranges.contains(IpAddr::V4(Ipv4Addr::LOCALHOST))
                || networks.any(|network| network.is_loopback())
        }
    };
    family == IpFamily::V4 && options.localhost_node_ports == LocalhostNodePorts::Yes && asked
}

/// The rules at the end of KUBE-SERVICES that lead to the node ports.
pub(super) fn jumps(program: &Program, options: Options, family: IpFamily) -> Vec<Rule> {
    let why =
        || comment("kubernetes service nodeports; NOTE: this must be the last rule in this chain");
    let to = || goto(KubeChain::NodePorts);
    match scope(&program.node, options.localhost_node_ports, family) {
        Scope::All => {
            let loopback = match family {
                IpFamily::V4 if serves_loopback(&program.node, options, family) => None,
                IpFamily::V4 | IpFamily::V6 => Some(family.loopback()),
            };
            let but = loopback.map(|net| Match::Destination(Negation::Not, net));
            let mut matches: Vec<Match> = but.into_iter().collect();
            matches.extend([why(), Match::DestinationType(Negation::Is, AddrType::Local)]);
            vec![rule(matches, to())]
        }
        Scope::Addresses(addresses) => addresses
            .into_iter()
            .map(|address| {
                let address = Match::Destination(Negation::Is, IpNet::from(address));
                rule([address, why()], to())
            })
            .collect(),
    }
}
