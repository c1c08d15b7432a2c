//! Suppressions, settings, and the less usual cases of each rule: a line for each finding.

use std::fmt::Write as _;
use std::fs;

use golden_support::lint::{lint_text, options};
use golden_support::{fixture, names, snapshot};
use portolan_compiler::compile::{Input, Silent};
use portolan_compiler::diag::Severity;
use portolan_compiler::lint::{Finding, Report, lint};

use super::AREA;

/// One line per finding: what a reader of these tests needs.
fn lines(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let diagnostic = &finding.diagnostic;
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        let object = diagnostic.object.as_deref().unwrap_or("-");
        let _ = write!(out, "  {} {severity} {object}", finding.kind.id());
        if let Some(field) = &diagnostic.field {
            let _ = write!(out, " {field}");
        }
        let _ = writeln!(out, ": {}", diagnostic.message);
        if let Some(reason) = &finding.suppressed {
            let _ = writeln!(out, "    suppressed: {reason}");
        }
    }
    out
}

fn cases(folder: &str) -> String {
    names(fixture(folder).as_ref())
        .iter()
        .fold(String::new(), |mut out, name| {
            let text = fs::read_to_string(fixture(&format!("{folder}/{name}"))).expect("UTF-8");
            let (_, report) = lint_text(&text, &options());
            let _ = writeln!(out, "{name}\n{}", lines(&report));
            out
        })
}

/// The manifest has nothing that the cluster allocates, and the base has what nobody wrote.
#[test]
fn a_base_supplies_what_the_cluster_allocated() {
    let mut input = Input::default();
    let own = "\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {portolan.dev/ignore: PTL010=a test double}}
spec: {type: NodePort, ports: [{port: 80}]}
";
    let base = "\
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {type: NodePort, clusterIP: 10.96.0.10, ports: [{port: 80, nodePort: 10250}]}
---
apiVersion: v1
kind: Service
metadata: {name: left, namespace: shop}
spec: {clusterIP: 10.96.0.10, externalIPs: [198.51.100.40], ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.96.0.10]}]
";
    input.sources.add("git.yaml", own.to_owned());
    input.sources.add_base("cluster.yaml", base.to_owned());
    let report = lint(&input, &options(), &Silent);
    snapshot(AREA, "base", lines(&report));
}

/// A slice of the running cluster that compile refuses is nothing that a change answers for.
#[test]
fn what_compile_refuses_in_the_base_alone_does_not_count() {
    let slice = |address: &str| {
        format!(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n\
             metadata: {{name: cart-1, namespace: shop, labels: {{kubernetes.io/service-name: cart}}}}\n\
             addressType: IPv4\nports: [{{port: 8080}}]\nendpoints: [{{addresses: [{address}]}}]\n"
        )
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\n\
                   spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}\n---\n";
    let linted = |own: String, base: String| {
        let mut input = Input::default();
        input.sources.add("git.yaml", own);
        input.sources.add_base("cluster.yaml", base);
        let report = lint(&input, &options(), &Silent);
        let errors = |finding: &&Finding| finding.diagnostic.severity == Severity::Error;
        (
            report.of_input().filter(errors).count(),
            report.refused_in_base,
        )
    };
    let (own, whole) = (
        service.to_owned(),
        format!("{service}{}", slice("127.0.0.1")),
    );
    assert_eq!(linted(own.clone(), whole.clone()), (0, 1));
    assert_eq!(linted(whole, own.clone()), (1, 0));
    assert_eq!(linted(own.clone(), format!("{own}kind: [")), (0, 1));
}

#[test]
fn suppressions_and_settings() {
    snapshot(AREA, "settings", cases("lint-settings"));
}

/// A node with more endpoints than the set of them takes: too large an input to write down.
#[test]
fn more_entries_than_a_set_takes() {
    let ports: Vec<String> = (1..=100)
        .map(|n| format!("{{name: p{n}, port: {n}}}"))
        .collect();
    let endpoints: Vec<String> = (0..=655)
        .map(|n| {
            format!(
                "{{addresses: [10.244.{}.{}], nodeName: node-a}}",
                n / 250,
                n % 250 + 1
            )
        })
        .collect();
    let (ports, endpoints) = (ports.join(", "), endpoints.join(", "));
    let text = format!(
        "\
apiVersion: v1
kind: Service
metadata: {{name: cart}}
spec: {{clusterIP: 10.96.0.1, ports: [{ports}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: cart-1, labels: {{kubernetes.io/service-name: cart}}}}
addressType: IPv4
ports: [{ports}]
endpoints: [{endpoints}]
---
apiVersion: v1
kind: Node
metadata: {{name: node-a}}
status: {{addresses: [{{type: InternalIP, address: 192.168.0.41}}]}}
"
    );
    let (_, report) = lint_text(&text, &options());
    assert_eq!(
        lines(&report),
        "  PTL026 error -: set KUBE-LOOP-BACK would have 65600 entries and takes 65536: the kernel refuses the rest (on node-a)\n"
    );
}

#[test]
fn further_cases_of_rules() {
    snapshot(AREA, "further-cases", cases("lint-further"));
}
