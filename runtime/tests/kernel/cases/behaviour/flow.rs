//! A flow: one sender and what it asks for.

use std::fmt;

use portolan_compiler::model::IpFamily;
use portolan_compiler::model::service::TrafficPolicy;

use crate::bed::{Client, Sample, Target};

/// So many requests that none of three backends, drawn by lot, is missed in a million runs.
const REQUESTS: u32 = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Client(Client),
    Pod(&'static str),
    Node,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// What the frontend offers.
    Frontend,
    /// Every frontend of a Service, one after the other.
    EveryFrontend,
    /// Another port of the frontend's address.
    OtherPort,
    /// The frontend's port by a transport that the Service does not have.
    OtherTransport,
    /// The Service's node port on the frontend's own address.
    NodePortThere,
    /// The node port at an address of the node that is not its primary one.
    NodePortAtSecondAddress,
    /// The node port at the loopback address.
    NodePortAtLoopback,
    /// An echo, of the frontend's address, or of the node's for a node port.
    Ping,
    /// A pod itself, without any Service.
    Pod,
}

/// Where clients reach a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    ClusterIp,
    ExternalIp,
    LoadBalancer,
    NodePort,
    /// Not a Service at all.
    Elsewhere,
}

/// Which endpoints there are for the frontend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoints {
    Nowhere,
    /// The policy asks for some on the node.
    NotHere,
    Some,
}

/// Whether a client stays with its backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keeps {
    Nothing,
    Backend,
}

/// Who may use the frontend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    ToEveryone,
    ToRanges,
}

/// One sender and one destination, with what is known about it.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) sender: Sender,
    pub(super) to: Target,
    /// Where else to ask: what becomes of it counts as one.
    pub(super) also: Vec<Target>,
    pub(super) asked: Asked,
    pub(super) place: Place,
    pub(super) service: String,
    pub(super) family: IpFamily,
    pub(super) policy: TrafficPolicy,
    pub(super) endpoints: Endpoints,
    pub(super) keeps: Keeps,
    pub(super) open: Open,
    /// How many backends answer where all is well.
    pub(super) backends: usize,
}

impl Flow {
    pub(super) fn sample(&self) -> Sample {
        Sample {
            to: self.to,
            backends: self.backends,
            requests: match self.keeps {
                Keeps::Nothing => REQUESTS,
                Keeps::Backend => REQUESTS / 2,
            },
        }
    }
}

impl fmt::Display for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sender {
            Sender::Client(client) => write!(f, "{client:?} client")?,
            Sender::Pod(name) => write!(f, "pod {name}")?,
            Sender::Node => f.write_str("the node")?,
        }
        write!(f, " to {}, {:?} of {}", self.to, self.asked, self.service)?;
        if self.place != Place::Elsewhere {
            write!(f, " {:?}", self.place)?;
        }
        Ok(())
    }
}
