//! Properties of the front end: it survives any text, and cutting changes nothing.

use proptest::prelude::*;

use super::*;
use crate::diag::{Report, human, json};

const YAML: &str = "# input
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: cart, namespace: shop, labels: &l {a: 'b', c: \"d\\n\"}}
  spec:
    ports:
    - {name: web, port: 80}
    - name: alt
      port: http
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: kube-proxy
    labels:
      <<: *l
  data:
    config.conf: |
      apiVersion: kubeproxy.config.k8s.io/v1alpha1
      kind: KubeProxyConfiguration
      ipvs: {strictARP: 1}
      mode: \u{e9}
---
apiVersion: portolan.dev/v1alpha1
kind: NodeFacts
metadata: {name: a}
interfaces:
- name: eth0
  addresses: [10.0.0.1/24, 10.0.0.1/24]
kernel: 1
---
apiVersion: portolan.dev/v1alpha1
kind: LintConfig
rules: {PTL011: off, PTL1: loud}
hostPorts: [on, 00]
";

const JSON: &str = r#"{"apiVersion": "v1", "items": [
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "é\u00e9"}, "sepc": {}},
    {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "b"}, "subsets": [{"a": 1, "a": 2}]}
], "kind": "List"}
{"apiVersion": "v1", "kind": "Node", "metadata": {"name": 1}}
"#;

/// Texts that mean something to YAML or JSON.
const TOKENS: [&str; 28] = [
    "\n", " ", "  ", "- ", ": ", "\"", "'", "{", "}", "[", "]", ",", "&l", "*l", "<<: ", "|\n",
    "---\n", "...\n", "%", "#", "\t", "\r", "\u{feff}", "\u{85}", "\u{2028}", "!x ", "? ",
    "kind: ",
];

#[derive(Debug, Clone)]
enum Edit {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Truncate(usize),
    Swap(usize, usize),
    Replace(usize, char),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..1200_usize;
    prop_oneof![
        (at.clone(), prop::sample::select(&TOKENS[..]))
            .prop_map(|(at, token)| Edit::Insert(at, token)),
        (at.clone(), 1..40_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        at.clone().prop_map(Edit::Truncate),
        (0..40_usize, 0..40_usize).prop_map(|(one, other)| Edit::Swap(one, other)),
        (at, any::<char>()).prop_map(|(at, c)| Edit::Replace(at, c)),
    ]
}

fn apply(text: &str, edits: &[Edit]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for edit in edits {
        let length = chars.len();
        match *edit {
            Edit::Insert(at, token) => {
                let at = at.min(length);
                chars.splice(at..at, token.chars());
            }
            Edit::Remove(at, count) => {
                let at = at.min(length);
                chars.drain(at..(at + count).min(length));
            }
            // Rarely all of it: short texts are dull.
            Edit::Truncate(at) => chars.truncate(at.max(length / 3)),
            Edit::Swap(one, other) => {
                let text: String = chars.iter().collect();
                let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
                if !lines.is_empty() {
                    let (one, other) = (one % lines.len(), other % lines.len());
                    lines.swap(one, other);
                }
                chars = lines.concat().chars().collect();
            }
            Edit::Replace(at, c) => {
                if let Some(place) = chars.get_mut(at) {
                    *place = c;
                }
            }
        }
    }
    chars.into_iter().collect()
}

fn survives(text: &str) {
    let mut sources = Sources::default();
    let source = sources.add("in", text.to_owned());
    let (mut objects, mut findings) = (Objects::default(), Findings::default());
    let manifests = read(&sources, &mut objects, &mut findings);
    for service in &manifests.services {
        for field in [
            crate::source::Field::Whole,
            crate::source::Field::NodePort(0),
        ] {
            findings.push(Finding::warning(
                crate::diag::Code::Dropped,
                crate::source::Origin {
                    object: service.object,
                    field,
                },
                "x",
            ));
        }
    }
    let report = Report::new(&findings, &sources, &objects);
    for diagnostic in &report.diagnostics {
        let labels = diagnostic
            .also
            .iter()
            .filter_map(|label| label.location.as_ref());
        for location in diagnostic.location.iter().chain(labels) {
            assert_eq!(location.span.source, source);
            let shown = text.get(location.span.range());
            assert!(shown.is_some(), "{:?} of {text:?}", location.span);
        }
    }
    assert!(human(&report, &sources).is_ascii() || report.diagnostics.is_empty());
    serde_json::from_str::<serde_json::Value>(&json(&report)).unwrap();
}

/// Every document parsed by itself by the YAML parser, in the order of the stream.
fn sequentially(text: &str) -> Vec<serde_json::Value> {
    use serde::Deserialize;
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_json::Value::deserialize(document).unwrap())
        .filter(|value| !value.is_null())
        .collect()
}

/// A Service with text that tempts a splitter.
fn service() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![
        "plain",
        "'- quoted'",
        "\"a\\n---\\nb\"",
        "\"two\n      lines\"",
        "|\n      - kind: List\n      kind: X\n\n      items:",
        "|-\n      ---\n      ...",
        ">\n      folded\n      # no comment",
        "{a: 1}",
        "[\n      '---', b]",
        "# a comment",
    ]);
    (0..100_u32, text.clone(), text).prop_map(|(number, one, two)| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: s{number}\nx:\n  y:\n    z: {one}\nw:\n  - {two}\n"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(
        base in prop::sample::select(vec![YAML, JSON]),
        edits in prop::collection::vec(edit(), 1..8),
    ) {
        survives(&apply(base, &edits));
    }

    #[test]
    fn any_bytes_are_survived(text in "\\PC{0,60}") {
        survives(&text);
    }

    #[test]
    fn cutting_changes_nothing(
        services in prop::collection::vec(service(), 1..6),
        form in 0..4_usize,
    ) {
        let item = |lead: &str, text: &str| {
            let mut out = String::new();
            for (at, line) in text.lines().enumerate() {
                let dash = if at == 0 { "- " } else { "  " };
                out.extend([lead, dash, line, "\n"]);
            }
            out
        };
        let text = match form {
            0 => services.join("---\n"),
            1 => services.join("...\n---\n").replace('\n', "\r\n"),
            indent => {
                let lead = if indent == 2 { "" } else { "  " };
                let items: String = services.iter().map(|text| item(lead, text)).collect();
                format!("apiVersion: v1\nitems:\n{items}kind: List\n")
            }
        };
        let expected: Vec<serde_json::Value> = sequentially(&text)
            .into_iter()
            .flat_map(|value| match value.get("items") {
                Some(items) => items.as_array().unwrap().clone(),
                None => vec![value],
            })
            .collect();
        let mut sources = Sources::default();
        sources.add("in", text.clone());
        let (mut objects, mut findings) = (Objects::default(), Findings::default());
        let manifests = read(&sources, &mut objects, &mut findings);
        prop_assert!(!findings.has_errors(), "{text}\n{findings:?}");
        let names: Vec<_> = manifests.services.iter().map(|it| it.value.metadata.name.clone()).collect();
        let wanted: Vec<_> = expected
            .iter()
            .map(|value| value["metadata"]["name"].as_str().map(str::to_owned))
            .collect();
        prop_assert_eq!(names, wanted);
    }
}
