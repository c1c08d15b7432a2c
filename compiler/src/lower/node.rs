//! One node: its own addresses, place and settings.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::topology::Standpoint;
use crate::diag::{Code, Finding, Findings, Place};
use crate::ir::{LocalTraffic, MasqueradeAll, Masquerading, Node, NodePortScope};
use crate::model::config::{Config, DetectLocal, NodePortAddresses};
use crate::model::name::NodeName;
use crate::model::{self, Cluster, Facts, IpFamily};
use crate::source::FieldPath;

/// Everything about one node that lowering needs.
#[derive(Debug)]
pub struct NodeView {
    /// The node as the IR has it.
    pub(super) ir: Node,
    /// How it treats senders' addresses.
    pub(super) masquerading: Masquerading,
    /// From where it chooses endpoints.
    pub(super) standpoint: Standpoint,
    own_addresses: [OwnAddress; 2],
}

/// The address kube-proxy takes for the node's own.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnAddress {
    pub(super) address: IpAddr,
    source: OwnAddressSource,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OwnAddressSource {
    Known,
    Fallback,
}

impl OwnAddress {
    /// Whether it is loopback for want of a better one.
    pub(super) fn is_fallback(self) -> bool {
        self.source == OwnAddressSource::Fallback
    }

    fn known(self) -> Option<IpAddr> {
        (!self.is_fallback()).then_some(self.address)
    }
}

impl NodeView {
    /// The node as the IR has it.
    pub(crate) fn node(&self) -> &Node {
        &self.ir
    }

    /// How it treats senders' addresses.
    pub(crate) fn masquerading(&self) -> &Masquerading {
        &self.masquerading
    }

    /// From where it chooses endpoints.
    pub(crate) fn standpoint(&self) -> Standpoint {
        self.standpoint
    }

    /// The address kube-proxy takes for the node's own (`detectNodeIPs` in
    /// `cmd/kube-proxy/app/server.go`).
    pub(super) fn own_address(&self, family: IpFamily) -> OwnAddress {
        self.own_addresses[family as usize]
    }
}

/// Neither a Node nor NodeFacts describe the node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither a Node nor NodeFacts for {name}")]
pub struct UnknownNode {
    /// The name that was asked for.
    pub name: NodeName,
}

/// Looks a node up.
///
/// # Errors
/// When nothing in the input describes it.
pub fn view(
    cluster: &Cluster,
    name: &NodeName,
    findings: &mut Findings,
) -> Result<NodeView, UnknownNode> {
    let node = cluster.node(name);
    let facts = cluster.facts(name);
    if node.is_none() && facts.is_none() {
        return Err(UnknownNode { name: name.clone() });
    }
    let own_addresses = IpFamily::ALL.map(|family| own_address(family, &cluster.config, node));
    let zone = node.and_then(|node| node.zone.as_ref());
    Ok(NodeView {
        ir: Node {
            name: name.clone(),
            addresses: addresses(name, node, facts, findings),
            primary: own_addresses.map(OwnAddress::known),
            node_port_scope: node_port_scope(&cluster.config, &own_addresses),
        },
        masquerading: masquerading(cluster, name, node, findings),
        standpoint: Standpoint {
            node: cluster.places.node(name.as_str()),
            zone: zone.and_then(|zone| cluster.places.zone(zone.as_str())),
        },
        own_addresses,
    })
}

/// The view from no node in particular: no endpoint is local, no zone is its own. What is found from
/// here holds on every node, except for what only nodes can tell.
pub fn nowhere(cluster: &Cluster, findings: &mut Findings) -> NodeView {
    let config = &cluster.config;
    let name = NodeName::parse("nowhere").expect("it is a name");
    let own_addresses = IpFamily::ALL.map(|family| own_address(family, config, None));
    let mut found = Findings::default();
    let masquerading = masquerading(cluster, &name, None, &mut found);
    // The node's own ranges are nothing that could be missing here.
    if config.detect_local != DetectLocal::NodeCidr {
        findings.append(found);
    }
    NodeView {
        ir: Node {
            name,
            addresses: Vec::new(),
            primary: own_addresses.map(OwnAddress::known),
            node_port_scope: node_port_scope(config, &own_addresses),
        },
        masquerading,
        standpoint: Standpoint {
            node: None,
            zone: None,
        },
        own_addresses,
    }
}

fn addresses(
    name: &NodeName,
    node: Option<&model::Node>,
    facts: Option<&Facts>,
    findings: &mut Findings,
) -> Vec<IpAddr> {
    let mut addresses = match (facts, node) {
        (Some(facts), _) => facts.addresses.clone(),
        (None, Some(node)) => {
            findings.push(
                Finding::warning(
                    Code::NodeFactsMissing,
                    Place::Field(
                        node.object,
                        FieldPath::root().key("status").key("addresses"),
                    ),
                    format!(
                        "no NodeFacts for {name}: its interfaces' other addresses (bridges, second networks) are unknown, and node ports are not served there"
                    ),
                )
                .help("run `portolan facts` on the node and add its output to the input"),
            );
            node.addresses.clone()
        }
        (None, None) => Vec::new(),
    };
    addresses.retain(|address| !address.is_loopback());
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn own_address(family: IpFamily, config: &Config, node: Option<&model::Node>) -> OwnAddress {
    let of_family = |address: &IpAddr| IpFamily::of(*address) == family;
    let known = config.bind_address.filter(of_family).or_else(|| {
        node.and_then(|node| {
            node.addresses
                .iter()
                .copied()
                .find(|address| of_family(address))
        })
    });
    match known {
        Some(address) => OwnAddress {
            address,
            source: OwnAddressSource::Known,
        },
        None => OwnAddress {
            address: match family {
                IpFamily::V4 => Ipv4Addr::LOCALHOST.into(),
                IpFamily::V6 => Ipv6Addr::LOCALHOST.into(),
            },
            source: OwnAddressSource::Fallback,
        },
    }
}

/// `NewNodePortAddresses` in `pkg/proxy/util/nodeport_addresses.go`; a family without a range of its
/// own serves as if nothing were configured.
fn node_port_scope(config: &Config, own: &[OwnAddress; 2]) -> [NodePortScope; 2] {
    let every = |net: fn(IpFamily) -> IpNet| IpFamily::ALL.map(net).to_vec();
    let mut ranges: Vec<IpNet> = Vec::new();
    for addresses in &config.node_port_addresses {
        ranges.extend(match addresses {
            NodePortAddresses::Range(range) => vec![*range],
            NodePortAddresses::Primary => {
                let own = own.iter().filter(|own| !own.address.is_loopback());
                own.map(|own| IpNet::from(own.address)).collect()
            }
            NodePortAddresses::Localhost => every(IpFamily::loopback),
            NodePortAddresses::All => every(IpFamily::everything),
        });
    }
    IpFamily::ALL.map(|family| {
        let of_family = || {
            let ranges = ranges.iter().copied();
            ranges.filter(|net| IpFamily::of_net(*net) == family)
        };
        if of_family().next().is_none() {
            NodePortScope::Default
        } else if of_family().any(|net| net.prefix_len() == 0) {
            NodePortScope::All
        } else {
            NodePortScope::Ranges(of_family().collect())
        }
    })
}

fn masquerading(
    cluster: &Cluster,
    name: &NodeName,
    node: Option<&model::Node>,
    findings: &mut Findings,
) -> Masquerading {
    let config = &cluster.config;
    let pod_cidr = |family| {
        let cidrs = node.map_or(&[][..], |node| &node.pod_cidrs);
        cidrs
            .iter()
            .copied()
            .find(|net| IpFamily::of_net(*net) == family)
    };
    let source = |net: Option<IpNet>| {
        net.map_or(LocalTraffic::Unknown, |net| {
            LocalTraffic::Source(net.trunc())
        })
    };
    let local_traffic = IpFamily::ALL.map(|family| match &config.detect_local {
        DetectLocal::ClusterCidr => source(config.cluster_cidr(family)),
        DetectLocal::NodeCidr => source(pod_cidr(family)),
        DetectLocal::Bridge(interface) => LocalTraffic::Interface(interface.clone()),
        DetectLocal::InterfacePrefix(prefix) => LocalTraffic::InterfacePrefix(prefix.clone()),
    });
    if config.masquerade_all == MasqueradeAll::No {
        let unknown: Vec<IpFamily> = IpFamily::ALL
            .into_iter()
            .filter(|family| local_traffic[*family as usize] == LocalTraffic::Unknown)
            .filter(|family| cluster.served_families.contains(family))
            .collect();
        warn_of_unknown(config, name, node, &unknown, findings);
    }
    Masquerading {
        mark_bit: config.masquerade_bit,
        all: config.masquerade_all,
        local_traffic,
    }
}

/// Warns of families whose local traffic is unknown though they have Services.
fn warn_of_unknown(
    config: &Config,
    name: &NodeName,
    node: Option<&model::Node>,
    families: &[IpFamily],
    findings: &mut Findings,
) {
    let Some(family) = families.first() else {
        return;
    };
    let by_node = config.detect_local == DetectLocal::NodeCidr;
    let nothing = if by_node {
        node.is_none_or(|node| node.pod_cidrs.is_empty())
    } else {
        config.cluster_cidrs.is_empty()
    };
    let why = match (by_node, nothing) {
        (true, true) => format!("Node {name} has no podCIDRs"),
        (true, false) => format!("Node {name} has no {family} range in podCIDRs"),
        (false, true) => "clusterCIDR is not set".to_owned(),
        (false, false) => format!("clusterCIDR has no {family} range"),
    };
    let traffic = if nothing {
        "traffic".to_owned()
    } else {
        format!("{family} traffic")
    };
    let (field, help) = if by_node {
        ("detectLocalMode", "add the Node object with its podCIDRs")
    } else {
        (
            "clusterCIDR",
            "add the pods' range to clusterCIDR, or set another detectLocalMode",
        )
    };
    let place = config.object.map_or(Place::Nowhere, |object| {
        Place::Field(object, FieldPath::root().key(field))
    });
    findings.push(
        Finding::warning(
            Code::LocalDetection,
            place,
            format!(
                "{why}: pods' {traffic} cannot be told from other traffic, and only what a cluster IP sends to itself is masqueraded"
            ),
        )
        .help(help),
    );
}
