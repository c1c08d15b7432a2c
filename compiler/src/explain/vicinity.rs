//! What is known of the node around the rules: which addresses are its own.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::ir::Program;
use crate::kernel::sysctl::SysctlKey;
use crate::mode::NodeState;
use crate::model::IpFamily;

/// The addresses of a node, loopback and what the proxy itself binds among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vicinity {
    addresses: BTreeSet<IpAddr>,
    /// What the node sends from, by family.
    primary: [IpAddr; 2],
    /// Whether 127.0.0.0/8 may leave and enter (`route_localnet`).
    routes_loopback: bool,
}

/// What routing does with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// It is for the node.
    Here,
    /// It is for others.
    Elsewhere,
    /// It cannot be what it says, and is dropped.
    Martian,
}

impl Vicinity {
    /// The node of a program, with what its mode binds.
    pub fn of(program: &Program, state: &NodeState) -> Self {
        let node = &program.node;
        let primary = IpFamily::ALL.map(|family| node.primary_address(family));
        let first = primary.into_iter().flatten();
        let own = first.filter(|address| node.addresses.contains(address));
        let addresses: Vec<IpAddr> = own.chain(node.addresses.iter().copied()).collect();
        Self::new(&addresses, state)
    }

    /// A node with these addresses, what it sends from first, with what its mode binds.
    pub fn new(addresses: &[IpAddr], state: &NodeState) -> Self {
        let primary = IpFamily::ALL.map(|family| {
            let mut usable = addresses.iter().filter(|address| {
                IpFamily::of(**address) == family && !address.is_loopback() && !link_local(address)
            });
            usable.next().copied().unwrap_or(loopback(family))
        });
        let bound = state.addresses().iter().map(|(address, _)| *address);
        Self {
            addresses: addresses.iter().copied().chain(bound).collect(),
            primary,
            routes_loopback: state
                .sysctls
                .iter()
                .any(|sysctl| sysctl.key == SysctlKey::RouteLocalnet && sysctl.value == 1),
        }
    }

    /// Whether an address is the node's.
    pub fn is_local(&self, address: IpAddr) -> bool {
        address.is_loopback() || self.addresses.contains(&address)
    }

    /// The address that routing gives to what the node sends.
    pub fn source_towards(&self, destination: IpAddr) -> IpAddr {
        if self.is_local(destination) {
            destination
        } else {
            self.primary(IpFamily::of(destination))
        }
    }

    pub(super) fn primary(&self, family: IpFamily) -> IpAddr {
        self.primary[family as usize]
    }

    /// Where routing takes a packet that came in. The kernel looks at the source of IPv4 only.
    pub(super) fn route_in(&self, source: IpAddr, destination: IpAddr) -> Route {
        let spoofed = source.is_ipv4() && self.is_local(source) && !source.is_loopback();
        let stray = (source.is_loopback() || destination.is_loopback()) && !self.routes_loopback;
        if spoofed || stray {
            Route::Martian
        } else if self.is_local(destination) {
            Route::Here
        } else {
            Route::Elsewhere
        }
    }
}

fn link_local(address: &IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.is_unicast_link_local())
}

fn loopback(family: IpFamily) -> IpAddr {
    match family {
        IpFamily::V4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpFamily::V6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
    }
}
