//! Who answers where, read off the maps.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::at::At;
use crate::kernel::Listener;
use crate::kernel::ipvs::Persistence;
use crate::kernel::nftables::{ChainName, Key, SetName, Table, Value, Verdict};
use crate::mode::{Answer, ListenerKind, Served};
use crate::model::service::TrafficPolicy;

/// What a table serves.
pub fn served(table: &Table) -> Served {
    let mut served = Served::new();
    let maps = [
        SetName::ServiceIps,
        SetName::LocalServiceIps,
        SetName::NoEndpointServices,
        SetName::ExternalServices,
        SetName::ServiceNodePorts,
        SetName::LocalServiceNodePorts,
        SetName::NoEndpointNodePorts,
        SetName::ExternalNodePorts,
    ];
    for key in maps.iter().filter_map(|map| table.sets.get(map)).flatten() {
        if let Some((listener, key)) = listener(table, *key.0) {
            let answer = || answer(table, key);
            served.entry(listener).or_insert_with(answer);
        }
    }
    served
}

fn listener(table: &Table, key: Key) -> Option<(Listener, At)> {
    match key {
        Key::Frontend(key) => Some((Listener::Address(*key), At::Address(key))),
        Key::NodePort(key) => Some((
            Listener::NodePort(table.family, key.protocol, key.port),
            At::NodePort(key),
        )),
        _ => None,
    }
}

fn answer(table: &Table, at: At) -> Answer {
    let verdict = |set| match table.sets.get(&set)?.get(&at.key())?.value {
        Some(Value::Verdict(verdict)) => Some(verdict),
        _ => None,
    };
    let pool = |by_address, by_port| -> BTreeSet<SocketAddr> {
        at.pool(table, at.of(by_address, by_port)).collect()
    };
    let main = pool(SetName::Endpoints, SetName::NodePortEndpoints);
    let local = pool(SetName::LocalEndpoints, SetName::LocalNodePortEndpoints);
    let policy = match verdict(at.of(SetName::ExternalServices, SetName::ExternalNodePorts)) {
        Some(Verdict::Jump(ChainName::LocalPolicy | ChainName::NodePortLocalPolicy)) => {
            Some(TrafficPolicy::Local)
        }
        Some(_) => Some(TrafficPolicy::Cluster),
        None => None,
    };
    let affinity = match verdict(at.of(SetName::AffinityServices, SetName::AffinityNodePorts)) {
        Some(Verdict::Goto(ChainName::Remember(_, seconds))) => Persistence::Timeout(seconds),
        _ => Persistence::None,
    };
    Answer {
        kind: kind(table, at),
        outside: match policy {
            Some(TrafficPolicy::Local) => local.clone(),
            _ => main.clone(),
        },
        endpoints: main.union(&local).copied().collect(),
        policy,
        affinity,
        sources: sources(table, at),
    }
}

fn kind(table: &Table, at: At) -> Option<ListenerKind> {
    match at {
        At::NodePort(_) => Some(ListenerKind::NodePort),
        At::Address(key) => {
            let cluster = table.sets.get(&SetName::ClusterIps)?;
            let is = cluster.contains_key(&Key::Address(key.address));
            is.then_some(ListenerKind::ClusterIp)
        }
    }
}

fn sources(table: &Table, at: At) -> Option<BTreeSet<ipnet::IpNet>> {
    let At::Address(key) = at else {
        return None;
    };
    table
        .sets
        .get(&SetName::FirewallIps)?
        .get(&Key::Frontend(key))?;
    let allowed = table.sets.get(&SetName::FirewallAllowed)?.keys();
    let own = allowed.filter_map(|allowed| match allowed {
        Key::FrontendAndRange(at, range) if *at == key => Some(*range),
        _ => None,
    });
    Some(own.collect())
}
