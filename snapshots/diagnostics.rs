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
        .compile_with([("service.yaml", service), ("endpoints.yaml", slice)]);
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
