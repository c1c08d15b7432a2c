//! Virtual servers with their destinations, and the timeouts of IPVS.

mod batch;
mod encoding;
mod fake;
mod reading;
mod text;

pub(crate) use batch::{IpvsBatch, batches};

use serde_json::{Map, Value};

use super::Change;
use super::reading::{Reading, StepState};
use crate::kernel::ipvs::{Connections, DestinationKey, VirtualServer};
use crate::model::{Timeouts, TransportAddress};
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::{Rank, by};
use crate::plan::render::{Heading, Services};
use crate::plan::{Delta, Durability, End, Interruption, Lines, Op};

/// A change of a virtual server, a destination or the timeouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpvsChange {
    /// The timeouts. Unknown ones are added.
    Timeouts(Delta<Timeouts>),
    /// A virtual server; one that comes or goes does so with its destinations, and one that is set
    /// in place keeps them.
    Server(TransportAddress, Delta<VirtualServer>),
    /// A virtual server of a kind that portolan never makes, with its destinations, under a key
    /// that is wanted or claimed.
    ForeignServer(TransportAddress, Delta<Lines>),
    /// A destination's weight.
    Destination(DestinationKey, Delta<u32>),
}

/// A virtual server, a destination or the timeouts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) enum Object {
    Timeouts,
    Server(TransportAddress),
    ForeignServer(TransportAddress),
    Destination(DestinationKey),
}

impl IpvsChange {
    /// The virtual server that it is about; timeouts are of all.
    pub(crate) fn server(&self) -> Option<TransportAddress> {
        match self {
            Self::Timeouts(_) => None,
            Self::Server(key, _) | Self::ForeignServer(key, _) => Some(*key),
            Self::Destination(key, _) => Some(key.server),
        }
    }

    /// How many connections it ends, where those of all its destinations were counted.
    pub(in crate::plan) fn ends(&self, counts: &Connections) -> Option<u64> {
        match self {
            Self::Destination(key, _) => counts.get(key).copied(),
            Self::Server(server, delta) => {
                let destinations = delta.before().map(|has| &has.destinations);
                let key = |address, port| DestinationKey {
                    server: *server,
                    address,
                    port,
                };
                let known = destinations.into_iter().flatten();
                // Nothing is known of one without destinations: it may have had some.
                known
                    .map(|one| counts.get(&key(one.address, one.port)).copied())
                    .reduce(|sum, one| Some(sum? + one?))
                    .flatten()
            }
            Self::Timeouts(_) | Self::ForeignServer(..) => None,
        }
    }
}

impl Change for IpvsChange {
    type Object = Object;

    fn op(&self) -> Op {
        match self {
            Self::Timeouts(delta) => delta.op(),
            Self::Server(_, delta) => delta.op(),
            Self::ForeignServer(_, delta) => delta.op(),
            Self::Destination(_, delta) => delta.op(),
        }
    }

    fn inverse(&self) -> Self {
        match self {
            Self::Timeouts(delta) => Self::Timeouts(delta.inverse()),
            Self::Server(key, delta) => Self::Server(*key, delta.inverse()),
            Self::ForeignServer(key, delta) => Self::ForeignServer(*key, delta.inverse()),
            Self::Destination(key, delta) => Self::Destination(*key, delta.inverse()),
        }
    }

    fn object(&self) -> Option<Object> {
        Some(match self {
            Self::Timeouts(_) => Object::Timeouts,
            Self::Server(key, _) => Object::Server(*key),
            Self::ForeignServer(key, _) => Object::ForeignServer(*key),
            Self::Destination(key, _) => Object::Destination(*key),
        })
    }

    fn rank(&self, durability: Durability) -> Rank {
        match self {
            Self::Timeouts(_) => Rank::Settings,
            Self::Destination(_, Delta::Change { to: 0, .. }) => Rank::Drains,
            _ if durability == Durability::Transitional => Rank::Drains,
            Self::Server(_, delta) => by(delta, Rank::Servers, Rank::OldServers),
            Self::ForeignServer(_, delta) => by(delta, Rank::Servers, Rank::OldServers),
            Self::Destination(_, delta) => by(delta, Rank::Servers, Rank::OldServers),
        }
    }

    fn step_state(&self, node: &Reading<'_>) -> StepState {
        reading::step_state(self, node)
    }

    fn towards(&self, node: &Reading<'_>, end: End) -> Vec<Self> {
        reading::towards(self, node, end)
    }

    fn execute(&self, node: &mut Observed) -> Result<(), Refused> {
        let servers = &mut node.ipvs;
        match self {
            Self::Timeouts(delta) => {
                node.timeouts = delta.after().copied();
                Ok(())
            }
            Self::Server(key, delta) => fake::server(servers, *key, delta),
            Self::ForeignServer(key, delta) => fake::foreign_server(servers, *key, delta),
            Self::Destination(key, delta) => fake::destination(servers, key, delta),
        }
    }

    fn removal_interrupts(&self) -> Interruption {
        match self {
            Self::Server(key, Delta::Remove(has)) if !has.destinations.is_empty() => {
                Interruption::Connections {
                    protocol: key.protocol,
                    count: None,
                }
            }
            _ => Interruption::None,
        }
    }

    fn heading(&self, services: &Services) -> Heading {
        let server = self.server();
        server.map_or(Heading::Node, |key| services.frontend(&key))
    }

    fn name(&self) -> String {
        match self {
            Self::Timeouts(_) => "the timeouts of IPVS".to_owned(),
            Self::Server(key, _) | Self::ForeignServer(key, _) => format!("virtual server {key}"),
            Self::Destination(key, _) => format!("destination {key}"),
        }
    }

    fn line(&self) -> (&'static str, String) {
        text::line(self)
    }

    fn encode(&self) -> Map<String, Value> {
        encoding::encode(self)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        encoding::decode(kind, value)
    }
}
