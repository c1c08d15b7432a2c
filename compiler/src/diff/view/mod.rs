//! One node as the users of its Services see it.

mod names;
mod node_ports;
mod state;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::{Mirrored, ModeDifferences};
use crate::kernel::ipvs::{Persistence, Scheduler};
pub use crate::mode::ListenerKind;
use crate::model::service::TrafficPolicy;
use crate::model::{IpFamily, Mode, Port, Protocol, TransportAddress};
pub(super) use names::{listener, owner};

/// What one node does for the users of Services.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeView {
    /// Where something answers, or refuses.
    pub frontends: BTreeMap<Listener, Frontend>,
    /// Node ports where load balancers ask whether the node has endpoints; `None` where that is unknown:
    /// rules alone do not tell in every mode who is asked.
    pub health_checks: Option<BTreeSet<u16>>,
    /// Endpoints that are on the node.
    pub local: BTreeSet<SocketAddr>,
    /// Families in which kube-proxy's own table of nftables serves, whose content is not read: who answers
    /// where nothing else does is unknown.
    pub unread: BTreeSet<IpFamily>,
    /// What is known of the tables of mode nftables.
    pub tables: Tables,
    /// Whose the above are, as far as that is known.
    pub owners: BTreeMap<Listener, Owner>,
    /// The mode, where it is known: a node that was found could be in several.
    pub mode: Option<Mode>,
    /// What modes do in ways of their own that matters here, as far as it is known.
    pub mode_differences: ModeDifferences,
    /// The kube-proxy that is mirrored, where manifests are compiled.
    pub mirrored: Option<Mirrored>,
}

/// What is known of the tables of mode nftables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tables {
    /// They do not serve.
    #[default]
    None,
    /// They are there, with rules for Services.
    Serve,
    /// Nobody looked for them.
    Unseen,
}

/// Where clients connect to. Node ports stand for all addresses of a node, so that nodes compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Listener {
    /// An address that is the same everywhere.
    Address(TransportAddress),
    /// A port of the node's own addresses.
    NodePort(IpFamily, Protocol, Port),
    /// A port for health checks.
    HealthCheck(u16),
}

/// What clients find at a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontend {
    /// What the address is to its Service, sorted; empty where that is unknown.
    pub kinds: Vec<ListenerKind>,
    /// Which endpoints may answer; `None` where that is unknown.
    pub policy: Option<TrafficPolicy>,
    /// Whether clients keep their endpoint.
    pub affinity: Persistence,
    /// How an endpoint is chosen.
    pub scheduler: Balancing,
    /// Who may connect.
    pub sources: SourceRanges,
    /// Who answers, with their weights.
    pub endpoints: BTreeMap<SocketAddr, u32>,
    /// The node's addresses that serve a node port.
    pub addresses: BTreeSet<IpAddr>,
    /// Whether packets that come in get there.
    pub reach: Reach,
}

/// Whether packets to an address come to what serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// They come to it.
    Served,
    /// A virtual server has an address that the node does not take for its own: kube-ipvs0 lacks it, so
    /// routing sends the packets on before IPVS sees them.
    Unbound,
}

/// How an endpoint is chosen among those that may answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Balancing {
    /// By a scheduler of IPVS.
    Scheduler(Scheduler),
    /// At random, each as likely as the others.
    Random,
}

impl fmt::Display for Balancing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheduler(scheduler) => scheduler.fmt(f),
            Self::Random => f.write_str("random"),
        }
    }
}

/// Who may connect to a load balancer's address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceRanges {
    /// Everyone: no source ranges.
    Everyone,
    /// Senders in these ranges.
    Only(BTreeSet<IpNet>),
}

/// A port of a Service, or what stands for it where names are unknown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The Service, or what stands for it.
    pub subject: Subject,
    /// The port of it that clients connect to.
    pub port: PortLabel,
}

impl Owner {
    /// What concerns no single port.
    pub(super) fn whole(subject: Subject) -> Self {
        Self {
            subject,
            port: PortLabel {
                family: IpFamily::V4,
                number: 0,
                protocol: Protocol::Tcp,
                name: "".into(),
            },
        }
    }
}

/// What changes are grouped by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// All Services at once.
    Everything,
    /// Namespace and name.
    Service(Box<str>),
    /// An address whose Service is unknown.
    Address(IpAddr),
    /// A node port whose Service is unknown.
    Port(u16),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("all Services"),
            Self::Service(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
            Self::Port(port) => write!(f, "node port {port}"),
        }
    }
}

/// A port, as its users call it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortLabel {
    /// Family of the addresses that clients connect to.
    pub family: IpFamily,
    /// Number; 0 for what concerns no single port.
    pub number: u16,
    /// Transport protocol of the port.
    pub protocol: Protocol,
    /// Name; empty where it has none, or that is unknown.
    pub name: Box<str>,
}

impl fmt::Display for PortLabel {
    /// As reports name it: `http 80/TCP`; nothing where it is no single port.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number == 0 {
            return Ok(());
        }
        if !self.name.is_empty() {
            write!(f, "{} ", self.name)?;
        }
        write!(f, "{}/{}", self.number, self.protocol)?;
        match self.family {
            IpFamily::V4 => Ok(()),
            IpFamily::V6 => f.write_str(" IPv6"),
        }
    }
}

impl Listener {
    /// Family of the address. Who asks for health checks may come by either.
    pub(super) fn family(&self) -> IpFamily {
        match self {
            Self::Address(key) => IpFamily::of(key.address),
            Self::NodePort(family, ..) => *family,
            Self::HealthCheck(_) => IpFamily::V4,
        }
    }

    /// Who owns it where no name is known.
    pub(super) fn unnamed(&self) -> Owner {
        let (subject, family, number, protocol) = match self {
            Self::Address(key) => (
                Subject::Address(key.address),
                IpFamily::of(key.address),
                key.port.get(),
                key.protocol,
            ),
            Self::NodePort(family, protocol, port) => {
                (Subject::Port(port.get()), *family, port.get(), *protocol)
            }
            Self::HealthCheck(port) => (Subject::Port(*port), IpFamily::V4, *port, Protocol::Tcp),
        };
        let port = PortLabel {
            family,
            number,
            protocol,
            name: "".into(),
        };
        Owner { subject, port }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(key) => key.fmt(f),
            Self::NodePort(_, protocol, port) => write!(f, "{port}/{protocol}"),
            Self::HealthCheck(port) => port.fmt(f),
        }
    }
}

impl NodeView {
    /// A node that does nothing.
    pub fn nothing() -> Self {
        Self {
            health_checks: Some(BTreeSet::new()),
            ..Self::default()
        }
    }

    /// Whether what serves a listener is in what was not read, where another view says that something does.
    pub(super) fn is_unread(&self, listener: &Listener, other: &Self) -> bool {
        !self.frontends.contains_key(listener)
            && (self.unread.contains(&listener.family()) || self.lacks_tables(other))
    }

    /// Whether nobody looked for tables that another view serves by, or may serve by: a node on which
    /// nothing else is found to serve is not held against another one that was found.
    pub fn lacks_tables(&self, other: &Self) -> bool {
        let serve = other.tables == Tables::Serve || !other.unread.is_empty();
        let may_serve = self.frontends.is_empty() && other.mode.is_none();
        self.tables == Tables::Unseen && (serve || may_serve)
    }

    /// The view without what belongs to some Services.
    pub(super) fn without(&self, subjects: &BTreeSet<Subject>) -> Cow<'_, Self> {
        if subjects.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut view = self.clone();
        let theirs = |listener: &Listener| {
            let owner = self.owners.get(listener);
            owner.is_some_and(|owner| subjects.contains(&owner.subject))
        };
        view.frontends.retain(|listener, _| !theirs(listener));
        if let Some(checks) = &mut view.health_checks {
            checks.retain(|port| !theirs(&Listener::HealthCheck(*port)));
        }
        Cow::Owned(view)
    }

    /// Whose a listener is; where it has no name here, the one that another view has for it.
    pub(super) fn owner(&self, listener: Listener, other: &Self) -> Owner {
        let named = self
            .owners
            .get(&listener)
            .or_else(|| other.owners.get(&listener));
        named.cloned().unwrap_or_else(|| listener.unnamed())
    }

    /// Whose its listeners are.
    pub fn subjects(&self) -> BTreeSet<Subject> {
        let all = self.listeners().map(|one| self.owner(one, self).subject);
        all.collect()
    }

    /// All listeners, those for health checks too.
    pub fn listeners(&self) -> impl Iterator<Item = Listener> {
        let checks = self.health_checks.iter().flatten().copied();
        let frontends = self.frontends.keys().copied();
        frontends.chain(checks.map(Listener::HealthCheck))
    }
}
