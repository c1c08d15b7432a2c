//! Who has which address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use portolan_compiler::model::IpFamily;

/// A node of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    /// The case's own namespace.
    A,
    /// The other one.
    B,
}

impl Node {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::A => "node-a",
            Self::B => "node-b",
        }
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
        }
    }

    /// Its address among the nodes.
    pub(crate) fn address(self, family: IpFamily) -> IpAddr {
        outer(family, self.number())
    }

    /// Its address towards its pods.
    pub(crate) fn gateway(self, family: IpFamily) -> IpAddr {
        inner(family, self.number(), 1)
    }
}

/// An address of the network between the nodes.
fn outer(family: IpFamily, host: u8) -> IpAddr {
    match family {
        IpFamily::V4 => Ipv4Addr::new(192, 168, 2, host).into(),
        IpFamily::V6 => Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, host.into()).into(),
    }
}

/// The nodes' way to everywhere else, which there is not.
pub(super) fn upstream(family: IpFamily) -> IpAddr {
    outer(family, 254)
}

/// An address of a node's pods.
pub(super) fn inner(family: IpFamily, node: u8, host: u8) -> IpAddr {
    match family {
        IpFamily::V4 => Ipv4Addr::new(10, 244, node, host).into(),
        IpFamily::V6 => Ipv6Addr::new(0xfd00, 0x244, node.into(), 0, 0, 0, 0, host.into()).into(),
    }
}

/// A client outside of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    One,
    Other,
}

impl Client {
    pub(crate) const ALL: [Self; 2] = [Self::One, Self::Other];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::One => "client",
            Self::Other => "other-client",
        }
    }

    pub(crate) fn address(self, family: IpFamily) -> IpAddr {
        let host = match self {
            Self::One => 10,
            Self::Other => 11,
        };
        outer(family, host)
    }
}
