//! What people are told about their input: every refusal and every warning, one small case each.

use std::collections::BTreeSet;

use portolan_compiler::diag::{Code, Severity, human};
use portolan_runtime::report::Exit;

use crate::support::{Compiled, Scenario, snapshot};

const AREA: &str = "diagnostics";

/// The code that takes a large input; [`more_entries_than_a_set_takes`] makes one.
const TOO_LARGE_TO_SHOW: Code = Code::Capacity;

/// The code of annotations; [`crate::lint`] has cases of it.
const ONLY_IN_SETTINGS: Code = Code::Suppression;

/// Said of an input without any Service by lint alone, whose own tests show it.
const ONLY_IN_LINT: Code = Code::NothingToLint;

#[test]
fn reports_say_what_is_wrong_and_what_to_do() {
    let mut failed = Vec::new();
    for scenario in Scenario::all(AREA) {
        let compiled = scenario.compile();
        let text = render(&scenario.arguments(), &compiled);
        let compare = || snapshot(AREA, &scenario.name, &text);
        if std::panic::catch_unwind(compare).is_err() {
            failed.push(scenario.name.clone());
        }
    }
    assert!(failed.is_empty(), "changed: {failed:?}");
}

#[test]
fn what_has_errors_is_refused_and_nothing_else_is() {
    for scenario in Scenario::all(AREA) {
        let Compiled { outcome, .. } = scenario.compile();
        let errors = outcome.report.count(Severity::Error);
        assert_eq!(outcome.prepared.is_none(), errors > 0, "{}", scenario.name);
    }
}

#[test]
fn every_kind_of_finding_is_shown() {
    let shown: BTreeSet<Code> = Scenario::all(AREA)
        .iter()
        .flat_map(|scenario| scenario.compile().outcome.report.diagnostics)
        .map(|diagnostic| diagnostic.code)
        .chain([TOO_LARGE_TO_SHOW])
        .chain(crate::lint::rules::shown_codes())
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
fn every_finding_says_what_to_do() {
    for scenario in Scenario::all(AREA) {
        for diagnostic in scenario.compile().outcome.report.diagnostics {
            let name = &scenario.name;
            assert!(
                !diagnostic.help.is_empty(),
                "{name}: {:?} has no help",
                diagnostic.message
            );
            assert!(
                !diagnostic.message.ends_with('.'),
                "{name}: {:?}",
                diagnostic.message
            );
        }
    }
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
    let text = render("--node node-a", &compiled);
    snapshot(AREA, "more-entries-than-a-set-takes", &text);
}

fn render(arguments: &str, compiled: &Compiled) -> String {
    let Compiled { sources, outcome } = compiled;
    let exit = match outcome.prepared {
        Some(_) => Exit::Done,
        None => Exit::Data,
    };
    format!(
        "portolan compile {arguments}\n\n{}exit {}: {}\n",
        human(&outcome.report, sources),
        exit.code(),
        match exit {
            Exit::Done => "compiled",
            _ => exit.meaning(),
        },
    )
}
