//! What people are told about their input, over all cases: none is missing.

use std::collections::BTreeSet;

use golden_support::{Scenario, snapshot};
use portolan_compiler::diag::Code;

const AREA: &str = "diagnostics";

/// The code that takes a large input; [`more_entries_than_a_set_takes`] makes one.
const TOO_LARGE_TO_SHOW: Code = Code::Capacity;

/// The code of annotations; lint has cases of it.
const ONLY_IN_SETTINGS: Code = Code::Suppression;

/// Said of an input without any Service by lint alone, whose own tests show it.
const ONLY_IN_LINT: Code = Code::NothingToLint;

#[test]
fn every_kind_of_finding_is_shown() {
    let shown: BTreeSet<Code> = Scenario::all(AREA)
        .iter()
        .flat_map(|scenario| scenario.compile().outcome.report.diagnostics)
        .map(|diagnostic| diagnostic.code)
        .chain([TOO_LARGE_TO_SHOW])
        .chain(golden_support::lint::shown_codes())
        .chain([ONLY_IN_SETTINGS, ONLY_IN_LINT])
        .collect();
    let never: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| !shown.contains(code))
        .collect();
    assert!(
        never.is_empty(),
        "no case of fixtures/{AREA} or fixtures/lint shows {never:?}"
    );
}

#[test]
fn more_entries_than_a_set_takes() {
    let ports: Vec<String> = (1..=256)
        .map(|n| format!("{{name: p{n}, port: {n}}}"))
        .collect();
    let endpoints: Vec<String> = (0..=256)
        .map(|n| (n / 250, n % 250 + 1))
        .map(|(a, b)| format!("{{addresses: [10.244.{a}.{b}], nodeName: node-a}}"))
        .collect();
    let (ports, endpoints) = (ports.join(", "), endpoints.join(", "));
    let service = format!(
        "\
apiVersion: v1
kind: Service
metadata: {{name: cart}}
spec:
  clusterIP: 10.96.0.1
  ports: [{ports}]
"
    );
    let slice = format!(
        "\
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: cart-1, labels: {{kubernetes.io/service-name: cart}}}}
addressType: IPv4
ports: [{ports}]
endpoints: [{endpoints}]
"
    );
    let compiled = Scenario::defaults(AREA)
        .compile_with(&[("service.yaml", service), ("endpoints.yaml", slice)]);
    let shown: Vec<Code> = compiled
        .outcome
        .report
        .diagnostics
        .iter()
        .map(|diagnostic| diagnostic.code)
        .collect();
    assert_eq!(shown, [TOO_LARGE_TO_SHOW]);
    let text = compiled.told("--node node-a");
    snapshot(AREA, "more-entries-than-a-set-takes", &text);
}

/// Each of so many Services has what is wrong with the others, at addresses of its own.
#[test]
fn many_services_alike() {
    let files = (1..=40).map(|n| {
        let text = format!(
            "\
apiVersion: v1
kind: Service
metadata: {{name: cart-{n}, namespace: shop}}
spec:
  type: LoadBalancer
  clusterIP: 10.96.1.{n}
  externalIPs: ['2001:db8::{n}', 198.51.{n}.7]
  loadBalancerSourceRanges: [203.0.{n}.9/24, '2001:db8:{n}::/48']
  ports:
  - {{name: http, port: {port}, nodePort: {node_port}}}
  - {{name: other, port: {n}, nodePort: {other}}}
status: {{loadBalancer: {{ingress: [{{ip: 198.51.100.{n}}}, {{ip: '2001:db8:1::{n}'}}]}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: empty-{n}, namespace: shop}}
spec:
  clusterIP: 10.96.2.{n}
  ports: [{{name: http, port: {port}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: new-{n}, namespace: shop}}
spec:
  ports: [{{name: http, port: {port}}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: cart-{n}-1, namespace: shop, labels: {{kubernetes.io/service-name: cart-{n}}}}}
addressType: IPv4
ports: [{{name: http, port: {port}}}, {{name: gone, port: 1}}]
endpoints:
- {{addresses: [10.244.{n}.1, 10.244.{n}.2]}}
- {{addresses: [010.244.{n}.3]}}
- {{addresses: [10.244.{n}.4]}}
- {{addresses: [10.244.{n}.4], conditions: {{ready: false}}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: nobody-{n}, namespace: shop, labels: {{kubernetes.io/service-name: nobody-{n}}}}}
addressType: IPv4
ports: [{{name: http, port: {port}}}]
endpoints: [{{addresses: [10.244.{n}.5]}}]
",
            port = 8000 + n,
            node_port = 30_000 + n,
            other = 31_000 + n,
        );
        (format!("cart-{n}.yaml"), text)
    });
    let files: Vec<(String, String)> = files.collect();
    let named: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let compiled = Scenario::defaults(AREA).compile_with(&named);
    snapshot(AREA, "many-services-alike", compiled.told("--node node-a"));
}
