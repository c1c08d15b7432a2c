//! Clusters, each made for one question.

use std::net::IpAddr;

use ipnet::IpNet;
use portolan_compiler::model::IpFamily;
use serde_json::json;

use super::flow::Sender;
use crate::bed::{Client, Condition, Node, Service, Transport};

/// A cluster to compare the modes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cluster {
    /// Policy Cluster, every kind of frontend.
    Plain,
    /// External policy Local, endpoints on both nodes.
    ExternalLocal,
    /// External policy Local, endpoints elsewhere only.
    ExternalLocalElsewhere,
    /// Internal policy Local.
    InternalLocal,
    Affinity,
    /// Load balancers for some senders only.
    SourceRanges,
    NoEndpoints,
    /// No endpoint but ending ones.
    Terminating,
    /// Endpoints that are not ready.
    Unready,
    /// Services of one transport.
    Transports,
    /// Services of a single endpoint, which asks too: on this node, and on the other.
    Hairpin,
    /// What a configuration decides: where node ports are, and that everything is masqueraded.
    Configured,
}

impl Cluster {
    pub(super) const ALL: [Self; 12] = [
        Self::Plain,
        Self::ExternalLocal,
        Self::ExternalLocalElsewhere,
        Self::InternalLocal,
        Self::Affinity,
        Self::SourceRanges,
        Self::NoEndpoints,
        Self::Terminating,
        Self::Unready,
        Self::Transports,
        Self::Hairpin,
        Self::Configured,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "policy_cluster",
            Self::ExternalLocal => "external_policy_local",
            Self::ExternalLocalElsewhere => "external_policy_local_without_endpoints_here",
            Self::InternalLocal => "internal_policy_local",
            Self::Affinity => "affinity",
            Self::SourceRanges => "source_ranges",
            Self::NoEndpoints => "no_endpoints",
            Self::Terminating => "terminating_endpoints",
            Self::Unready => "unready_endpoints",
            Self::Transports => "one_transport",
            Self::Hairpin => "hairpin",
            Self::Configured => "configured",
        }
    }

    /// Pods; the last one asks and is no endpoint of any Service.
    pub(super) fn pods(self) -> Vec<(&'static str, Node)> {
        match self {
            Self::Hairpin => vec![("a", Node::A), ("far", Node::B)],
            Self::Affinity => vec![
                ("a", Node::A),
                ("b", Node::A),
                ("far", Node::B),
                ("guest", Node::A),
            ],
            _ => vec![("a", Node::A), ("far", Node::B), ("guest", Node::A)],
        }
    }

    /// What its proxies' configuration says beyond the bed's.
    pub(super) fn configuration(self) -> &'static str {
        match self {
            Self::Configured => {
                "nodePortAddresses: [192.168.2.0/24, 'fd00:2::/64']\n\
                 iptables: {masqueradeAll: true}\n\
                 nftables: {masqueradeAll: true}\n"
            }
            _ => "",
        }
    }

    pub(super) fn senders(self) -> Vec<Sender> {
        let (one, other) = (Sender::Client(Client::One), Sender::Client(Client::Other));
        let (backend, guest) = (Sender::Pod("a"), Sender::Pod("guest"));
        match self {
            Self::Plain | Self::ExternalLocal | Self::InternalLocal | Self::Configured => {
                vec![one, backend, guest, Sender::Node]
            }
            Self::Hairpin => vec![backend, Sender::Pod("far"), Sender::Node],
            Self::SourceRanges => vec![one, other, guest, Sender::Node],
            // With affinity a backend is none of them: as it is drawn by lot, whether it finds itself,
            // so is the address it is seen by.
            _ => vec![one, guest, Sender::Node],
        }
    }

    pub(super) fn services(self) -> Vec<Service> {
        let outward = |name, number| Service::new(name, number).external_ips().load_balancer();
        let inward = |name, number| Service::new(name, number).over(&[Transport::Tcp]);
        let streams = |name, number| inward(name, number).external_ips().load_balancer();
        match self {
            Self::Plain => vec![outward("web", 1).pods(&["a", "far"])],
            Self::ExternalLocal => vec![outward("web", 1).local().pods(&["a", "far"])],
            Self::ExternalLocalElsewhere => vec![outward("web", 1).local().pods(&["far"])],
            Self::InternalLocal => vec![
                streams("both", 1).inside_local().pods(&["a", "far"]),
                inward("inside", 2).inside_local().pods(&["far"]),
                streams("outside", 3).inside_local().pods(&["far"]),
            ],
            Self::Affinity => vec![
                streams("sticky", 1).affinity().pods(&["a", "b"]),
                many(inward("many", 2)).affinity().pods(&["a", "b"]),
                streams("beside", 3).local().affinity().pods(&["a", "far"]),
            ],
            Self::SourceRanges => vec![
                ranges(streams("narrow", 1), |family| Client::One.address(family)).pods(&["a"]),
                ranges(streams("node", 2), |family| Node::A.address(family)).pods(&["a"]),
                ranges(streams("empty", 3), |family| Client::One.address(family)),
            ],
            Self::NoEndpoints => vec![
                outward("empty", 1),
                streams("local", 2).local(),
                inward("inside", 3).inside_local(),
            ],
            Self::Terminating => vec![
                streams("last", 1)
                    .endpoints(&[("a", Condition::Draining), ("far", Condition::Ended)]),
                streams("local", 2)
                    .local()
                    .endpoints(&[("a", Condition::Draining), ("far", Condition::Ready)]),
                streams("ended", 3).endpoints(&[("a", Condition::Ended)]),
            ],
            Self::Unready => vec![
                streams("some", 1)
                    .endpoints(&[("a", Condition::Unready), ("far", Condition::Ready)]),
                streams("none", 2).endpoints(&[("a", Condition::Unready)]),
            ],
            Self::Transports => vec![
                streams("streams", 1).pods(&["a"]),
                Service::new("datagrams", 2)
                    .over(&[Transport::Udp])
                    .external_ips()
                    .load_balancer()
                    .pods(&["far"]),
            ],
            Self::Hairpin => vec![
                outward("alone", 1).pods(&["a"]),
                outward("away", 2).pods(&["far"]),
            ],
            Self::Configured => vec![
                streams("web", 1).pods(&["a", "far"]),
                streams("local", 2).local().pods(&["a", "far"]),
            ],
        }
    }
}

/// With so many external IPs that those who choose by lot do not choose the same for all of them.
fn many(service: Service) -> Service {
    let addresses: Vec<String> = (100..120).map(|host| format!("203.0.113.{host}")).collect();
    service.with("externalIPs", json!(addresses))
}

/// With these addresses as the only ones that may use the load balancer.
fn ranges(service: Service, allowed: impl Fn(IpFamily) -> IpAddr) -> Service {
    let allowed = IpFamily::ALL.map(|family| IpNet::from(allowed(family)));
    service.with("loadBalancerSourceRanges", json!(allowed))
}
