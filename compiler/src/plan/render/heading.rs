//! Which Service a step is about.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use crate::kernel::Listener;
use crate::kernel::ipset::Entry;
use crate::kernel::iptables::SavedRule;
use crate::kernel::nftables::{Element, Key, SetName, Table};
use crate::mode;
use crate::mode::NodeState;
use crate::mode::services::ServiceList;
use crate::model::TransportAddress;
use crate::plan::{Delta, DummyChange, IpvsChange, RuleChain, Step, Subject};

/// What a group of steps is about. Ordered as groups are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heading {
    /// A Service: namespace and name.
    Service(Box<str>),
    /// An address; of nothing that is asked for, or of something whose name is unknown.
    Address(IpAddr),
    /// A port of every address of the node.
    Port(u16),
    /// The node as a whole.
    Node,
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
            Self::Port(port) => write!(f, "port {port}"),
            Self::Node => f.write_str("the node"),
        }
    }
}

/// What a node serves in the end, to tell steps' Services.
#[derive(Debug, Default)]
pub struct Services {
    frontends: BTreeMap<TransportAddress, Heading>,
    endpoints: BTreeMap<TransportAddress, Heading>,
    addresses: BTreeMap<IpAddr, Heading>,
    ports: BTreeMap<u16, Heading>,
    /// Of what nobody asks for any more.
    gone: BTreeMap<Listener, Heading>,
    gone_addresses: BTreeMap<IpAddr, Heading>,
    served: BTreeSet<Heading>,
    named: Named,
}

/// Whether Services' names are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Named {
    Known,
    #[default]
    Unknown,
}

/// The Service that has a chain of its own, as the chain's comments call it.
pub(in crate::plan) fn of_chain(at: &RuleChain, delta: &Delta<Vec<SavedRule>>) -> Heading {
    let rules = delta.after().or(delta.before()).into_iter().flatten();
    let mut comments = rules.filter_map(|rule| match rule {
        SavedRule::Known(rule) => rule.comment(),
        SavedRule::Foreign(_) => None,
    });
    if mode::iptables::is_hashed(at.chain.as_str()) {
        let named = comments.next().and_then(of_comment);
        named.unwrap_or(Heading::Node)
    } else {
        Heading::Node
    }
}

/// The Service in a comment such as `shop/cart:http cluster IP`, or `masquerade traffic for
/// shop/cart:http external destinations`.
pub(super) fn of_comment(comment: &str) -> Option<Heading> {
    let word = comment.split(' ').find(|word| word.contains('/'))?;
    let name = word.split_once(':').map_or(word, |(service, _)| service);
    Some(Heading::Service(name.into()))
}

fn of_list(list: &ServiceList, listener: Listener) -> Option<Heading> {
    let port = list.owner(listener)?;
    Some(Heading::Service(port.service.to_string().into()))
}

fn of_listeners(list: &ServiceList) -> BTreeMap<Listener, Heading> {
    let frontends = list.frontends.iter().map(|((listener, _), frontend)| {
        let name = frontend.port.service.to_string();
        (*listener, Heading::Service(name.into()))
    });
    frontends.collect()
}

fn of_addresses(list: &ServiceList) -> BTreeMap<IpAddr, Heading> {
    let listeners = of_listeners(list).into_iter();
    let addresses = listeners.filter_map(|(listener, heading)| match listener {
        Listener::Address(key) => Some((key.address, heading)),
        Listener::NodePort(..) => None,
    });
    addresses.collect()
}

/// Node ports, those for health checks too.
fn of_ports(list: &ServiceList) -> BTreeMap<u16, Heading> {
    let node_ports = list.frontends.iter().map(|((listener, _), frontend)| {
        let name = &frontend.port.service;
        (*listener, name)
    });
    let checks = list.health_checks.iter();
    let checks = checks.map(|(listener, check)| (*listener, &check.service));
    node_ports
        .chain(checks)
        .filter(|(listener, _)| matches!(listener, Listener::NodePort(..)))
        .map(|(listener, name)| {
            let heading = Heading::Service(name.to_string().into());
            (listener.port().get(), heading)
        })
        .collect()
}

/// The elements of a table that are frontends of Services.
fn frontends(table: &Table) -> impl Iterator<Item = (SetName, (&Key, &Element))> {
    let maps = [
        SetName::ServiceIps,
        SetName::NoEndpointServices,
        SetName::ExternalServices,
        SetName::ServiceNodePorts,
        SetName::NoEndpointNodePorts,
        SetName::ExternalNodePorts,
    ];
    maps.into_iter().flat_map(|name| {
        let elements = table.sets.get(&name).into_iter().flatten();
        elements.map(move |element| (name, element))
    })
}

impl Services {
    /// The Services of a state; where it does not say what they are called, addresses stand for
    /// them. What is known of the state before names what goes.
    pub fn new(desired: &NodeState, before: Option<&ServiceList>) -> Self {
        let list = desired.services.as_ref();
        let named = |listener| list.and_then(|list| of_list(list, listener));
        let mut services = Self {
            named: list.map_or(Named::Unknown, |_| Named::Known),
            ports: list.map(of_ports).unwrap_or_default(),
            gone: before.map(of_listeners).unwrap_or_default(),
            gone_addresses: before.map(of_addresses).unwrap_or_default(),
            ..Self::default()
        };
        for server in desired.virtual_servers() {
            let key = server.key;
            let heading = named(Listener::Address(key)).unwrap_or(Heading::Address(key.address));
            services.served.insert(heading.clone());
            services
                .addresses
                .entry(key.address)
                .or_insert_with(|| heading.clone());
            for one in &server.destinations {
                let endpoint = TransportAddress {
                    address: one.address,
                    protocol: key.protocol,
                    port: one.port,
                };
                services
                    .endpoints
                    .entry(endpoint)
                    .or_insert_with(|| heading.clone());
            }
            services.frontends.insert(key, heading);
        }
        for (listener, _) in mode::iptables::entrances(desired) {
            if let Listener::Address(key) = listener {
                services.serve(key, named(listener));
            }
        }
        for (name, (key, element)) in desired.tables().iter().flat_map(frontends) {
            let comment = element.comment.as_ref();
            let comment = comment.and_then(|comment| of_comment(comment.as_str()));
            match key {
                Key::Frontend(at) => {
                    let key = **at;
                    services.serve(key, named(Listener::Address(key)).or(comment));
                }
                Key::NodePort(at) => {
                    if let Some(heading) = comment {
                        services.ports.entry(at.port.get()).or_insert(heading);
                    }
                }
                _ => debug_assert!(false, "{name} has no frontends"),
            }
        }
        services
    }

    fn serve(&mut self, key: TransportAddress, named: Option<Heading>) {
        let heading = named.unwrap_or(Heading::Address(key.address));
        self.served.insert(heading.clone());
        self.addresses
            .entry(key.address)
            .or_insert_with(|| heading.clone());
        self.frontends.insert(key, heading);
    }

    /// With what steps are said to be about, where nothing else says it.
    #[must_use]
    pub fn with_told<'a>(mut self, told: impl IntoIterator<Item = (&'a Step, &'a str)>) -> Self {
        for (step, service) in told {
            let heading = Heading::Service(service.into());
            let server = match &step.subject {
                Subject::Ipvs(IpvsChange::Destination(key, _)) => Some(key.server),
                Subject::Ipvs(change) => change.server(),
                Subject::Dummy(DummyChange::Address(address, _)) => {
                    self.gone_addresses.entry(*address).or_insert(heading);
                    continue;
                }
                _ => None,
            };
            if let Some(key) = server {
                self.gone.entry(Listener::Address(key)).or_insert(heading);
            }
        }
        self
    }

    /// The Services of virtual servers, as far as they are known.
    pub fn names(&self) -> BTreeMap<TransportAddress, Box<str>> {
        let named = |(key, heading): (&TransportAddress, &Heading)| match heading {
            Heading::Service(name) => Some((*key, name.clone())),
            Heading::Address(_) | Heading::Port(_) | Heading::Node => None,
        };
        self.frontends.iter().filter_map(named).collect()
    }

    /// Everything that is served.
    pub fn served(&self) -> impl Iterator<Item = &Heading> {
        self.served.iter()
    }

    /// What [`Self::served`] counts.
    pub fn noun(&self) -> &'static str {
        match self.named {
            Named::Known => "Service",
            Named::Unknown => "address",
        }
    }

    /// What a step is about.
    pub fn heading(&self, step: &Step) -> Heading {
        step.subject.heading(self)
    }

    pub(in crate::plan) fn at(&self, listener: Listener) -> Heading {
        match listener {
            Listener::Address(key) => self.frontend(&key),
            Listener::NodePort(_, _, port) => self.port_number(port.get()),
        }
    }

    pub(in crate::plan) fn frontend(&self, key: &TransportAddress) -> Heading {
        let unknown = || Heading::Address(key.address);
        let named = self.frontends.get(key);
        let named = named.or_else(|| self.gone.get(&Listener::Address(*key)));
        // A node port at an address of the node, in the mode that has one for each.
        let of_port = || self.ports.get(&key.port.get());
        let is_own = !self.knows(key.address);
        let named = named.or_else(|| of_port().filter(|_| is_own));
        named.cloned().unwrap_or_else(unknown)
    }

    pub(in crate::plan) fn address(&self, address: IpAddr) -> Heading {
        let unknown = || Heading::Address(address);
        let named = self.addresses.get(&address);
        let named = named.or_else(|| self.gone_addresses.get(&address));
        named.cloned().unwrap_or_else(unknown)
    }

    fn knows(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address) || self.gone_addresses.contains_key(&address)
    }

    pub(in crate::plan) fn port_number(&self, port: u16) -> Heading {
        self.ports
            .get(&port)
            .cloned()
            .unwrap_or(Heading::Port(port))
    }

    pub(in crate::plan) fn entry(&self, entry: Entry) -> Heading {
        match entry {
            Entry::Ip(address) => self.address(address),
            Entry::Port(port) => self.port_number(port),
            Entry::IpPort(key) | Entry::IpPortIp(key, _) | Entry::IpPortNet(key, _) => self
                .frontends
                .get(&*key)
                .or_else(|| self.endpoints.get(&*key))
                .cloned()
                .unwrap_or_else(|| self.address(key.address)),
        }
    }
}
