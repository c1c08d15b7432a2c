//! Packets that are sent to no frontend, or that cannot be.

use portolan_compiler::explain::{Arrival, Effect, Fate, Flow, Source};
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::InterfaceName;

use super::clusters::Cluster;

/// A Service at 10.96.0.10, 192.0.2.7 and node port 30080, one endpoint on the node and one elsewhere.
const MANIFESTS: &str = "
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
detectLocalMode: BridgeInterface
detectLocal: {bridgeInterface: cni0}
---
apiVersion: v1
kind: Node
metadata: {name: node-a}
status: {addresses: [{type: InternalIP, address: 192.168.0.41}]}
---
apiVersion: portolan.dev/v1alpha1
kind: NodeFacts
metadata: {name: node-a}
interfaces: [{name: eth0, addresses: [192.168.0.41/24]}, {name: cni0, addresses: [10.244.0.1/24]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  type: NodePort
  clusterIP: 10.96.0.10
  externalIPs: [192.0.2.7]
  sessionAffinity: ClientIP
  ports: [{port: 80, nodePort: 30080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
- {addresses: [10.244.0.5], nodeName: node-a}
- {addresses: [10.244.1.5], nodeName: node-b}
";

fn sent(from: &str, interface: Option<&str>, to: &str) -> Flow {
    Flow {
        arrival: match from {
            "node" => Arrival::Node { from: None },
            from => Arrival::Interface {
                from: from.parse().unwrap(),
                interface: interface.map(|name| InterfaceName::parse(name).unwrap()),
            },
        },
        to: to.parse().unwrap(),
    }
}

/// What every mode makes of a packet.
fn outcomes(flow: &Flow) -> [Vec<Fate>; 3] {
    [Mode::Ipvs, Mode::Iptables, Mode::Nftables].map(|mode| {
        let node = &Cluster::of(MANIFESTS).compile(mode)[0];
        let prediction = node.explain(flow).prediction();
        prediction.outcomes.into_iter().collect()
    })
}

#[test]
fn what_no_service_offers() {
    use Fate::{NodeItself, Refused, RoutedOn, Silence};
    let routed = || RoutedOn(Source::Kept);
    for (from, to, expected) in [
        // A cluster IP's other ports: mode iptables does not see them.
        ("203.0.113.9", "10.96.0.10:81", [Refused, routed(), Refused]),
        ("node", "10.96.0.10:81", [Refused, routed(), Refused]),
        (
            "203.0.113.9",
            "10.96.0.10:80/udp",
            [Refused, routed(), Refused],
        ),
        // Ping.
        (
            "203.0.113.9",
            "10.96.0.10/ping",
            [Refused, routed(), Refused],
        ),
        ("node", "192.0.2.7/ping", [Refused, routed(), routed()]),
        (
            "203.0.113.9",
            "192.168.0.41/ping",
            [NodeItself, NodeItself, NodeItself],
        ),
        // An external IP's other ports.
        ("203.0.113.9", "192.0.2.7:81", [Refused, routed(), routed()]),
        // Other ports of the node, other addresses, and what only passes.
        (
            "203.0.113.9",
            "192.168.0.41:22",
            [NodeItself, NodeItself, NodeItself],
        ),
        (
            "node",
            "192.168.0.41:22",
            [NodeItself, NodeItself, NodeItself],
        ),
        (
            "203.0.113.9",
            "10.244.0.5:8080",
            [routed(), routed(), routed()],
        ),
        (
            "10.244.0.5",
            "203.0.113.9:443",
            [routed(), routed(), routed()],
        ),
        // Loopback, and senders that cannot be.
        ("node", "127.0.0.1:22", [NodeItself, NodeItself, NodeItself]),
        ("203.0.113.9", "127.0.0.1:22", [Silence, Silence, Silence]),
        (
            "192.168.0.41",
            "192.168.0.41:22",
            [Silence, Silence, Silence],
        ),
    ] {
        let flow = sent(from, Some("eth0"), to);
        assert_eq!(
            outcomes(&flow),
            expected.map(|one| vec![one]),
            "{from} -> {to}"
        );
    }
}

#[test]
fn node_ports_on_localhost_are_for_mode_iptables() {
    let [ipvs, iptables, nftables] = outcomes(&sent("node", None, "127.0.0.1:30080"));
    assert_eq!(ipvs, [Fate::NodeItself]);
    assert_eq!(nftables, [Fate::NodeItself]);
    let masqueraded =
        |endpoint: &str| Fate::Reaches(endpoint.parse().unwrap(), Source::Masqueraded);
    let both = ["10.244.0.5:8080", "10.244.1.5:8080"].map(masqueraded);
    assert_eq!(iptables, both);
}

/// Through the pods' bridge a sender keeps its address, through another interface it does not.
#[test]
fn an_unknown_interface_is_both() {
    for mode in [Mode::Ipvs, Mode::Iptables, Mode::Nftables] {
        let node = &Cluster::of(MANIFESTS).compile(mode)[0];
        let sources = |interface| {
            let flow = sent("10.244.0.9", interface, "10.96.0.10:80");
            let explanation = node.explain(&flow);
            let assumed = explanation
                .branches
                .iter()
                .any(|one| !one.assumptions.is_empty());
            let sources: Vec<Source> = explanation.prediction().sources().into_iter().collect();
            (sources, assumed)
        };
        assert_eq!(sources(Some("cni0")), (vec![Source::Kept], false));
        assert_eq!(sources(Some("eth0")), (vec![Source::Masqueraded], false));
        let both = vec![Source::Kept, Source::Masqueraded];
        assert_eq!(sources(None), (both, true), "{mode:?}");
        // Where it makes no difference nothing is assumed.
        let elsewhere = node.explain(&sent("203.0.113.9", None, "192.0.2.7:80"));
        assert!(
            elsewhere
                .branches
                .iter()
                .all(|one| one.assumptions.is_empty())
        );
    }
}

#[test]
fn shares_are_equal_and_affinity_is_told() {
    for mode in [Mode::Ipvs, Mode::Iptables, Mode::Nftables] {
        let node = &Cluster::of(MANIFESTS).compile(mode)[0];
        let explanation = node.explain(&sent("203.0.113.9", Some("eth0"), "192.168.0.41:30080"));
        let branches = &explanation.branches;
        let permille: Vec<u32> = branches.iter().map(|one| one.share.permille()).collect();
        assert_eq!(permille, [500, 500], "{mode:?}");
        for branch in branches {
            assert_eq!(branch.affinity, Some(10_800), "{mode:?}");
            assert!(!branch.returning);
            let trace = explanation.trace(branch);
            let sent = trace
                .iter()
                .filter(|step| matches!(explanation.hop(**step).effect, Effect::SendsTo(_)));
            assert_eq!(sent.count(), 1, "{mode:?}");
        }
    }
}

/// Every manifest line that made a difference is named on the trace.
#[test]
fn the_way_names_its_origins() {
    for mode in [Mode::Ipvs, Mode::Iptables, Mode::Nftables] {
        let node = &Cluster::of(MANIFESTS).compile(mode)[0];
        let port = &node.program.service_ports[0];
        let explanation = node.explain(&sent("203.0.113.9", Some("eth0"), "10.96.0.10:80"));
        for branch in &explanation.branches {
            let trace = explanation.trace(branch);
            let named: Vec<_> = trace
                .iter()
                .map(|step| explanation.hop(*step))
                .flat_map(|hop| {
                    let found = hop.evidence.iter().flat_map(|one| &one.origins);
                    hop.origins.iter().chain(found).copied().collect::<Vec<_>>()
                })
                .collect();
            assert!(named.contains(&port.frontends[0].origin), "{mode:?}");
            let mut endpoints = port.endpoints.iter();
            assert!(endpoints.any(|one| named.contains(&one.origin)), "{mode:?}");
        }
    }
}
