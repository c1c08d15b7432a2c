//! kube-ipvs0 and its addresses.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::Change;
use super::encoding::{delta, entry, line};
use super::reading::{Reading, StepState, values, way};
use crate::kernel::dummy::INTERFACE;
use crate::model::address::parse_ip;
use crate::observed::{Dummy, Observed};
use crate::plan::fake::{Refused, toggle};
use crate::plan::order::{Rank, by};
use crate::plan::render::{Heading, Services};
use crate::plan::{Delta, Durability, End, Op};

/// A change of kube-ipvs0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DummyChange {
    /// The interface itself, without addresses.
    Interface(Delta<()>),
    /// An address of it.
    Address(IpAddr, Delta<()>),
}

/// The interface, or an address of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Object {
    Interface,
    Address(IpAddr),
}

/// A request to make or take away the interface, or an address of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DummyRequest {
    /// Make the link, of type dummy; it stays down.
    AddLink,
    /// Delete the link, with what addresses it still has.
    RemoveLink,
    /// Add an address, alone in its network.
    AddAddress(IpAddr),
    /// Remove an address.
    RemoveAddress(IpAddr),
}

impl DummyChange {
    /// What the kernel is asked for.
    pub(crate) fn batch(&self) -> DummyRequest {
        match self {
            Self::Interface(Delta::Remove(())) => DummyRequest::RemoveLink,
            Self::Interface(Delta::Add(()) | Delta::Change { .. }) => DummyRequest::AddLink,
            Self::Address(address, Delta::Remove(())) => DummyRequest::RemoveAddress(*address),
            Self::Address(address, Delta::Add(()) | Delta::Change { .. }) => {
                DummyRequest::AddAddress(*address)
            }
        }
    }

    fn delta(&self) -> &Delta<()> {
        match self {
            Self::Interface(delta) | Self::Address(_, delta) => delta,
        }
    }

    fn with(&self, delta: Delta<()>) -> Self {
        match self {
            Self::Interface(_) => Self::Interface(delta),
            Self::Address(address, _) => Self::Address(*address, delta),
        }
    }

    fn found(&self, node: &Observed) -> Option<()> {
        match self {
            Self::Interface(_) => node.dummy != Dummy::Absent,
            Self::Address(address, _) => node.dummy.addresses().binary_search(address).is_ok(),
        }
        .then_some(())
    }
}

impl Change for DummyChange {
    type Object = Object;

    fn op(&self) -> Op {
        self.delta().op()
    }

    fn inverse(&self) -> Self {
        self.with(self.delta().inverse())
    }

    fn object(&self) -> Option<Object> {
        Some(match self {
            Self::Interface(_) => Object::Interface,
            Self::Address(address, _) => Object::Address(*address),
        })
    }

    fn rank(&self, _: Durability) -> Rank {
        match self {
            Self::Interface(delta) => by(delta, Rank::Settings, Rank::OldSettings),
            Self::Address(_, delta) => by(delta, Rank::Addresses, Rank::OldAddresses),
        }
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        values(self.found(node.now).as_ref(), self.delta())
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        let way = way(self.found(node.now), self.delta(), end);
        way.map(|delta| self.with(delta)).into_iter().collect()
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        match self {
            Self::Interface(delta) => {
                node.dummy = match (&node.dummy, delta) {
                    (Dummy::Absent, Delta::Add(())) => Dummy::Present(Vec::new()),
                    (Dummy::Present(_), Delta::Remove(())) => Dummy::Absent,
                    (Dummy::Present(_), _) => return Err(Refused::Exists),
                    (Dummy::Absent, _) => return Err(Refused::Missing),
                };
                Ok(())
            }
            Self::Address(address, delta) => match &mut node.dummy {
                Dummy::Absent => Err(Refused::Missing),
                Dummy::Present(addresses) => toggle(addresses, *address, delta),
            },
        }
    }

    fn heading(&self, services: &Services) -> Heading {
        match self {
            Self::Interface(_) => Heading::Node,
            Self::Address(address, _) => services.address(*address),
        }
    }

    fn name(&self) -> String {
        self.line().1
    }

    fn line(&self) -> (&'static str, String) {
        match self {
            Self::Interface(_) => ("interface", format!("interface {INTERFACE}")),
            Self::Address(address, _) => ("address", format!("address {address} on {INTERFACE}")),
        }
    }

    fn encode(&self) -> Map<String, Value> {
        match self {
            Self::Interface(delta) => entry("interface", Value::Null, delta),
            Self::Address(address, delta) => entry("address", json!(address), delta),
        }
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        match kind {
            "interface" => Ok(Self::Interface(delta(value)?)),
            "address" => {
                let address = line(&value["object"]).and_then(|text| parse_ip(text).ok());
                Ok(Self::Address(address.ok_or("object")?, delta(value)?))
            }
            _ => Err("kind"),
        }
    }
}
