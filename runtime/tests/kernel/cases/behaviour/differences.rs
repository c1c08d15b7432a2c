//! What is allowed to differ between mode iptables and the others, and why. `docs/modes.md` has the
//! same list in the same words.

use portolan_compiler::model::service::TrafficPolicy;
use portolan_compiler::model::{IpFamily, Mode};

use super::clusters::Cluster;
use super::compare::Pair;
use super::flow::{Asked, Endpoints, Keeps, Open, Place, Sender};
use super::record::answering;
use crate::bed::{Outcome, Outcomes};

/// A difference that is meant to be there.
#[derive(Debug)]
pub(super) struct Difference {
    /// The mode that differs from mode iptables.
    pub(super) other: Mode,
    /// What differs, as the page says it.
    pub(super) what: &'static str,
    /// Why, as the page says it.
    pub(super) why: &'static str,
    /// A cluster in which it is to be seen.
    pub(super) shown_by: Cluster,
    /// Whether it is this.
    is: fn(&Pair<'_>) -> bool,
}

impl Difference {
    pub(super) const ALL: &'static [Self] = &[
        Self {
            other: Mode::Nftables,
            what: "Node ports are served at the node's primary address only; iptables serves them at all of its addresses",
            why: "the default of `nodePortAddresses` is `primary` in mode nftables",
            shown_by: Cluster::Plain,
            is: |pair| {
                pair.asks(Asked::NodePortAtSecondAddress) && pair.found_is(&Outcome::Refused)
            },
        },
        Self {
            other: Mode::Nftables,
            what: "Node ports are refused at 127.0.0.1; iptables serves the node itself there",
            why: "it takes `route_localnet`, which opens loopback addresses to neighbours, and mode nftables does without",
            shown_by: Cluster::Plain,
            is: loopback_refused,
        },
        Self {
            other: Mode::Nftables,
            what: "A node port at ::1 is refused where external policy Local finds no endpoint on the node; iptables drops the packet",
            why: "the rule that drops names every local address, and mode nftables only those that serve node ports",
            shown_by: Cluster::ExternalLocalElsewhere,
            is: second_loopback_refused,
        },
        Self {
            other: Mode::Nftables,
            what: "What a cluster IP does not offer (another port, another protocol, the node port, ping) is refused; iptables does not see it, and the node routes it on",
            why: "a cluster IP belongs to a Service as a whole, and a sender learns at once that nobody is there",
            shown_by: Cluster::Transports,
            is: |pair| {
                pair.flow.place == Place::ClusterIp
                    && pair.not_offered()
                    && pair.turns(&Outcome::Unclaimed, &Outcome::Refused)
            },
        },
        Self {
            other: Mode::Nftables,
            what: "The node itself is refused at external and load balancer addresses without endpoints; iptables does not see what it sends, and the node routes it on",
            why: "kube-proxy's rules that refuse are not at OUTPUT for these addresses in mode iptables",
            shown_by: Cluster::NoEndpoints,
            is: |pair| {
                pair.flow.open == Open::ToEveryone
                    && node_at_nothing(pair)
                    && pair.turns(&Outcome::Unclaimed, &Outcome::Refused)
            },
        },
        Self {
            other: Mode::Nftables,
            what: "Senders outside of the source ranges of a load balancer without endpoints meet silence; iptables refuses them, and routes on what the node itself sends",
            why: "mode iptables has no rules for source ranges where there is no endpoint to guard",
            shown_by: Cluster::SourceRanges,
            is: |pair| stranger_at_nothing(pair) && pair.found_is(&Outcome::Silence),
        },
        Self {
            other: Mode::Nftables,
            what: "Session affinity is not kept in IPv6; iptables keeps it",
            why: "nft before 1.1.1 aborts on maps that packets put IPv6 addresses with ports into; a warning says so (`affinity-unkept`)",
            shown_by: Cluster::Affinity,
            is: |pair| {
                let flow = pair.flow;
                matches!(flow.asked, Asked::Frontend | Asked::EveryFrontend)
                    && (flow.keeps, flow.family) == (Keeps::Backend, IpFamily::V6)
                    && only_answers(pair.found)
                    && only_answers(pair.first)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "What an address of a Service does not offer (another port, another protocol, the node port, ping) is refused; iptables does not see it, and the node routes it on",
            why: "the addresses are the node's own, on kube-ipvs0, and what is not a virtual server's must not reach its listeners",
            shown_by: Cluster::Transports,
            is: |pair| pair.not_offered() && pair.turns(&Outcome::Unclaimed, &Outcome::Refused),
        },
        Self {
            other: Mode::Ipvs,
            what: "Node ports are refused at 127.0.0.1; iptables serves the node itself there",
            why: "a virtual server at a loopback address cannot reach endpoints elsewhere, so there is none",
            shown_by: Cluster::Plain,
            is: loopback_refused,
        },
        Self {
            other: Mode::Ipvs,
            what: "A node port at ::1 is refused where external policy Local finds no endpoint on the node; iptables drops the packet",
            why: "no virtual server is there, and no rule that drops",
            shown_by: Cluster::ExternalLocalElsewhere,
            is: second_loopback_refused,
        },
        Self {
            other: Mode::Ipvs,
            what: "The node itself is refused at external and load balancer addresses without endpoints, whatever their source ranges; iptables does not see what it sends, and the node routes it on",
            why: "a virtual server without destinations refuses every packet, before any rule of the node sees it",
            shown_by: Cluster::NoEndpoints,
            is: |pair| node_at_nothing(pair) && pair.turns(&Outcome::Unclaimed, &Outcome::Refused),
        },
        Self {
            other: Mode::Ipvs,
            what: "Senders outside of the source ranges of a load balancer without endpoints meet silence; iptables refuses them",
            why: "mode iptables has no rules for source ranges where there is no endpoint to guard",
            shown_by: Cluster::SourceRanges,
            is: |pair| {
                stranger_at_nothing(pair) && pair.turns(&Outcome::Refused, &Outcome::Silence)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "Session affinity is of each address and port by itself: at another address of the Service a client may meet another endpoint; iptables keeps one for all of a Service's port",
            why: "persistence is of a virtual server",
            shown_by: Cluster::Affinity,
            is: at_another_address,
        },
        Self {
            other: Mode::Ipvs,
            what: "A pod of another node that reaches itself through a cluster IP at this node meets silence; iptables gives the packet this node's address",
            why: "the set of endpoints that may call themselves has this node's only, as in kube-proxy, and a pod takes no packet from itself",
            shown_by: Cluster::Hairpin,
            is: |pair| {
                let flow = pair.flow;
                pair.asks(Asked::Frontend)
                    && flow.place == Place::ClusterIp
                    && matches!(flow.sender, Sender::Pod(_))
                    && only_answers(pair.first)
                    && pair.found_is(&Outcome::Silence)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "External policy Local holds for pods and for the node itself too, and the node keeps the address it sends from; iptables gives them the cluster's endpoints",
            why: "a virtual server has one set of destinations, whoever sends",
            shown_by: Cluster::ExternalLocal,
            is: |pair| {
                externally_local(pair)
                    && pair.flow.endpoints == Endpoints::Some
                    && only_answers(pair.first)
                    && only_answers(pair.found)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "External policy Local without an endpoint on the node: at external and load balancer addresses the node itself meets silence; iptables gives it the cluster's endpoints",
            why: "the endpoint is asked from the Service's own address, without masquerading, and its answer does not find back (`local-policy-fallback`)",
            shown_by: Cluster::ExternalLocalElsewhere,
            is: |pair| {
                externally_local(pair)
                    && pair.flow.sender == Sender::Node
                    && pair.flow.endpoints == Endpoints::NotHere
                    && only_answers(pair.first)
                    && pair.found_is(&Outcome::Silence)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "Internal policy Local without an endpoint on the node: a Service that is reachable from inside only is refused; iptables drops the packet",
            why: "its virtual server has no destination, and such a one refuses",
            shown_by: Cluster::InternalLocal,
            is: |pair| {
                internally_elsewhere(pair) && pair.turns(&Outcome::Silence, &Outcome::Refused)
            },
        },
        Self {
            other: Mode::Ipvs,
            what: "Internal policy Local without an endpoint on the node: a Service that is reachable from outside too sends to the cluster's endpoints; iptables drops the packet",
            why: "kube-proxy falls back to them in mode ipvs where it knows any (`internal-policy-leak`)",
            shown_by: Cluster::InternalLocal,
            is: |pair| {
                internally_elsewhere(pair)
                    && is(pair.first, &Outcome::Silence)
                    && only_answers(pair.found)
            },
        },
    ];

    /// Whether the two outcomes differ by it.
    pub(super) fn explains(&self, pair: &Pair<'_>) -> bool {
        self.other == pair.other && (self.is)(pair)
    }
}

impl Pair<'_> {
    fn asks(&self, asked: Asked) -> bool {
        self.flow.asked == asked
    }

    fn not_offered(&self) -> bool {
        matches!(
            self.flow.asked,
            Asked::OtherPort | Asked::OtherTransport | Asked::NodePortThere | Asked::Ping
        )
    }

    fn found_is(&self, outcome: &Outcome) -> bool {
        is(self.found, outcome)
    }

    fn turns(&self, first: &Outcome, found: &Outcome) -> bool {
        is(self.first, first) && is(self.found, found)
    }
}

fn is(outcomes: &Outcomes, outcome: &Outcome) -> bool {
    outcomes.iter().eq([outcome])
}

fn only_answers(outcomes: &Outcomes) -> bool {
    outcomes.iter().all(|one| answering(one).is_some())
}

fn at_another_address(pair: &Pair<'_>) -> bool {
    pair.asks(Asked::EveryFrontend)
        && only_answers(pair.first)
        && only_answers(pair.found)
        && pair.first.len() == 1
        && pair.found.len() == 2
}

fn loopback_refused(pair: &Pair<'_>) -> bool {
    pair.asks(Asked::NodePortAtLoopback)
        && pair.flow.family == IpFamily::V4
        && only_answers(pair.first)
        && pair.found_is(&Outcome::Refused)
}

fn second_loopback_refused(pair: &Pair<'_>) -> bool {
    let flow = pair.flow;
    pair.asks(Asked::NodePortAtLoopback)
        && (flow.family, flow.endpoints) == (IpFamily::V6, Endpoints::NotHere)
        && pair.turns(&Outcome::Silence, &Outcome::Refused)
}

/// The node asks at an address where there is no endpoint.
fn node_at_nothing(pair: &Pair<'_>) -> bool {
    let flow = pair.flow;
    pair.asks(Asked::Frontend)
        && matches!(flow.place, Place::ExternalIp | Place::LoadBalancer)
        && (flow.sender, flow.endpoints) == (Sender::Node, Endpoints::Nowhere)
}

/// Somebody asks at a guarded address where there is no endpoint.
fn stranger_at_nothing(pair: &Pair<'_>) -> bool {
    let flow = pair.flow;
    pair.asks(Asked::Frontend)
        && (flow.open, flow.endpoints) == (Open::ToRanges, Endpoints::Nowhere)
}

/// Somebody inside asks where external policy Local holds.
fn externally_local(pair: &Pair<'_>) -> bool {
    let flow = pair.flow;
    !pair.not_offered()
        && flow.policy == TrafficPolicy::Local
        && flow.place != Place::ClusterIp
        && !matches!(flow.sender, Sender::Client(_))
}

fn internally_elsewhere(pair: &Pair<'_>) -> bool {
    let flow = pair.flow;
    pair.asks(Asked::Frontend)
        && flow.place == Place::ClusterIp
        && flow.endpoints == Endpoints::NotHere
}
