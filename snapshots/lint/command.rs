//! The command: output formats, the rules' own pages, exit codes.

use golden_support::{Portolan, folder, snapshot};
use portolan_compiler::lint::RuleId;
use portolan_runtime::report::Exit;

use super::AREA;

/// An error, a warning, something for information, a suppressed one; and text that would disturb a
/// terminal or another format.
const INPUT: &str = r#"apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
  annotations:
    portolan.dev/ignore: "PTL011=announced\u202e by the router, see <docs>"
spec:
  clusterIP: 10.96.0.10
  externalIPs: [198.51.100.40]
  publishNotReadyAddresses: true
  "x\u202e:, 100% & <more>": 1
  ports: [{name: http, port: 80}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [10.244.0.5]}, {addresses: [10.96.0.10]}]
"#;

fn lint(words: &str) -> Portolan {
    Portolan::new("lint -f -").stdin(INPUT).words(words)
}

#[test]
fn each_format() {
    for format in ["text", "json", "sarif", "junit", "github"] {
        let run = lint("--output").words(format).run();
        assert_eq!(run.exit, Exit::Differs, "{run}");
        assert!(run.text().is_ascii(), "{run}");
        let mut text = run.to_string();
        if format == "sarif" {
            // The rules are the catalogue; one of them shows how. Help is in the log itself: there is
            // no page that all readers could open.
            let rules = RuleId::ALL.iter().filter(|rule| rule.is_checked_here());
            assert_eq!(run.text().matches("\"markdown\": ").count(), rules.count());
            assert!(!run.text().contains("helpUri"), "{run}");
            text = sarif_without_most_rules(run.text());
        }
        snapshot(AREA, &format!("output-{format}"), text);
    }
}

fn sarif_without_most_rules(text: &str) -> String {
    let (head, rest) = text.split_once("\"rules\": [\n").expect("rules");
    let (first, rest) = rest.split_once("            },\n").expect("several rules");
    let (_, tail) = rest
        .split_once("\n          ]")
        .expect("an end of the rules");
    format!("{head}\"rules\": [\n{first}            }},\n            ...\n          ]{tail}")
}

#[test]
fn several_outputs_at_once() {
    let folder = folder();
    let path = folder.path().join("lint.sarif");
    let run = lint("--output github --output")
        .arg(format!("sarif={}", path.display()))
        .hide(&folder)
        .run();
    assert_eq!(run.exit, Exit::Differs, "{run}");
    assert_eq!(run.stdout, lint("--output github").run().stdout);
    let written = std::fs::read(&path).expect("the file");
    assert_eq!(written, lint("--output sarif").run().stdout);
    let run = lint("--output github --output sarif").run();
    assert_eq!(run.exit, Exit::Usage, "{run}");
}

#[test]
fn the_rules_have_pages_of_their_own() {
    snapshot(AREA, "list", Portolan::new("lint --list").run().to_string());
    for rule in ["PTL011", "PTL015", "PTL035"] {
        let page = Portolan::new("lint --explain").words(rule).run();
        snapshot(AREA, &format!("explain-{rule}"), page.to_string());
    }
    let lower = Portolan::new("lint --explain ptl011").run();
    assert_eq!(lower, Portolan::new("lint --explain PTL011").run());
    assert_eq!(
        Portolan::new("lint --explain PTL999").run().exit,
        Exit::Usage
    );
}

#[test]
fn the_exit_code_follows_the_severity_asked_for() {
    let info = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: None, sessionAffinity: ClientIP}\n";
    let warning = "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: db-1, labels: {kubernetes.io/service-name: db}}\naddressType: IPv4\nports: [{port: 80}]\nendpoints: []\n";
    let error = "a: [";
    for (input, fail_on, expected) in [
        (info, "info", Exit::Differs),
        (info, "warning", Exit::Done),
        (warning, "warning", Exit::Differs),
        (warning, "error", Exit::Done),
        (error, "error", Exit::Differs),
    ] {
        let run = Portolan::new("lint -f - --fail-on")
            .words(fail_on)
            .stdin(input)
            .run();
        assert_eq!(run.exit, expected, "{fail_on}: {run}");
    }
    let run = Portolan::new("lint -f - --disable PTL003")
        .stdin(warning)
        .run();
    assert_eq!(run.exit, Exit::Done, "{run}");
}

#[test]
fn a_node_that_nobody_knows() {
    let nodes = "apiVersion: v1\nkind: Node\nmetadata: {name: node-a}\nstatus: {addresses: [{type: InternalIP, address: 192.168.0.41}]}\n";
    let run = Portolan::new("lint -f - --node node-b").stdin(nodes).run();
    snapshot(AREA, "unknown-node", run.to_string());
}

#[test]
fn what_is_no_text_is_a_finding_too() {
    for format in ["text", "json"] {
        let run = Portolan::new("lint -f - --output")
            .words(format)
            .stdin(*b"a: \xff\n")
            .run();
        snapshot(AREA, &format!("no-text-{format}"), run.to_string());
    }
}

#[test]
fn the_schema_in_docs_is_that_of_the_type() {
    let run = Portolan::new("lint --schema").run();
    assert_eq!(run.exit, Exit::Done);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lint-config.schema.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        run.text() == checked_in,
        "docs/lint-config.schema.json is not up to date; write it with: \
         cargo run -p portolan-runtime -- lint --schema > docs/lint-config.schema.json"
    );
}

#[test]
fn nothing_to_look_at_is_no_success() {
    let lint = |text: &str| Portolan::new("lint -f -").stdin(text).run();
    for text in ["", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"] {
        let run = lint(text);
        assert_eq!(run.exit, Exit::Differs, "{run}");
        assert!(
            run.text()
                .contains("nothing to lint: the input has no Service"),
            "{run}"
        );
    }
    let service =
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}]}\n";
    let run = lint(service);
    assert_eq!(run.exit, Exit::Done, "{run}");
    assert!(
        run.stderr
            .contains("None of these Services is programmed on a node"),
        "{run}"
    );
    for verb in ["diff - @nothing", "graph -"] {
        let run = Portolan::new(verb).stdin(service).run();
        assert!(
            run.stderr.contains("that kube-proxy would program"),
            "{run}"
        );
    }
}
