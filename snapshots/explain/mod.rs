//! `portolan explain`: what becomes of a packet, for people and for machines.

use golden_support::{Portolan, fixture, folder, snapshot};
use portolan_runtime::report::Exit;

/// Explains a packet to one of the small clusters, without warnings about them.
fn explain(case: &str, words: &str) -> String {
    let run = Portolan::new("-q explain --node node-a -f")
        .arg(fixture("clusters/_defaults"))
        .arg("-f")
        .arg(fixture(&format!("clusters/{case}/input.yaml")))
        .words(words)
        .run();
    assert_eq!(run.exit, Exit::Done, "{run}");
    // Files are named as they were given.
    run.to_string().replace(&fixture(""), "fixtures/")
}

#[test]
fn one_connection_in_every_mode() {
    for mode in ["ipvs", "iptables", "nftables"] {
        let words = format!("--mode {mode} --from 10.244.0.5 --to 10.96.0.10:80");
        let name = format!("cluster-ip-{mode}");
        snapshot("explain", &name, explain("cluster-ip", &words));
    }
}

#[test]
fn a_stranger_is_kept_away() {
    let words = "--mode ipvs --from 203.0.113.99 --to 203.0.113.7:80";
    let text = explain("load-balancer-with-source-ranges", words);
    snapshot("explain", "stranger", text);
}

#[test]
fn the_node_itself_and_a_port_of_its_own() {
    let words = "--mode iptables --from node --to 192.168.0.41:22";
    snapshot("explain", "no-service", explain("cluster-ip", words));
}

#[test]
fn a_ping_of_a_service() {
    let words = "--mode ipvs --from 10.244.0.5 --to 10.96.0.10/ping";
    snapshot("explain", "ping", explain("cluster-ip", words));
}

#[test]
fn an_interface_that_decides() {
    let run = |words: &str| {
        let run = Portolan::new("-q explain --node node-a --mode iptables -f")
            .arg(fixture("clusters/_defaults/node.yaml"))
            .arg("-f")
            .arg(fixture("clusters/local-traffic-by-interface"))
            .words("--from 10.244.0.9 --to 10.96.0.10:80")
            .words(words)
            .run();
        run.to_string().replace(&fixture(""), "fixtures/")
    };
    snapshot("explain", "interface-unknown", run(""));
    assert!(run("--in-interface veth12").contains("sees the sender's address\n"));
    assert!(run("--in-interface eth0").contains("sees the node's address\n"));
}

#[test]
fn for_machines() {
    let words = "--mode iptables --from 203.0.113.99 --to 203.0.113.7:80 --output json";
    let text = explain("load-balancer-with-source-ranges", words);
    snapshot("explain", "output-json", text);
}

#[test]
fn a_compiled_folder_says_the_same_without_manifests() {
    let out = folder();
    let path = || out.path().display().to_string();
    let compiled = Portolan::new("-q compile --node node-a --mode ipvs -f")
        .arg(fixture("clusters/_defaults"))
        .arg("-f")
        .arg(fixture("clusters/cluster-ip/input.yaml"))
        .arg("--out")
        .arg(path())
        .run();
    assert_eq!(compiled.exit, Exit::Done, "{compiled}");
    let explain_folder = |words: &str| {
        Portolan::new("explain")
            .arg(path())
            .words("--from 10.244.0.5 --to 10.96.0.10:80")
            .words(words)
            .run()
    };
    let of_folder = explain_folder("-q --node-address 192.168.0.41,fd00::41");
    let of_manifests = explain(
        "cluster-ip",
        "--mode ipvs --from 10.244.0.5 --to 10.96.0.10:80",
    );
    let lines = of_manifests.lines();
    let without: String = lines
        .filter(|line| !line.trim_start().starts_with("fixtures/"))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(of_folder.to_string(), without);
    assert_eq!(explain_folder("").exit, Exit::Usage);
}

#[test]
fn mistakes() {
    let manifests = fixture("clusters/cluster-ip/input.yaml");
    let mut text = String::new();
    for words in [
        "--from 10.244.0.5 --to [fd00::10]:80",
        "--from node --to 10.96.0.10:80 --in-interface eth0",
        "--from node --to 10.96.0.10",
        "--from somebody --to 10.96.0.10:80",
    ] {
        let run = Portolan::new("-q explain --node node-a -f")
            .arg(fixture("clusters/_defaults"))
            .arg("-f")
            .arg(manifests.clone())
            .words(words)
            .run();
        text.extend(["portolan explain ", words, "\n", &run.to_string(), "\n"]);
    }
    snapshot("explain", "mistakes", text);
}

/// In mode ipvs policy Local falls back to endpoints on other nodes, whose answers pass this node by.
#[test]
fn an_answer_that_is_lost_is_no_connection() {
    const CLUSTER: &str = "\
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
clusterCIDR: 10.244.0.0/16
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: shop}
spec:
  type: LoadBalancer
  clusterIP: 10.96.0.5
  externalTrafficPolicy: Local
  healthCheckNodePort: 32000
  ports: [{port: 80, nodePort: 30080}]
status: {loadBalancer: {ingress: [{ip: 203.0.113.7}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: front-1, namespace: shop, labels: {kubernetes.io/service-name: front}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.244.2.5], nodeName: n2}]
";
    let ask = |from: &str, output: &str| {
        let words = format!("-q explain --node n1 --to 203.0.113.7:80 --from {from} {output} -f -");
        Portolan::new(&words).stdin(CLUSTER).run()
    };
    let outside = ask("198.51.100.9", "");
    let headline = "No connection comes about: one endpoint gets it and sees the sender's address, \
                    and its answer does not come back by this node\n";
    assert!(outside.text().contains(headline), "{outside}");
    let end = "gets it and sees the sender's address; its answer does not come back by this node\n";
    assert!(outside.text().contains(end), "{outside}");
    let outside = ask("198.51.100.9", "--output json");
    assert!(outside.text().contains("\"answerLost\": true"), "{outside}");
    let pod = ask("10.244.1.9", "");
    assert!(
        pod.text().contains("One endpoint gets it and sees"),
        "{pod}"
    );
}
