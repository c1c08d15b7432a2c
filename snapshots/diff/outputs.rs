//! Views and formats.

use golden_support::diff::diff;
use golden_support::{Portolan, fixture, folder, snapshot};
use portolan_runtime::report::Exit;

use super::AREA;

fn shown(text: &str) -> String {
    text.replace("fixtures/diff/", "")
}

/// A slice with hints, which releases before 1.33 follow only where the Service has an annotation.
const ZONES: &str = "\
apiVersion: v1
kind: Node
metadata: {name: node-a, labels: {topology.kubernetes.io/zone: zone-1}}
spec: {podCIDRs: [10.244.1.0/24]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  clusterIP: 10.96.0.10
  ports: [{port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
- {addresses: [10.244.1.5], zone: zone-1, hints: {forZones: [{name: zone-1}]}}
- {addresses: [10.244.2.5], zone: zone-2, hints: {forZones: [{name: zone-2}]}}
";

/// A cluster that much of what releases do in ways of their own matters to.
const CONCERNED: &str = "\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clusterCIDR: 10.244.0.0/16
---
apiVersion: v1
kind: Node
metadata: {name: node-a}
spec: {podCIDRs: [10.244.1.0/24]}
status:
  addresses: [{type: InternalIP, address: 192.0.2.11}]
  capacity: {cpu: '64'}
---
apiVersion: v1
kind: Service
metadata: {name: 1st-dns, namespace: shop}
spec:
  clusterIP: 10.96.0.10
  externalIPs: [198.51.100.40]
  ports: [{port: 53, protocol: UDP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: dns-1, namespace: shop, labels: {kubernetes.io/service-name: 1st-dns}}
addressType: IPv4
ports: [{port: 53, protocol: UDP}]
endpoints: [{addresses: [10.244.1.5]}]
";

#[test]
fn every_format() {
    for format in ["json", "markdown", "github", "gitlab"] {
        let run = diff("endpoints-all-gone", "--output").words(format).run();
        snapshot(AREA, &format!("output-{format}"), shown(&run.to_string()));
    }
}

#[test]
fn every_view() {
    for view in ["kernel", "unified"] {
        for format in ["human", "markdown", "json"] {
            let run = diff("endpoint-replaced", "--view")
                .words(view)
                .words("--output")
                .words(format)
                .run();
            snapshot(
                AREA,
                &format!("view-{view}-{format}"),
                shown(&run.to_string()),
            );
        }
    }
}

#[test]
fn objects_of_mode_nftables() {
    for case in ["endpoint-replaced", "source-ranges-changed"] {
        let run = diff(case, "--view kernel --mode nftables").run();
        snapshot(AREA, &format!("nftables-{case}"), shown(&run.to_string()));
    }
}

#[test]
fn what_strangers_wrote_is_no_markup() {
    let run = diff(
        "capture-of-a-stranger",
        "--view kernel --output markdown --marker",
    )
    .arg("a --> b")
    .run();
    let fences = run.text().matches("```").count();
    assert_eq!(fences, 2, "{run}");
    assert!(run.text().is_ascii(), "{run}");
    assert!(!run.text().contains("--> b"), "{run}");
    let before = run.text().split("```").next().unwrap();
    assert!(!before.contains("<img"), "{run}");
    let run = diff("capture-of-a-stranger", "--view kernel --output github").run();
    assert!(run.text().is_ascii(), "{run}");
    for line in run.text().lines() {
        assert!(line.starts_with("::notice "), "{line}");
    }
}

#[test]
fn a_compiled_folder_is_what_it_was_compiled_of() {
    for case in golden_support::Scenario::all(AREA) {
        let (manifests, rules) = (fixture(&format!("diff/{}/new", case.name)), folder());
        let rules = rules.path().display().to_string();
        let nodes = if case.name.starts_with("node") {
            "--all-nodes"
        } else {
            continue;
        };
        let compiled = Portolan::new("compile -q -f")
            .arg(&*manifests)
            .words(nodes)
            .arg("--out")
            .arg(&*rules)
            .run();
        assert_eq!(compiled.exit, Exit::Done, "{compiled}");
        for view in ["service", "kernel", "unified"] {
            let run = Portolan::new("diff --view")
                .words(view)
                .arg(format!("rules:{rules}"))
                .arg(format!("manifests:{manifests}"))
                .run();
            assert_eq!(run.exit, Exit::Done, "{} {view}: {run}", case.name);
            let changed = Portolan::new("diff --view")
                .words(view)
                .arg(format!("rules:{rules}"))
                .arg(format!(
                    "manifests:{}",
                    fixture(&format!("diff/{}/old", case.name))
                ))
                .run();
            assert_eq!(
                changed.exit,
                Exit::Differs,
                "{} {view}: {changed}",
                case.name
            );
        }
    }
}

/// A node that was captured after an apply differs in nothing from what was applied.
#[test]
fn a_capture_compares_with_manifests() {
    let case = |name: &str, view: &str| {
        Portolan::new("diff --view")
            .words(view)
            .arg(format!(
                "capture:{}",
                fixture(&format!("plan/{name}/observed"))
            ))
            .arg(format!("manifests:{}", fixture(&format!("plan/{name}"))))
            .run()
    };
    for view in ["service", "kernel"] {
        let run = case("nothing-to-do", view);
        assert_eq!(run.exit, Exit::Done, "{view}: {run}");
    }
    for name in [
        "source-range-changed",
        "destination-draining",
        "jump-missing",
    ] {
        let run = case(name, "service");
        snapshot(
            AREA,
            &format!("capture-{name}"),
            shown(run.text().split_once("\n\n").unwrap().1),
        );
    }
}

#[test]
fn releases_of_kube_proxy_are_compared_on_one_input() {
    let run = Portolan::new("diff --kube-version 1.30 --kube-version 1.37 -")
        .stdin(ZONES)
        .run();
    snapshot(AREA, "releases", run.to_string());
    assert_eq!(run.exit, Exit::Differs);
}

/// What a cluster has a part in of the differences between releases, beside what they change for its
/// Services.
#[test]
fn releases_are_told_as_far_as_they_matter() {
    for format in ["human", "json", "markdown", "github", "gitlab"] {
        let run = Portolan::new("diff -q --kube-version 1.33 --kube-version 1.37 -")
            .words("--output")
            .words(format)
            .stdin(CONCERNED)
            .run();
        snapshot(AREA, &format!("releases-matter-{format}"), run.to_string());
        assert_eq!(run.exit, Exit::Done);
    }
    let run = Portolan::new("diff -q --kube-version 1.33 --kube-version 1.37 --mode iptables -")
        .stdin(ZONES)
        .run();
    assert!(!run.text().contains("externalIPs"), "{run}");
    let same = Portolan::new("diff -q --kube-version 1.37 --mode iptables --mode iptables -")
        .stdin(CONCERNED)
        .run();
    assert!(!same.text().contains("kube-proxy itself"), "{same}");
}

/// An upgrade that the rules survive, and that kube-proxy does not.
#[test]
fn a_gate_that_stops_the_new_kube_proxy_is_a_change() {
    let gated = |gate: &str| {
        format!(
            "{ZONES}---\napiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n\
             mode: iptables\nfeatureGates: {{{gate}: true}}\n"
        )
    };
    let run = |from, to, gate, more| {
        Portolan::new(&format!("diff --kube-version {from} --kube-version {to} -"))
            .words(more)
            .stdin(gated(gate))
            .run()
    };
    let stops = run("1.34", "1.35", "LoadBalancerIPMode", "--output human");
    snapshot(AREA, "releases-stopping-gate", stops.to_string());
    assert_eq!(stops.exit, Exit::Differs);
    let within = "--blast-radius 100";
    let stops = run("1.34", "1.35", "LoadBalancerIPMode", within);
    assert_eq!(stops.exit, Exit::Differs);
    let starts = run("1.36", "1.37", "KubeProxyIPVS", "--output json");
    assert!(
        starts.text().contains("feature gate KubeProxyIPVS"),
        "{starts}"
    );
    assert_eq!(starts.exit, Exit::Differs);
    for (from, to, gate) in [
        ("1.35", "1.36", "LoadBalancerIPMode"),
        ("1.34", "1.35", "NodeSwap"),
    ] {
        let same = run(from, to, gate, "--output human");
        assert!(!same.text().contains("kube-proxy does not start"), "{same}");
        assert_eq!(same.exit, Exit::Done);
    }
}

/// The report to read before a migration: what stays is not told.
#[test]
fn modes_are_compared_on_one_input() {
    for (from, to) in [
        ("ipvs", "nftables"),
        ("iptables", "ipvs"),
        ("ipvs", "iptables"),
    ] {
        let run = Portolan::new(&format!("diff -q --mode {from} --mode {to}"))
            .arg(fixture("demo"))
            .run();
        let said = run.to_string().replace(&fixture("demo"), "demo");
        snapshot(AREA, &format!("modes-{from}-{to}"), said);
        assert_eq!(run.exit, Exit::Differs);
    }
    let run = Portolan::new("diff -q --mode ipvs --mode nftables --output json")
        .arg(fixture("demo"))
        .run();
    assert!(run.text().contains("\"what\": \"mode\""), "{run}");
}

#[test]
fn the_blast_radius_is_kept() {
    // One Service of one changes.
    for (share, exit) in [("99%", Exit::Differs), ("100%", Exit::Done)] {
        let run = diff("endpoint-replaced", "--blast-radius")
            .words(share)
            .run();
        assert_eq!(run.exit, exit, "{run}");
        let told = run.stderr.contains("1 of 1");
        assert_eq!(told, exit == Exit::Differs, "{run}");
    }
}

#[test]
fn a_comment_is_never_too_long() {
    let service = |index: usize, last: u8| {
        let (a, b) = (index / 250, index % 250 + 1);
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: service-{index}, namespace: shop}}\n\
             spec:\n  clusterIP: 10.96.{a}.{b}\n  ports: [{{port: 80}}]\n---\n\
             apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n\
             metadata: {{name: s{index}, namespace: shop, labels: {{kubernetes.io/service-name: service-{index}}}}}\n\
             addressType: IPv4\nports: [{{port: 80}}]\nendpoints: [{{addresses: [10.244.{a}.{last}]}}]\n"
        )
    };
    let cluster = |number: usize, last: u8| -> String {
        (0..number).map(|index| service(index, last)).collect()
    };
    let folder = folder();
    for number in [40, 400, 3000] {
        let file = |name: &str, last| {
            let path = folder.path().join(name);
            std::fs::write(&path, cluster(number, last)).unwrap();
            path.display().to_string()
        };
        let (old, new) = (file("old.yaml", 1), file("new.yaml", 2));
        for view in ["service", "kernel", "unified"] {
            let run = Portolan::new("diff --output markdown --view")
                .words(view)
                .arg(&*old)
                .arg(&*new)
                .run();
            let length = run.text().len();
            assert!(length < 60_000, "{number} {view}: {length}");
            assert_eq!(run.exit, Exit::Differs);
            assert_eq!(run.text().matches("```").count() % 2, 0, "{number} {view}");
        }
        let run = Portolan::new("diff --output markdown")
            .arg(old)
            .arg(new)
            .run();
        let said = format!("{number} Services change");
        assert!(run.text().contains(&said), "{number}");
        assert_eq!(run.text().contains("further row"), number > 400, "{number}");
    }
}
