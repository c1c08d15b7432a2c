//! What two manifests of one Service declare differently.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{self, or_none};
use super::{Declaration, DeclaredPort};
use crate::model::name::PortName;
use crate::model::{Port, Protocol};

closed_set! {
    /// What about a Service manifests declare.
    pub enum Aspect {
        /// That there is the Service, or what keeps nodes from serving it.
        Service = "Service",
        /// `spec.type`: how far the Service is reachable.
        Type = "type",
        /// That there is the port, with its name, number and protocol.
        Port = "port",
        /// `targetPort` of a port.
        TargetPort = "targetPort",
        /// `nodePort` of a port.
        NodePort = "nodePort",
        /// `allocateLoadBalancerNodePorts`: whether ports without a `nodePort` get one.
        NodePorts = "node ports",
        /// `selector`: which Pods stand behind it.
        Selector = "selector",
        /// `internalTrafficPolicy`: which endpoints clients in the cluster reach.
        InternalPolicy = "internalTrafficPolicy",
        /// `externalTrafficPolicy`: which endpoints clients from outside reach.
        ExternalPolicy = "externalTrafficPolicy",
        /// `sessionAffinity` with its timeout.
        Affinity = "sessionAffinity",
        /// One of `loadBalancerSourceRanges`.
        SourceRange = "source range",
        /// One of `externalIPs`.
        ExternalIp = "external IP",
        /// `loadBalancerClass`: whose load balancer is asked for.
        Class = "loadBalancerClass",
        /// `loadBalancerIP`: the address that is asked for.
        LoadBalancerIp = "loadBalancerIP",
        /// `externalName`: the name in DNS that it stands for.
        ExternalName = "externalName",
        /// `ipFamilyPolicy`: one family or both.
        FamilyPolicy = "ipFamilyPolicy",
        /// `ipFamilies`, in their order.
        Families = "ipFamilies",
        /// `trafficDistribution`, or the annotation beside it.
        Distribution = "trafficDistribution",
        /// `publishNotReadyAddresses`: whether Pods count before they are ready.
        NotReady = "publishNotReadyAddresses",
        /// `healthCheckNodePort`: where load balancers ask nodes for endpoints.
        HealthCheckPort = "healthCheckNodePort",
        /// Who stands behind it.
        Endpoints = "endpoints",
    }
}

/// A difference of what is declared: what comes has no `from`, what goes no `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// Which part of the Service's declaration differs.
    pub aspect: Aspect,
    /// Before, in words.
    pub from: Option<Box<str>>,
    /// After, in words.
    pub to: Option<Box<str>>,
}

impl Declared {
    pub(super) fn becomes(aspect: Aspect, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            aspect,
            from: Some(from.into().into()),
            to: Some(to.into().into()),
        }
    }

    pub(super) fn comes(aspect: Aspect, to: impl Into<String>) -> Self {
        Self {
            aspect,
            from: None,
            to: Some(to.into().into()),
        }
    }

    pub(super) fn goes(aspect: Aspect, from: impl Into<String>) -> Self {
        Self {
            aspect,
            from: Some(from.into().into()),
            to: None,
        }
    }
}

/// What is declared differently, in the order in which it is told.
pub(in crate::diff) fn between(old: &Declaration, new: &Declaration) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut apart = |aspect, said: &dyn Fn(&Declaration) -> String| {
        let (from, to) = (said(old), said(new));
        if from != to {
            found.push(Declared::becomes(aspect, from, to));
        }
    };
    // That an address is given or not is no difference of what is declared.
    let kind = |one: &Declaration| one.skipped.filter(|_| !one.waits());
    let same_type = old.service_type == new.service_type;
    // What one side leaves to the cluster, the cluster may have given on the other.
    let both_wait = old.waits() && new.waits();
    let both_say = |says: &dyn Fn(&Declaration) -> bool| both_wait || (says(old) && says(new));
    apart(Aspect::Service, &|one| words::standing(kind(one)));
    apart(Aspect::Type, &|one| one.service_type.to_string());
    apart(Aspect::Selector, &|one| or_none(one.selector.as_ref()));
    apart(Aspect::InternalPolicy, &|one| {
        one.internal_policy.to_string()
    });
    apart(Aspect::ExternalPolicy, &|one| {
        one.external_policy.to_string()
    });
    apart(Aspect::Affinity, &|one| words::affinity(one.affinity));
    apart(Aspect::Class, &|one| or_none(one.class.as_deref()));
    apart(Aspect::Distribution, &|one| words::hinting(one.hinting));
    apart(Aspect::NotReady, &|one| words::not_ready(one.not_ready));
    apart(Aspect::LoadBalancerIp, &|one| {
        or_none(one.load_balancer_ip.as_deref())
    });
    if same_type {
        apart(Aspect::ExternalName, &|one| {
            or_none(one.external_name.as_deref())
        });
    }
    apart(Aspect::FamilyPolicy, &|one| {
        words::family_policy(one.family_policy)
    });
    if both_say(&|one| !one.families.is_empty()) {
        apart(Aspect::Families, &|one| words::families(&one.families));
    }
    if same_type {
        apart(Aspect::NodePorts, &|one| words::node_ports(one.node_ports));
    }
    if both_say(&|one| one.health_check_node_port.is_some()) {
        apart(Aspect::HealthCheckPort, &|one| {
            words::given(one.health_check_node_port)
        });
    }
    found.extend(ports(old, new));
    found.extend(sets(
        Aspect::SourceRange,
        &old.source_ranges,
        &new.source_ranges,
    ));
    found.extend(sets(
        Aspect::ExternalIp,
        &old.external_ips,
        &new.external_ips,
    ));
    found.extend(endpoints(old, new));
    found
}

/// Who stands behind it, where nodes do not tell: they serve it on both sides, or it is known of one
/// side alone.
fn endpoints(old: &Declaration, new: &Declaration) -> Option<Declared> {
    let (Some(was), Some(is)) = (&old.endpoints, &new.endpoints) else {
        return None;
    };
    let told = old.is_served() && new.is_served();
    let same = (&was.endpoints, &was.to_come) == (&is.endpoints, &is.to_come);
    (!told && !same).then(|| {
        Declared::becomes(
            Aspect::Endpoints,
            words::endpoints(was),
            words::endpoints(is),
        )
    })
}

fn sets<T: Ord + ToString>(aspect: Aspect, old: &BTreeSet<T>, new: &BTreeSet<T>) -> Vec<Declared> {
    let come = new.difference(old);
    let come = come.map(|one| Declared::comes(aspect, one.to_string()));
    let go = old.difference(new);
    let go = go.map(|one| Declared::goes(aspect, one.to_string()));
    come.chain(go).collect()
}

/// Ports are the same by name, else by number: a rename is no new port.
fn ports(before: &Declaration, after: &Declaration) -> Vec<Declared> {
    let (old, new) = (&before.ports, &after.ports);
    let numbers = if before.waits() && after.waits() {
        Numbers::AsDeclared
    } else {
        Numbers::AsGiven
    };
    let mut left: BTreeMap<(&PortName, Protocol), &DeclaredPort> = old
        .iter()
        .map(|port| ((&port.name, port.protocol), port))
        .collect();
    let mut unmatched = Vec::new();
    let mut found = Vec::new();
    for port in new {
        match left.remove(&(&port.name, port.protocol)) {
            Some(was) => found.extend(port_between(was, port, numbers)),
            None => unmatched.push(port),
        }
    }
    let by_number: BTreeMap<(Port, Protocol), &DeclaredPort> = left
        .values()
        .map(|port| ((port.port, port.protocol), *port))
        .collect();
    for port in unmatched {
        if let Some(was) = by_number.get(&(port.port, port.protocol)) {
            left.remove(&(&was.name, was.protocol));
            found.extend(port_between(was, port, numbers));
        } else {
            let said = words::whole_port(port, after.node_ports);
            found.push(Declared::comes(Aspect::Port, said));
        }
    }
    let gone = old
        .iter()
        .filter(|port| left.contains_key(&(&port.name, port.protocol)));
    let said = |port| words::whole_port(port, before.node_ports);
    found.extend(gone.map(|port| Declared::goes(Aspect::Port, said(port))));
    found
}

/// How node ports compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Both sides are as they were written: one that is not stated is the cluster's to give.
    AsDeclared,
    /// The cluster gave some: what one side does not state is no difference.
    AsGiven,
}

fn port_between(old: &DeclaredPort, new: &DeclaredPort, numbers: Numbers) -> Vec<Declared> {
    let mut found = Vec::new();
    let (was, is) = (words::port(old), words::port(new));
    if was != is {
        found.push(Declared::becomes(Aspect::Port, was, &*is));
    }
    if old.target != new.target {
        let of = |port: &DeclaredPort, is: &str| format!("{} (port {is})", port.target);
        found.push(Declared::becomes(
            Aspect::TargetPort,
            old.target.to_string(),
            of(new, &is),
        ));
    }
    let stated = [old.node_port, new.node_port];
    let compares = numbers == Numbers::AsDeclared || stated.iter().all(Option::is_some);
    if compares && stated[0] != stated[1] {
        let [from, to] = stated.map(words::given);
        let to = format!("{to} (port {is})");
        found.push(Declared::becomes(Aspect::NodePort, from, to));
    }
    found
}
