//! What two manifests of one Service declare differently.

use std::collections::BTreeMap;

use super::words::{self, or_none};
use super::{Declaration, DeclaredPort};
use crate::model::Protocol;
use crate::model::name::PortName;
use crate::model::service::NodePorts;

closed_set! {
    /// What about a Service manifests declare.
    pub enum Aspect {
        /// That there is the Service, or what keeps nodes from serving it.
        Service = "Service",
        /// `type`.
        Type = "type",
        /// A port.
        Port = "port",
        /// `targetPort` of a port.
        TargetPort = "targetPort",
        /// `nodePort` of a port.
        NodePort = "nodePort",
        /// `allocateLoadBalancerNodePorts`.
        NodePorts = "node ports",
        /// `selector`.
        Selector = "selector",
        /// `internalTrafficPolicy`.
        InternalPolicy = "internalTrafficPolicy",
        /// `externalTrafficPolicy`.
        ExternalPolicy = "externalTrafficPolicy",
        /// `sessionAffinity`.
        Affinity = "sessionAffinity",
        /// One of `loadBalancerSourceRanges`.
        SourceRange = "source range",
        /// One of `externalIPs`.
        ExternalIp = "external IP",
        /// `loadBalancerClass`.
        Class = "loadBalancerClass",
        /// `loadBalancerIP`.
        LoadBalancerIp = "loadBalancerIP",
        /// `externalName`.
        ExternalName = "externalName",
        /// `ipFamilyPolicy`.
        FamilyPolicy = "ipFamilyPolicy",
        /// `ipFamilies`.
        Families = "ipFamilies",
        /// `trafficDistribution`, or the annotation beside it.
        Distribution = "trafficDistribution",
        /// `publishNotReadyAddresses`.
        NotReady = "publishNotReadyAddresses",
        /// `healthCheckNodePort`.
        HealthCheckPort = "healthCheckNodePort",
        /// Who stands behind it.
        Endpoints = "endpoints",
    }
}

/// A difference of what is declared: what comes has no `from`, what goes no `to`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// About what.
    pub aspect: Aspect,
    /// Before, in words.
    pub from: Option<Box<str>>,
    /// After.
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
    let mut apart = |aspect, from: String, to: String| {
        if from != to {
            found.push(Declared::becomes(aspect, from, to));
        }
    };
    // That an address is given or not is no difference of what is declared.
    let kind = |one: &Declaration| one.skipped.filter(|_| !one.waits());
    apart(
        Aspect::Service,
        words::standing(kind(old)),
        words::standing(kind(new)),
    );
    apart(
        Aspect::Type,
        words::service_type(old.service_type),
        words::service_type(new.service_type),
    );
    apart(
        Aspect::Selector,
        or_none(old.selector.as_ref()),
        or_none(new.selector.as_ref()),
    );
    apart(
        Aspect::InternalPolicy,
        words::policy(old.internal_policy),
        words::policy(new.internal_policy),
    );
    apart(
        Aspect::ExternalPolicy,
        words::policy(old.external_policy),
        words::policy(new.external_policy),
    );
    apart(
        Aspect::Affinity,
        words::affinity(old.affinity),
        words::affinity(new.affinity),
    );
    apart(
        Aspect::Class,
        or_none(old.class.as_deref()),
        or_none(new.class.as_deref()),
    );
    apart(
        Aspect::Distribution,
        words::hinting(old.hinting),
        words::hinting(new.hinting),
    );
    apart(
        Aspect::NotReady,
        words::not_ready(old.not_ready),
        words::not_ready(new.not_ready),
    );
    apart(
        Aspect::LoadBalancerIp,
        or_none(old.load_balancer_ip.as_deref()),
        or_none(new.load_balancer_ip.as_deref()),
    );
    if old.service_type == new.service_type {
        apart(
            Aspect::ExternalName,
            or_none(old.external_name.as_deref()),
            or_none(new.external_name.as_deref()),
        );
    }
    apart(
        Aspect::FamilyPolicy,
        words::family_policy(old.family_policy),
        words::family_policy(new.family_policy),
    );
    // What one side leaves to the cluster, the cluster may have given on the other.
    let both_wait = old.waits() && new.waits();
    if both_wait || (!old.families.is_empty() && !new.families.is_empty()) {
        apart(
            Aspect::Families,
            words::families(&old.families),
            words::families(&new.families),
        );
    }
    if old.service_type == new.service_type {
        let wanted = |one: &Declaration| match one.node_ports {
            NodePorts::Wanted => "allocated".to_owned(),
            NodePorts::NotWanted => "not allocated".to_owned(),
        };
        apart(Aspect::NodePorts, wanted(old), wanted(new));
    }
    let stated = [old.health_check_node_port, new.health_check_node_port];
    if both_wait || stated.iter().all(Option::is_some) {
        let [from, to] = stated.map(words::given);
        apart(Aspect::HealthCheckPort, from, to);
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

fn sets<T: Ord + ToString>(
    aspect: Aspect,
    old: &std::collections::BTreeSet<T>,
    new: &std::collections::BTreeSet<T>,
) -> Vec<Declared> {
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
    let by_name: BTreeMap<(&PortName, Protocol), &DeclaredPort> = old
        .iter()
        .map(|port| ((&port.name, port.protocol), port))
        .collect();
    let mut left: Vec<&DeclaredPort> = old.iter().collect();
    let mut unmatched = Vec::new();
    let mut found = Vec::new();
    for port in new {
        match by_name.get(&(&port.name, port.protocol)) {
            Some(was) => {
                left.retain(|one| one != was);
                found.extend(port_between(was, port, numbers));
            }
            None => unmatched.push(port),
        }
    }
    for port in unmatched {
        let same = |was: &&&DeclaredPort| (was.port, was.protocol) == (port.port, port.protocol);
        if let Some(was) = left.iter().find(same).copied() {
            left.retain(|one| *one != was);
            found.extend(port_between(was, port, numbers));
        } else {
            let said = words::whole_port(port, after.node_ports);
            found.push(Declared::comes(Aspect::Port, said));
        }
    }
    let said = |port| words::whole_port(port, before.node_ports);
    let gone = left.into_iter();
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
