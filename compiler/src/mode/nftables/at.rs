//! Where clients reach a frontend, and which keys of which sets that makes.

use std::net::SocketAddr;

use crate::kernel::nftables::{FoundBy, Key, NodePortKey, SetName, Table, Value};
use crate::model::ByAddress;

/// Where clients reach a frontend.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Address(ByAddress),
    NodePort(NodePortKey),
}

impl At {
    pub(super) fn key(self) -> Key {
        match self {
            Self::Address(key) => Key::Frontend(key),
            Self::NodePort(key) => Key::NodePort(key),
        }
    }

    /// The key of one of its endpoints.
    pub(super) fn slot(self, slot: u32) -> Key {
        match self {
            Self::Address(key) => Key::FrontendSlot(key, slot),
            Self::NodePort(key) => Key::NodePortSlot(key, slot),
        }
    }

    pub(super) fn place(self) -> FoundBy {
        match self {
            Self::Address(_) => FoundBy::Address,
            Self::NodePort(_) => FoundBy::NodePort,
        }
    }

    /// Of the set for addresses and the one for node ports, the one it belongs to.
    pub(super) fn of(self, address: SetName, node_port: SetName) -> SetName {
        match self {
            Self::Address(_) => address,
            Self::NodePort(_) => node_port,
        }
    }

    /// Its endpoints in a map of them.
    pub(super) fn pool(self, table: &Table, map: SetName) -> impl Iterator<Item = SocketAddr> {
        let endpoints = table.sets.get(&map);
        (0..).map_while(move |slot| match endpoints?.get(&self.slot(slot))?.value {
            Some(Value::Endpoint(endpoint)) => Some(endpoint),
            _ => None,
        })
    }
}
