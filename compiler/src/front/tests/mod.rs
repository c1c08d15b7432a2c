//! The front end as its callers see it.

use super::*;
use crate::diag::{Code, MOST_ALIKE, Report, Severity, human};
use crate::source::{Document, FieldPath, Found, Role, Source};

mod refused;
mod workloads;

/// What reading a text gives, in short: objects that were read, others, and the diagnostics.
fn summary(text: &str) -> (Vec<String>, Vec<String>) {
    let (manifests, objects, report, _) = run(text);
    let mut read = Vec::new();
    let mut name = |id| read.push(objects.name(id).to_string());
    manifests.services.iter().for_each(|it| name(it.object));
    manifests.slices.iter().for_each(|it| name(it.object));
    manifests.endpoints.iter().for_each(|it| name(it.object));
    manifests.nodes.iter().for_each(|it| name(it.object));
    manifests.pods.iter().for_each(|it| name(it.object));
    manifests.daemon_sets.iter().for_each(|it| name(it.object));
    manifests.installers.iter().for_each(|it| name(it.object));
    manifests.configs.iter().for_each(|it| name(it.object));
    manifests.facts.iter().for_each(|it| name(it.object));
    read.extend(
        manifests
            .others
            .iter()
            .map(|(kind, count)| format!("{kind} {count}")),
    );
    let found = report
        .diagnostics
        .iter()
        .map(|it| {
            let start = it.location.as_ref().map(|at| format!("{}", at.start));
            format!(
                "{} {} {}{}: {}",
                start.unwrap_or_default(),
                it.code,
                it.object.as_deref().unwrap_or_default(),
                it.field
                    .as_ref()
                    .map(|field| format!(" {field}"))
                    .unwrap_or_default(),
                it.message
            )
        })
        .collect();
    (read, found)
}

fn run(text: &str) -> (Manifests, Objects, Report, String) {
    let mut sources = Sources::default();
    sources.add("in.yaml", text.to_owned());
    let (mut objects, mut findings) = (Objects::default(), Findings::default());
    let manifests = read(&sources, &mut objects, &mut findings);
    let report = Report::new(&findings, &sources, &objects);
    let shown = human(&report, &sources);
    (manifests, objects, report, shown)
}

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: cart
  namespace: shop
spec:
  ports:
  - name: web
    port: 80
  - name: alt
    port: http
";

const SLICE: &str = "addressType: IPv4
apiVersion: discovery.k8s.io/v1
endpoints:
- addresses:
  - 10.0.0.1
kind: EndpointSlice
metadata:
  name: cart-1
ports:
- port: 8080
";

fn indented(text: &str, first: &str, rest: &str) -> String {
    let mut lead = first;
    let mut out = String::new();
    for line in text.lines() {
        out.push_str(lead);
        out.push_str(line);
        out.push('\n');
        lead = rest;
    }
    out
}

fn list(items: &[&str]) -> String {
    let items: String = items
        .iter()
        .map(|item| indented(item, "- ", "  "))
        .collect();
    format!("apiVersion: v1\nitems:\n{items}kind: List\nmetadata:\n  resourceVersion: \"\"\n")
}

fn good() -> String {
    SERVICE.replace("http", "81")
}

#[test]
fn reads_every_form() {
    let service = good();
    let json = |yaml: &str| {
        serde_json::to_string(&serde_yaml::from_str::<serde_json::Value>(yaml).unwrap()).unwrap()
    };
    let pretty = |yaml: &str| {
        let value: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let both = list(&[&service, SLICE]);
    let forms = [
        format!("{service}---\n{SLICE}"),
        format!("\u{feff}---\n{service}---\n# nothing\n---\n{SLICE}...\n"),
        format!("{service}---\n{SLICE}").replace('\n', "\r\n"),
        both.clone(),
        both.replace("kind: List", "kind: List # a comment"),
        indented(&both, "  ", "  "),
        format!("%YAML 1.2\n---\n{both}"),
        json(&both),
        pretty(&both),
        format!("{}\n{}\n", json(&service), json(SLICE)),
        format!("{}{}", json(&service), json(SLICE)),
        format!("{}\n{}\n", pretty(&service), pretty(SLICE)),
        format!("{}\n---\n{}\n", pretty(&service), json(SLICE)),
        format!(
            "{}# flow YAML\n---\n{SLICE}",
            json(&service).replace("\"cart\"", "cart")
        ),
        list(&[&list(&[&service]), SLICE]),
        json(&list(&[&list(&[&service]), SLICE])),
        format!(
            "kind: ServiceList\napiVersion: v1\nitems:\n{}---\n{SLICE}",
            indented(
                &service.replace("apiVersion: v1\nkind: Service\n", ""),
                "- ",
                "  "
            ),
        ),
    ];
    let (wanted, _, _, _) = run(&forms[0]);
    for form in forms {
        let (names, mut found) = summary(&form);
        // kubectl takes no directive, and that alone is told.
        found.retain(|one| !(form.starts_with('%') && one.contains("a directive")));
        assert_eq!(found, [""; 0], "{form}");
        assert_eq!(
            names,
            ["Service shop/cart", "EndpointSlice default/cart-1"],
            "{form}"
        );
        let (manifests, _, _, _) = run(&form);
        assert_eq!(manifests.services[0].value, wanted.services[0].value);
        assert_eq!(manifests.slices[0].value, wanted.slices[0].value);
    }
}

#[test]
fn nothing_is_nothing() {
    for text in [
        "",
        "\n",
        "# x\n",
        "---\n---\n",
        "null\n",
        "--- null\n",
        "~",
        "\u{feff}",
    ] {
        assert_eq!(summary(text), (Vec::new(), Vec::new()), "{text:?}");
    }
}

#[test]
fn a_list_at_the_top_is_read_like_a_list_object() {
    let service = good();
    let json = |yaml: &str| {
        serde_json::to_string(&serde_yaml::from_str::<serde_json::Value>(yaml).unwrap()).unwrap()
    };
    let pretty = |yaml: &str| {
        let value: serde_json::Value = serde_yaml::from_str(yaml).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let both = format!(
        "{}{}",
        indented(&service, "- ", "  "),
        indented(SLICE, "- ", "  ")
    );
    for form in [
        both.clone(),
        format!("# two\n---\n{both}"),
        indented(&both, "  ", "  "),
        json(&both),
        pretty(&both),
        json(&both).replace("},{", "}\n, {"),
        // Flow YAML, and an anchor that keeps it from being cut.
        json(&both).replace("\"cart\"", "cart"),
        both.replace("name: cart\n", "name: &x cart\n")
            .replace("name: cart-1", "name: cart-1\n    labels: {a: *x}"),
    ] {
        let (names, found) = summary(&form);
        assert_eq!(found, [""; 0], "{form}");
        assert_eq!(
            names,
            ["Service shop/cart", "EndpointSlice default/cart-1"],
            "{form}"
        );
    }
    let (names, found) = summary(&format!("- op: add\n{both}- 1\n"));
    assert_eq!(names.len(), 2);
    assert_eq!(
        found,
        ["1:1 missing-field : 2 elements of lists are no Kubernetes objects and are not read"]
    );
}

#[test]
fn a_service_cidr_of_any_version_is_read() {
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let text = format!(
            "apiVersion: networking.k8s.io/{version}\nkind: ServiceCIDR\nmetadata: {{name: kubernetes}}\nspec: {{cidrs: [10.96.0.0/12]}}\nstatus: {{conditions: []}}\n"
        );
        let (manifests, _, report, _) = run(&text);
        assert_eq!(manifests.service_cidrs[0].value.cidrs, ["10.96.0.0/12"]);
        assert_eq!(report.diagnostics, []);
    }
}

#[test]
fn a_scalar_in_brackets_may_end_in_a_colon() {
    let text = good().replace("spec:\n", "spec:\n  externalIPs: [2001:db8::, fd00::1]\n");
    for text in [text.clone(), list(&[&text])] {
        let (manifests, _, report, shown) = run(&text);
        assert_eq!(report.diagnostics, [], "{shown}");
        let spec = manifests.services[0].value.spec.clone().unwrap();
        assert_eq!(spec.external_ips.unwrap(), ["2001:db8::", "fd00::1"]);
    }
}

#[test]
fn text_is_what_kubectl_takes_for_text() {
    let with = |labels: &str| {
        good().replace(
            "  namespace: shop\n",
            &format!("  namespace: shop\n  labels: {labels}\n"),
        )
    };
    let wrong = |found: &str| {
        vec![format!(
            "6:15 wrong-type Service shop/cart metadata.labels.a: expected text, found {found}"
        )]
    };
    for (label, expected) in [
        ("1.0", wrong("number `1.0`")),
        ("8080", wrong("number `8080`")),
        ("true", wrong("boolean `true`")),
        ("n", wrong("a boolean: n")),
        ("Yes", wrong("a boolean: Yes")),
        ("0755", wrong("a number: 0755")),
        ("1_000", wrong("a number: 1_000")),
        ("\"1.0\"", Vec::new()),
        ("'n'", Vec::new()),
        ("\"0755\"", Vec::new()),
        ("node", Vec::new()),
        ("10.96.0.1", Vec::new()),
        ("null", Vec::new()),
        ("!!str 1", Vec::new()),
    ] {
        let text = with(&format!("{{a: {label}}}"));
        assert_eq!(summary(&text).1, expected, "{label}");
        // The same in one piece, as anchors force it.
        let text = with(&format!("{{a: {label}, <<: {{}}}}"));
        assert_eq!(summary(&text).1.len(), expected.len(), "{text}");
    }
}

#[test]
fn quantities_and_versions_may_look_like_numbers() {
    let text = "apiVersion: v1\nkind: Node\nmetadata: {name: a}\nstatus: {capacity: {cpu: 4, memory: 1.5}}\n---\n{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"b\"}, \"status\": {\"capacity\": {\"cpu\": 4}}}\n---\napiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata: {name: a}\nkernel: 5.10\n";
    let (manifests, _, report, shown) = run(text);
    assert_eq!(report.diagnostics, [], "{shown}");
    let capacity = manifests.nodes[1].value.status.clone().unwrap().capacity;
    assert_eq!(capacity.unwrap()["cpu"].0, "4");
    assert_eq!(manifests.facts[0].value.kernel.as_deref(), Some("5.10"));
}

#[test]
fn a_duplicate_key_weighs_as_much_as_its_object() {
    let twice =
        |kind: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: x, a: 1, a: 2}}\n");
    let severities = |text: &str| {
        let (_, _, report, _) = run(text);
        let found = report.diagnostics.into_iter();
        found
            .filter(|it| it.code == Code::DuplicateKey)
            .map(|it| it.severity)
            .collect::<Vec<_>>()
    };
    let flow = |text: &str| format!("{{apiVersion: v1, kind: List, items: [{}]}}", text.trim());
    for (kind, expected) in [
        ("Service", Severity::Error),
        ("Secret", Severity::Warning),
        ("ConfigMap", Severity::Warning),
        ("Pod", Severity::Warning),
    ] {
        let text = twice(kind);
        assert_eq!(severities(&text), [expected], "{kind}");
        assert_eq!(severities(&list(&[&text])), [expected], "{kind}");
        let inner = format!("{{{}}}", text.trim().replace('\n', ", "));
        assert_eq!(severities(&flow(&inner)), [expected], "{kind}");
    }
    assert_eq!(severities("a: 1\na: 2\n"), [Severity::Warning]);
}

#[test]
fn expands_merge_keys_and_aliases() {
    let text = "apiVersion: v1
kind: Service
metadata:
  name: a
  annotations: &both {x: '1', y: '1'}
  labels:
    <<: *both
    y: '2'
";
    let (manifests, _, report, shown) = run(text);
    assert_eq!(report.diagnostics, [], "{shown}");
    let labels = manifests.services[0].value.metadata.labels.clone().unwrap();
    let labels: Vec<_> = labels
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(labels, [("x", "1"), ("y", "2")]);
}

#[test]
fn reads_the_configuration_in_its_config_map() {
    let map = |inner: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.conf: |-\n{}  other: x\nmetadata:\n  name: kube-proxy\n  namespace: kube-system\n",
            indented(inner, "    ", "    ")
        )
    };
    let inner = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
    let (manifests, objects, _, _) = run(&map(&format!("{inner}mode: ipvs\n")));
    assert_eq!(manifests.configs[0].value.mode.as_deref(), Some("ipvs"));
    let name = objects.name(manifests.configs[0].object).to_string();
    assert_eq!(name, "ConfigMap kube-system/kube-proxy");
    for (text, found) in [
        (
            map(&format!("{inner}ipvs:\n  strictARP: maybe\n")),
            "8:18 wrong-type ConfigMap kube-system/kube-proxy ipvs.strictARP: expected a boolean, found text \"maybe\"",
        ),
        (
            map(&format!("{inner}mode: a\nmode: b\n")),
            "8:5 duplicate-key : the key `mode` stands twice in config.conf of ConfigMap kube-system/kube-proxy",
        ),
        (
            map(&format!("{inner}mode: 'a\n")),
            "7:11 syntax : a quoted value that does not end in config.conf of ConfigMap kube-system/kube-proxy",
        ),
        (
            map(inner).replace("v1alpha1", "v1beta9"),
            "5:5 unknown-value : kube-proxy takes a KubeProxyConfiguration of `kubeproxy.config.k8s.io/v1alpha1` and does not start with any other",
        ),
    ] {
        assert_eq!(summary(&text).1, [found], "{text}");
    }
    // It is the text that tells, and not the names.
    let other = map(inner)
        .replace("kube-proxy\n", "other\n")
        .replace("config.conf", "x");
    let read = |name: &str| (vec![name.to_owned()], Vec::new());
    assert_eq!(summary(&other), read("ConfigMap kube-system/other"));
    let after_another = other.replace(
        "    apiVersion: kubeproxy",
        "    a: 1\n    ---\n    apiVersion: kubeproxy",
    );
    assert_eq!(summary(&after_another), read("ConfigMap kube-system/other"));
    for prose in [
        "# KubeProxyConfiguration\n",
        "{{ KubeProxyConfiguration\n",
        "- KubeProxyConfiguration\n",
    ] {
        assert_eq!(summary(&map(prose)), read("ConfigMap 1"), "{prose}");
    }
}

/// A value is a configuration where its text is one, and not where a script or a page shows one.
#[test]
fn a_configuration_within_other_text_is_read_past() {
    let map = |inner: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n{}metadata:\n  name: docs\n",
            indented(inner, "    ", "    ")
        )
    };
    let header = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";
    let note = "5:5 config-ignored : x of ConfigMap default/docs shows a KubeProxyConfiguration within other text, which is not read as one";
    for (text, noted) in [
        (
            format!("#!/bin/sh\nset -e\ncat > /c <<EOF\n{header}mode: ipvs\nEOF\n"),
            true,
        ),
        (
            format!("#!/bin/sh\ncat > /c <<EOF\n---\n{header}mode: 'ipvs\nEOF\n"),
            false,
        ),
        (
            format!("# Runbook\n\nUse: this\n\n```yaml\n{header}mode: ipvs\n```\n"),
            true,
        ),
        (format!("```yaml\n{header}```\n"), true),
        (
            format!("Prose.\n\n---\n{header}mode: ipvs\n---\nMore.\n"),
            false,
        ),
        (format!("CONFIG = \"\"\"\n{header}\"\"\"\n"), true),
        (format!("init: |\n{}", indented(header, "  ", "  ")), false),
        (
            "{\"text\": \"KubeProxyConfiguration\", oops".to_owned(),
            false,
        ),
    ] {
        let found: &[&str] = if noted { &[note] } else { &[] };
        let (read, findings) = summary(&map(&text));
        assert_eq!(read, ["ConfigMap 1"], "{text}");
        assert_eq!(findings, found, "{text}");
    }
    // What is meant as a configuration stays an error.
    for text in [
        format!("{header}mode: 'ipvs\n"),
        format!("# kubeadm's\n---\n{header}bindAddress 0.0.0.0\n"),
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nbindAddress 0.0.0.0\nkind: KubeProxyConfiguration\n".to_owned(),
        format!("clusterCIDR: ''\n{header}mode: [ipvs\n"),
        "{\"apiVersion\": \"kubeproxy.config.k8s.io/v1alpha1\", \"kind\": \"KubeProxyConfiguration\", \"mode\": ".to_owned(),
    ] {
        let findings = summary(&map(&text)).1;
        assert!(
            findings.len() == 1 && findings[0].contains("syntax") && findings[0].ends_with("in x of ConfigMap default/docs"),
            "{text}: {findings:?}"
        );
    }
}

/// Pods are counted as what is not compiled, and nothing about them is worth a word: lint takes what
/// it can read.
#[test]
fn pods_pass_by_and_are_read() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\n";
    let fits = "spec: {hostNetwork: true, containers: [{name: web, image: x}]}\n";
    let broken = "spec: {hostNetwork: maybe}\n";
    let list = |items: &str| format!("apiVersion: v1\nkind: PodList\nitems: [{items}]\n");
    let in_list = list("{metadata: {name: web}, spec: {}}");
    let broken_in_list = list("{metadata: {name: web}, spec: {nodeName: []}}");
    for (text, expected) in [
        (format!("{pod}{fits}"), vec!["Pod default/web", "Pod 1"]),
        (format!("{pod}{broken}"), vec!["Pod 1"]),
        (in_list, vec!["Pod default/web", "Pod 1"]),
        (broken_in_list, vec!["Pod 1"]),
    ] {
        let (read, found) = summary(&text);
        assert_eq!(read, expected, "{text}");
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
    let (_, found) = summary(&format!(
        "{pod}spec: {{hostNetwork: true, hostNetwork: false}}\n"
    ));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("stands twice"), "{found:?}");
}

/// However a List is laid out, its items are documents of their own, and not places in one that all
/// of them share.
#[test]
fn items_of_a_json_list_are_cut_whatever_its_blanks() {
    let item = |name: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"{name}"}},"spec":{{"a":1}}}}"#
        )
    };
    let list = format!(
        r#"{{"apiVersion":"v1","items":[{},{}],"kind":"List","metadata":{{}}}}"#,
        item("a"),
        item("b")
    );
    for (before, after) in [
        (",", ","),
        (",", ", "),
        (":", ": "),
        ("{", "{\n"),
        ("[", "[\t"),
    ] {
        let text = list.replace(before, after);
        let (manifests, objects, report, _) = run(&text);
        assert_eq!(manifests.services.len(), 2, "{text}");
        for service in &manifests.services {
            let Document { span, path, .. } = objects.document(service.object);
            assert!(path.is_root(), "{text}");
            assert!(span.end - span.start < text.len() / 2, "{text}");
        }
        let lines = report
            .diagnostics
            .iter()
            .filter_map(|one| one.location.as_ref());
        let marked: Vec<&str> = lines.map(|at| &text[at.span.range()]).collect();
        assert_eq!(marked, ["1", "1"], "{text}");
    }
}

/// Places come back in the order asked, though each document is parsed once for all of its.
#[test]
fn places_are_found_in_the_order_asked() {
    let service = SERVICE.replace("http", "81");
    let text = format!("{service}---\n{service}");
    let mut sources = Sources::default();
    sources.add("in.yaml", text.clone());
    let (mut objects, mut findings) = (Objects::default(), Findings::default());
    let manifests = read(&sources, &mut objects, &mut findings);
    let [one, two] = [0, 1].map(|at| manifests.services[at].object);
    let (name, kind) = (
        FieldPath::root().key("metadata").key("name"),
        FieldPath::root().key("kind"),
    );
    let asked = [(two, &name), (one, &name), (two, &kind), (one, &kind)];
    let found = objects.locate(&sources, &asked);
    let texts: Vec<&str> = found.iter().map(|span| &text[span.range()]).collect();
    assert_eq!(texts, ["cart", "cart", "Service", "Service"]);
    assert!(found[0].start > found[1].start && found[2].start > found[3].start);
}

/// A report is no larger than somebody can use, and says how much it does not tell.
#[test]
fn of_many_findings_alike_some_are_told_and_all_are_counted() {
    let (_, _, report, shown) = run(
        &"kind: EndpointSlice\napiVersion: discovery.k8s.io/v1beta1\n---\n".repeat(3 * MOST_ALIKE),
    );
    assert_eq!(report.diagnostics.len(), MOST_ALIKE);
    assert_eq!(report.count(Severity::Warning), 3 * MOST_ALIKE);
    let more = format!(
        "warning[unknown-value]: and {} more of these, which are not shown",
        2 * MOST_ALIKE
    );
    assert!(shown.contains(&more), "{}", &shown[shown.len() - 500..]);
    let json: serde_json::Value = serde_json::from_str(&crate::diag::json(&report)).unwrap();
    assert_eq!(json["leftOut"][0]["count"], 2 * MOST_ALIKE);
}
