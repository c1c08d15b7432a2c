//! Small clusters, and what becomes of them.

use super::render::{headline, notes};
use super::{Counts, Evicted, Happens, Loss, Question, Rows, Situation, Units};
use crate::compile::{
    BaseServices, EndpointsFrom, Input, NodeSelection, Options, Prepared, Silent, prepare,
};
use crate::model::name::NodeName;
use crate::source::Sources;

fn prepared(objects: &[String]) -> Prepared {
    let mut sources = Sources::default();
    sources.add("cluster.yaml", objects.join("---\n"));
    let options = Options {
        nodes: NodeSelection::All,
        kube_version: Some("1.34".parse().unwrap()),
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::WhatHolds,
    };
    let outcome = prepare(&Input { sources }, &options, &Silent);
    let report = &outcome.report;
    outcome.prepared.unwrap_or_else(|| panic!("{report:?}"))
}

/// `a1` is the first node of zone a; of `x1` and its like nobody knows the zone.
fn node(name: &str, further: &str) -> String {
    let (zone, number) = name.split_at(1);
    let labels = match zone {
        "x" => String::new(),
        zone => format!("labels: {{topology.kubernetes.io/zone: {zone}}}, "),
    };
    let octet = u32::from(zone.as_bytes()[0] - b'a') * 10 + number.parse::<u32>().unwrap();
    format!(
        "{{apiVersion: v1, kind: Node, metadata: {{{labels}name: {name}}}, spec: {{{further}}}, \
         status: {{addresses: [{{type: InternalIP, address: 192.0.2.{octet}}}]}}}}\n"
    )
}

fn service(name: &str, number: u8, further: &str) -> String {
    let cluster_ip = if further.contains("clusterIP:") {
        String::new()
    } else {
        format!("clusterIP: 10.96.0.{number}, ")
    };
    format!(
        "{{apiVersion: v1, kind: Service, metadata: {{namespace: shop, name: {name}}}, spec: \
         {{{cluster_ip}ports: [{{name: http, port: 80, targetPort: 8080}}], {further}}}}}\n"
    )
}

/// Endpoints of a Service: their nodes, and what else is said of each.
fn slice(name: &str, number: u8, endpoints: &[(&str, &str)]) -> String {
    let endpoints: Vec<String> = (1..)
        .zip(endpoints)
        .map(|(host, (node, further))| {
            let node = match *node {
                "" => String::new(),
                node => format!(", nodeName: {node}"),
            };
            format!("{{addresses: [10.0.{number}.{host}]{node}{further}}}")
        })
        .collect();
    format!(
        "{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{namespace: shop, name: {name}-1, \
         labels: {{kubernetes.io/service-name: {name}}}}}, addressType: IPv4, ports: [{{name: http, port: 8080}}], \
         endpoints: [{}]}}\n",
        endpoints.join(", ")
    )
}

/// The Pod behind the endpoint of that number.
fn pod(app: &str, number: u8, host: u8, node: &str, owner: &str) -> String {
    let (hash, owner) = match owner.split_once('/') {
        None => ("", String::new()),
        Some((kind, name)) => (
            if kind == "ReplicaSet" {
                ", pod-template-hash: '1'"
            } else {
                ""
            },
            format!(", ownerReferences: [{{kind: {kind}, name: {name}, controller: true}}]"),
        ),
    };
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{namespace: shop, name: {app}-{host}, labels: {{app: {app}{hash}}}{owner}}}, \
         spec: {{nodeName: {node}}}, status: {{phase: Running, podIPs: [{{ip: 10.0.{number}.{host}}}], \
         conditions: [{{type: Ready, status: 'True'}}]}}}}\n"
    )
}

fn names(words: &str) -> impl Iterator<Item = NodeName> {
    words
        .split_whitespace()
        .map(|name| NodeName::parse(name).unwrap())
}

/// What happens: `lose a1`, `drain a1`, `move a1` for lost with Pods placed, `scale shop/cart 3`.
fn question(words: &str) -> Question {
    let (verb, rest) = words.split_once(' ').unwrap();
    let mut question = Question::default();
    match verb {
        "lose" => question.lost.extend(names(rest)),
        "move" => {
            question.lost.extend(names(rest));
            question.evicted = Evicted::Placed;
        }
        "drain" => question.drained.extend(names(rest)),
        "scale" => {
            let (target, number) = rest.split_once(' ').unwrap();
            let scaled = (target.parse().unwrap(), number.parse().unwrap());
            question.scaled.push(scaled);
        }
        other => panic!("{other}"),
    }
    question
}

/// What becomes of a cluster, in words: first what is said of Services, then which endpoints there are.
fn told(objects: &[String], words: &str) -> (String, Vec<String>) {
    let prepared = prepared(objects);
    let situation = Situation::new(&prepared);
    let then = situation.after(&question(words));
    let impact = then.impact(&situation);
    let places = &prepared.cluster().places;
    let endpoints = then.slices.iter().flat_map(|slice| {
        slice.endpoints.iter().map(|endpoint| {
            let node = endpoint
                .node
                .map_or("-", |node| places.node_name(node).as_str());
            format!("{} {} {node}", slice.service.name, endpoint.address)
        })
    });
    (headline(&impact), endpoints.collect())
}

#[test]
fn services_lose_what_is_on_a_node() {
    let nodes = || vec![node("a1", ""), node("a2", ""), node("b1", "")];
    let hinted = |zone: &str| format!(", hints: {{forZones: [{{name: {zone}}}]}}");
    let (in_a, in_b) = (hinted("a"), hinted("b"));
    let draining = ", conditions: {ready: false, serving: true, terminating: true}";
    for (about, service, slice, words, expected) in [
        (
            "the last one",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", "")]),
            "lose a1",
            "1 Service loses all its endpoints (shop/s)",
        ),
        (
            "one of two",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", "")]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "the last ready one: the one that drains takes over for seconds",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", draining)]),
            "lose a1",
            "1 Service loses all its endpoints (shop/s)",
        ),
        (
            "one that drains, of several, where none is ready",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", draining), ("a2", draining)]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "the last that drains, where none is ready",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", draining)]),
            "lose a1",
            "1 Service loses all its endpoints (shop/s)",
        ),
        (
            "the same of a headless one: DNS names the ready ones alone",
            service("s", 1, "clusterIP: None, selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", draining)]),
            "lose a1",
            "1 Service loses all its endpoints (shop/s)",
        ),
        (
            "what is not ready is nothing to lose",
            service("s", 1, "selector: {app: s}"),
            slice(
                "s",
                1,
                &[("a1", ", conditions: {ready: false, serving: false}")],
            ),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "publishNotReadyAddresses keeps it, in vain",
            service("s", 1, "publishNotReadyAddresses: true, selector: {app: s}"),
            slice("s", 1, &[("a1", "")]),
            "lose a1",
            "1 Service loses all its endpoints (shop/s)",
        ),
        (
            "a Service without a selector",
            service("s", 1, "type: ClusterIP"),
            slice("s", 1, &[("a1", ""), ("", "")]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "the last one of the zone",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", &in_a), ("b1", &in_b)]),
            "lose a1",
            "No Service loses all its endpoints, hints stop deciding for 1 (shop/s)",
        ),
        (
            "one of two of the zone",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", &in_a), ("a2", &in_a), ("b1", &in_b)]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "the zone that nobody is left in has nobody to ask",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", &in_a), ("b1", &in_b)]),
            "lose b1",
            "No Service loses all its endpoints",
        ),
        (
            "the only one without hints: they begin to decide",
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", &in_a), ("b1", &in_b)]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "the local one, for clients from outside",
            service(
                "s",
                1,
                "type: NodePort, externalTrafficPolicy: Local, selector: {app: s}",
            ),
            slice("s", 1, &[("a1", ""), ("a2", "")]),
            "drain a1",
            "No Service loses all its endpoints, 1 the local ones of a node (shop/s)",
        ),
        (
            "the local one for pods, which are there",
            service("s", 1, "internalTrafficPolicy: Local, selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", "")]),
            "drain a1",
            "No Service loses all its endpoints, 1 the local ones of a node (shop/s)",
        ),
        (
            "the local one for pods, which are gone",
            service("s", 1, "internalTrafficPolicy: Local, selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", "")]),
            "lose a1",
            "No Service loses all its endpoints",
        ),
        (
            "an external policy that nobody comes by",
            service("s", 1, "externalTrafficPolicy: Cluster, selector: {app: s}"),
            slice("s", 1, &[("a1", ""), ("a2", "")]),
            "drain a1",
            "No Service loses all its endpoints",
        ),
    ] {
        let objects = [nodes(), vec![service, slice]].concat();
        assert_eq!(told(&objects, words).0, expected, "{about}");
    }
}

#[test]
fn one_port_of_several_may_be_lost() {
    let objects = [
        node("a1", ""),
        node("a2", ""),
        service("s", 1, "selector: {app: s}").replace(
            "ports: [",
            "ports: [{name: admin, port: 81, targetPort: admin}, ",
        ),
        slice("s", 1, &[("a1", "")]),
        slice("s", 2, &[("a2", "")])
            .replace("s-1", "s-2")
            .replace("name: http, port: 8080", "name: admin, port: 9090"),
    ];
    let prepared = prepared(&objects);
    let situation = Situation::new(&prepared);
    let impact = situation.after(&question("lose a1")).impact(&situation);
    let lost: Vec<&Loss> = impact.lost.values().collect();
    match &lost[..] {
        [Loss::Ports(ports)] => assert_eq!(ports[0].to_string(), "http 80/TCP"),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        headline(&impact),
        "No Service loses all its endpoints, 1 all of a port"
    );
}

#[test]
fn drains_leave_what_belongs_to_the_node() {
    let objects = |owner| {
        [
            node("a1", ""),
            node("a2", ""),
            service("s", 1, "selector: {app: s}"),
            slice("s", 1, &[("a1", "")]),
            pod("s", 1, 1, "a1", owner),
        ]
    };
    for (owner, is_kept) in [
        ("ReplicaSet/s-1", false),
        ("StatefulSet/s", false),
        ("", false),
        ("DaemonSet/s", true),
        ("Node/a1", true),
    ] {
        let prepared = prepared(&objects(owner));
        let situation = Situation::new(&prepared);
        assert_eq!(
            situation.after(&question("drain a1")).is_empty(),
            is_kept,
            "{owner}"
        );
        assert_eq!(told(&objects(owner), "lose a1").1, [""; 0], "{owner}");
    }
    // The address of a Pod that is done is another's by now.
    let reused = [
        &objects("ReplicaSet/s-1")[..],
        &[pod("s", 1, 1, "a1", "ReplicaSet/s-1")
            .replace("s-1,", "s-0,")
            .replace("Running", "Succeeded")],
    ]
    .concat();
    assert_eq!(told(&reused, "drain a1").1, [""; 0]);
    // Without Pods nobody knows, and the API server's own is no Pod's.
    assert_eq!(told(&objects("")[..4], "drain a1").1, [""; 0]);
    let api_server = [
        node("a1", ""),
        node("a2", ""),
        service("kubernetes", 1, "type: ClusterIP").replace("shop", "default"),
        slice("kubernetes", 1, &[("", ""), ("", "")])
            .replace("shop", "default")
            .replace("10.0.1.", "192.0.2."),
    ];
    assert_eq!(told(&api_server, "drain a1").1, [""; 0]);
    assert_eq!(told(&api_server, "lose a1").1, ["kubernetes 192.0.2.2 -"]);
}

#[test]
fn pods_go_where_the_fewest_of_their_workload_are() {
    let cart = |host, node| pod("s", 1, host, node, "ReplicaSet/s-1");
    for (about, nodes, pods, expected) in [
        (
            "the zone with fewer comes before the node with fewer",
            vec![
                node("a1", ""),
                node("a2", ""),
                node("a3", ""),
                node("b1", ""),
                node("b2", ""),
            ],
            vec![cart(1, "a1"), cart(2, "a2"), cart(3, "b1")],
            // One in each zone is left: of a, a3 has none; of b, b2 has none; a is the first.
            &["s 10.0.1.2 a2", "s 10.0.1.3 b1", "s 198.18.0.1 a3"][..],
        ),
        (
            "of nodes with as many of its own the one with the fewest of all",
            vec![node("a1", ""), node("a2", ""), node("a3", "")],
            vec![
                cart(1, "a1"),
                pod("other", 9, 1, "a2", "ReplicaSet/other-1"),
            ],
            &["s 198.18.0.1 a3"],
        ),
        (
            "neither cordoned nor tainted ones",
            vec![
                node("a1", ""),
                node("a2", "unschedulable: true"),
                node("a3", "taints: [{key: k, effect: NoSchedule}]"),
                node("a4", "taints: [{key: k, effect: PreferNoSchedule}]"),
            ],
            vec![cart(1, "a1")],
            &["s 198.18.0.1 a4"],
        ),
        (
            "no node is left",
            vec![node("a1", ""), node("a2", "unschedulable: true")],
            vec![cart(1, "a1")],
            &[],
        ),
        (
            "nothing makes a bare Pod again, nor that of a DaemonSet",
            vec![node("a1", ""), node("a2", "")],
            vec![
                pod("s", 1, 1, "a1", ""),
                pod("s", 1, 2, "a1", "DaemonSet/s"),
            ],
            &[],
        ),
        (
            "nodes without a zone are one",
            vec![node("x1", ""), node("x2", ""), node("a1", "")],
            vec![cart(1, "x1"), cart(2, "x1"), cart(3, "a1")],
            &["s 10.0.1.3 a1", "s 198.18.0.1 x2", "s 198.18.0.2 a1"],
        ),
    ] {
        let lost = if nodes[0].contains("x1") {
            "move x1"
        } else {
            "move a1"
        };
        let objects = [nodes, vec![service("s", 1, "selector: {app: s}")], pods].concat();
        let mut found = told(&objects, lost).1;
        found.sort();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{about}");
    }
}

#[test]
fn scaling_takes_the_pods_that_the_cluster_takes_first() {
    let unready = |pod: String| pod.replace("'True'", "'False'");
    for (about, pods, number, expected) in [
        (
            "the highest ordinal",
            vec![
                pod("s", 1, 9, "a1", "StatefulSet/s"),
                pod("s", 1, 10, "a2", "StatefulSet/s"),
            ],
            1,
            &["s 10.0.1.9 a1"][..],
        ),
        (
            "one that is not ready, wherever it is",
            vec![
                pod("s", 1, 1, "a1", "ReplicaSet/s-1"),
                pod("s", 1, 2, "a1", "ReplicaSet/s-1"),
                unready(pod("s", 1, 3, "a2", "ReplicaSet/s-1")),
            ],
            2,
            &["s 10.0.1.1 a1", "s 10.0.1.2 a1"],
        ),
        (
            "one that shares its node, of these the last by name",
            vec![
                pod("s", 1, 1, "a1", "ReplicaSet/s-1"),
                pod("s", 1, 2, "a1", "ReplicaSet/s-1"),
                pod("s", 1, 3, "a2", "ReplicaSet/s-1"),
            ],
            2,
            &["s 10.0.1.1 a1", "s 10.0.1.3 a2"],
        ),
        (
            "all of them",
            vec![pod("s", 1, 1, "a1", "ReplicaSet/s-1")],
            0,
            &[],
        ),
        (
            "more, each to a node of its own",
            vec![pod("s", 1, 1, "a1", "ReplicaSet/s-1")],
            2,
            &["s 10.0.1.1 a1", "s 198.18.0.1 a2"],
        ),
    ] {
        let nodes = vec![node("a1", ""), node("a2", "")];
        let service = service("s", 1, "selector: {app: s}");
        let objects = [nodes, vec![service], pods].concat();
        let (_, mut found) = told(&objects, &format!("scale shop/s {number}"));
        found.sort();
        assert_eq!(found, expected, "{about}");
    }
}

#[test]
fn shares_follow_what_each_node_uses() {
    let objects = [
        node("a1", ""),
        node("a2", ""),
        node("b1", ""),
        service("s", 1, "selector: {app: s}"),
        slice(
            "s",
            1,
            &[
                ("a1", ", hints: {forZones: [{name: a}]}"),
                ("b1", ", hints: {forZones: [{name: b}]}"),
            ],
        ),
        service("t", 2, "internalTrafficPolicy: Local, selector: {app: t}"),
        slice("t", 2, &[("a1", ""), ("b1", "")]),
    ];
    let prepared = prepared(&objects);
    let situation = Situation::new(&prepared);
    let impact = situation.after(&question("lose b1")).impact(&situation);
    let said: Vec<String> = impact
        .shares
        .iter()
        .map(|shares| {
            let endpoints = shares.endpoints.iter().map(|share| {
                let round = |share: Option<f64>| share.map(|share| (share * 100.0).round());
                format!(
                    "{} {:?} {:?}",
                    share.of,
                    round(share.before),
                    round(share.after)
                )
            });
            endpoints.collect::<Vec<_>>().join(", ")
        })
        .collect();
    assert_eq!(
        said,
        [
            // Two nodes of three are in zone a.
            "10.0.1.1:8080 Some(67.0) Some(100.0), 10.0.1.2:8080 Some(33.0) None",
            // Nobody answers on a2.
            "10.0.2.1:8080 Some(33.0) Some(50.0), 10.0.2.2:8080 Some(33.0) None",
        ]
    );
    // As many connections come from each node as before: nobody gets more.
    assert_eq!(impact.surge, None);
    let impact = situation.after(&question("lose a1")).impact(&situation);
    let surge = impact.surge.unwrap();
    // It answered its own node, and answers both that are left.
    assert_eq!(
        (surge.endpoint.to_string().as_str(), surge.times),
        ("10.0.1.2:8080", 2.0)
    );
}

#[test]
fn the_worst_row_is_the_first() {
    let objects = [
        node("a1", ""),
        node("a2", ""),
        node("b1", ""),
        node("x1", ""),
        service("s", 1, "selector: {app: s}"),
        slice("s", 1, &[("a2", "")]),
        service(
            "t",
            2,
            "type: NodePort, externalTrafficPolicy: Local, selector: {app: t}",
        ),
        slice("t", 2, &[("a1", ""), ("b1", "")]),
    ];
    let prepared = prepared(&objects);
    let situation = Situation::new(&prepared);
    let names = |of| {
        let rows = Rows::new(&situation, of, Happens::Lost, Evicted::Gone);
        let names: Vec<String> = rows
            .rows
            .iter()
            .map(|row| row.unit.name().to_owned())
            .collect();
        (names.join(" "), rows.without_zone.len())
    };
    assert_eq!(names(Units::Nodes), ("a2 a1 b1 x1".to_owned(), 0));
    assert_eq!(names(Units::Zones), ("a b".to_owned(), 1));
}

#[test]
fn what_is_taken_for_granted_is_said() {
    let objects = [
        node("a1", ""),
        service("s", 1, "selector: {app: s}"),
        slice("s", 1, &[("a1", "")]),
        pod("s", 1, 1, "a1", "ReplicaSet/s-1"),
    ];
    let with_pods = prepared(&objects);
    let without = prepared(&objects[..3]);
    let said = |prepared: &Prepared, counts| {
        notes(prepared.cluster(), Evicted::Placed, &counts).join("; ")
    };
    assert_eq!(said(&with_pods, Counts::default()), "");
    assert!(said(&without, Counts::default()).starts_with("the input has no Pods"));
    for (counts, expected) in [
        (
            Counts {
                moved: 1,
                ..Counts::default()
            },
            "not the scheduler's",
        ),
        (
            Counts {
                added: 1,
                ..Counts::default()
            },
            "198.18.0.0/15",
        ),
        (
            Counts {
                unplaced: 2,
                ..Counts::default()
            },
            "takes 2 Pods",
        ),
        (
            Counts {
                unmade: 1,
                ..Counts::default()
            },
            "nothing makes 1 Pod again",
        ),
        (
            Counts {
                ordinal: 1,
                ..Counts::default()
            },
            "once the lost Node is deleted",
        ),
        (
            Counts {
                stay: 1,
                ..Counts::default()
            },
            "stays on drained nodes",
        ),
        (
            Counts {
                vain: 1,
                ..Counts::default()
            },
            "in vain",
        ),
        (
            Counts {
                alone: 1,
                ..Counts::default()
            },
            "1 endpoint that goes has no Pod",
        ),
    ] {
        let said = said(&with_pods, counts);
        assert!(said.contains(expected), "{said}");
    }
}
