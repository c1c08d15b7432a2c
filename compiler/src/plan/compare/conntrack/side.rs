//! Endpoints of UDP ports, before a plan or after it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::ir::ServicePortKey;
use crate::kernel::Listener;
use crate::kernel::ipvs::VirtualServer;
use crate::mode::NodeState;
use crate::mode::services::{ServiceList, WhyKept};
use crate::model::{IpFamily, Mode, Protocol};
use crate::observed::Observed;
use crate::plan::compare::answers;
use crate::plan::compare::answers::Answers;
use crate::plan::{Claims, DestinationKey};

/// What sends packets to endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A virtual server.
    Server,
    Rules,
}

/// The endpoints that new flows to a listener are sent to.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) carrier: Carrier,
    chosen: BTreeSet<SocketAddr>,
}

/// What is there, or is to be: by listener, the endpoints that new flows are sent to.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pools: BTreeMap<Listener, Pool>,
    /// The addresses that have pools, by their ports.
    ports: BTreeMap<Listener, Vec<Listener>>,
    /// Whose the listeners are.
    owners: Option<&'a ServiceList>,
    /// Endpoints of a port at all its listeners together, by whether they serve or are merely listed.
    serving: BTreeMap<&'a ServicePortKey, BTreeSet<SocketAddr>>,
    listed: BTreeMap<&'a ServicePortKey, BTreeSet<SocketAddr>>,
}

impl<'a> Side<'a> {
    /// What a node is asked to hold.
    pub(super) fn wanted(state: &'a NodeState, answers: &Answers) -> Self {
        let mut pools = rules(answers);
        for server in state.virtual_servers() {
            add(server, |_| true, &mut pools);
        }
        Self::new(pools, state.services.as_ref())
    }

    /// What it holds at these addresses, whoever made it, and what it holds of ours. Where it was not
    /// recorded which other endpoints served, those that do now are taken to have done so before.
    pub(super) fn found(
        state: &'a NodeState,
        observed: &Observed,
        claims: &'a Claims,
        (wants, found): (&Answers, &Answers),
    ) -> Self {
        let mut pools = rules(found);
        // What is left alone may have served what comes. Where a mode is ours, so are its rules.
        if claims.modes().count() < Mode::ALL.len() {
            for (listener, pool) in rules(&answers::standing(observed)) {
                if wants.has(listener) || serves(state, listener) {
                    pools.entry(listener).or_insert(pool);
                }
            }
        }
        for server in &observed.ipvs.servers {
            let key = server.key;
            let listener = Listener::Address(key);
            if serves(state, listener) || wants.has(listener) || claims.owns_server(&key) {
                let stays = |destination: &DestinationKey| claims.drains(destination);
                add(server, |destination| !stays(destination), &mut pools);
            }
        }
        let list = state.services.as_ref();
        let recorded = claims.services.as_ref().filter(|_| list.is_some());
        Self::new(pools, recorded.or(list))
    }

    fn new(pools: BTreeMap<Listener, Pool>, list: Option<&'a ServiceList>) -> Self {
        let mut ports: BTreeMap<Listener, Vec<Listener>> = BTreeMap::new();
        for listener in pools.keys().copied() {
            if let Listener::Address(key) = listener {
                let family = IpFamily::of(key.address);
                let port = Listener::NodePort(family, key.protocol, key.port);
                ports.entry(port).or_default().push(listener);
            }
        }
        let mut side = Self {
            ports,
            owners: list,
            serving: BTreeMap::new(),
            listed: BTreeMap::new(),
            pools,
        };
        for (listener, pool) in &side.pools {
            if let Some(port) = list.and_then(|list| list.owner(*listener)) {
                side.serving.entry(port).or_default().extend(&pool.chosen);
            }
        }
        for ((port, endpoint), unchosen) in list.iter().flat_map(|list| &list.unchosen) {
            let endpoints = match unchosen.why {
                WhyKept::Serving => &mut side.serving,
                WhyKept::Listed => &mut side.listed,
            };
            endpoints.entry(port).or_default().insert(*endpoint);
        }
        side
    }

    pub(super) fn listeners(&self) -> impl Iterator<Item = Listener> {
        self.pools.keys().copied()
    }

    /// Who is sent what arrives there. What one mode has for a port of all of the node's addresses,
    /// mode ipvs has for each of them.
    pub(super) fn pool(&self, listener: Listener) -> Option<&Pool> {
        self.pools.get(&listener).or_else(|| {
            let list = self.owners?;
            let owner = list.owner(listener);
            match listener {
                Listener::Address(key) => {
                    let family = IpFamily::of(key.address);
                    let port = Listener::NodePort(family, key.protocol, key.port);
                    let pool = self.pools.get(&port)?;
                    (owner == list.owner(port)).then_some(pool)
                }
                Listener::NodePort(..) => {
                    let at = self.ports.get(&listener)?;
                    let mut at = at.iter().filter(|one| owner == list.owner(**one));
                    self.pools.get(at.next()?)
                }
            }
        })
    }

    /// Endpoints that serve, of the listener's port.
    pub(super) fn serving(&self, listener: Listener) -> BTreeSet<SocketAddr> {
        if let Some(port) = self.owners.and_then(|list| list.owner(listener)) {
            return self.serving.get(port).cloned().unwrap_or_default();
        }
        let pool = self.pools.get(&listener);
        pool.map_or_else(BTreeSet::new, |pool| pool.chosen.clone())
    }

    /// Endpoints whose flows stay: those that serve, and those that are merely listed.
    pub(super) fn keeping(&self, listener: Listener) -> BTreeSet<SocketAddr> {
        let mut keeping = self.serving(listener);
        let port = self.owners.and_then(|list| list.owner(listener));
        keeping.extend(
            port.and_then(|port| self.listed.get(port))
                .into_iter()
                .flatten(),
        );
        keeping
    }
}

/// Whether a state has a virtual server there.
fn serves(state: &NodeState, listener: Listener) -> bool {
    let servers = state.virtual_servers();
    match listener {
        Listener::Address(key) => servers.binary_search_by_key(&key, |one| one.key).is_ok(),
        Listener::NodePort(..) => false,
    }
}

fn rules(answers: &Answers) -> BTreeMap<Listener, Pool> {
    let pool = |(listener, endpoints): (Listener, &BTreeSet<SocketAddr>)| {
        let pool = Pool {
            carrier: Carrier::Rules,
            chosen: endpoints.clone(),
        };
        (listener, pool)
    };
    let udp = answers.endpoints();
    udp.filter(|(listener, _)| listener.protocol() == Protocol::Udp)
        .map(pool)
        .collect()
}

fn add(
    server: &VirtualServer,
    counts: impl Fn(&DestinationKey) -> bool,
    pools: &mut BTreeMap<Listener, Pool>,
) {
    if server.key.protocol != Protocol::Udp {
        return;
    }
    let key = |address, port| DestinationKey {
        server: server.key,
        address,
        port,
    };
    let destinations = server.destinations.iter();
    let chosen = destinations
        .filter(|one| counts(&key(one.address, one.port)))
        .map(|one| SocketAddr::new(one.address, one.port.get()));
    let pool = Pool {
        carrier: Carrier::Server,
        chosen: chosen.collect(),
    };
    pools.insert(Listener::Address(server.key), pool);
}
