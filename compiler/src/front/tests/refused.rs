//! What is told of text that is wrong, or no manifest yet.

use super::*;

#[test]
fn what_is_no_manifest_yet_is_named() {
    let found = |name: &str, text: &str, found: Found| {
        let mut sources = Sources::default();
        sources.push(Source {
            name: name.to_owned(),
            text: text.to_owned(),
            role: Role::Input,
            found,
            again: None,
        });
        let (mut objects, mut findings) = (Objects::default(), Findings::default());
        read(&sources, &mut objects, &mut findings);
        findings
            .into_iter()
            .map(|finding| (finding.severity, finding.help))
            .collect::<Vec<_>>()
    };
    let kustomization = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n";
    let patches = format!("{kustomization}patches:\n- path: a.yaml\n");
    let bare = "resources:\n- ../base\n";
    let chart = "chart/templates/service.yaml";
    type Case<'t> = (&'t str, &'t str, Found, &'t [(Severity, &'t str)]);
    let cases: &[Case<'_>] = &[
        (
            chart,
            "name: {{ .Release.Name }}\n",
            Found::InFolder,
            &[(Severity::Error, "helm template NAME chart, and pass")],
        ),
        (
            chart,
            "{{- if .Values.x }}\nkind: Service\n{{- end }}\n",
            Found::InFolder,
            &[(Severity::Error, "helm template NAME chart, and pass")],
        ),
        (
            "a.yaml",
            "apiVersion: v1\nkind: Service\nmetadata: {name: \"{{ .Release.Name }}\"}\n",
            Found::InFolder,
            &[(Severity::Error, "helm template NAME ., and pass")],
        ),
        (
            "a.yaml",
            "a: {{ b }}\n",
            Found::InFolder,
            &[(Severity::Error, "render it")],
        ),
        (
            "a.yaml",
            "apiVersion: ENC[AES256_GCM,x]\nkind: ENC[AES256_GCM,x]\nsops:\n  mac: x\n",
            Found::InFolder,
            &[(Severity::Warning, "sops -d a.yaml, and pass")],
        ),
        (
            "a.yaml",
            "apiVersion: v1\nkind: Secret\ndata: {a: \"ENC[AES256_GCM,x]\"}\nsops:\n  mac: x\n",
            Found::InFolder,
            &[],
        ),
        (
            "k/prod/kustomization.yaml",
            &patches,
            Found::InFolder,
            &[(Severity::Warning, "kubectl kustomize k/prod, and pass")],
        ),
        (
            "k/prod/kustomization.yaml",
            bare,
            Found::InFolder,
            &[(Severity::Warning, "kubectl kustomize k/prod, and pass")],
        ),
        ("k/kustomization.yaml", kustomization, Found::InFolder, &[]),
        (
            "k/kustomization.yaml",
            kustomization,
            Found::Named,
            &[(Severity::Error, "kubectl kustomize k, and pass")],
        ),
        (
            "values.yaml",
            "replicas: 1\n",
            Found::InFolder,
            &[(Severity::Warning, "helm template NAME CHART -f values.yaml")],
        ),
        (
            "values.yaml",
            "replicas: 1\n",
            Found::Named,
            &[(Severity::Error, "helm template NAME CHART -f values.yaml")],
        ),
        (
            "$(x)/a.yaml",
            "a: {{ .b }}\n",
            Found::InFolder,
            &[(Severity::Error, "helm template NAME DIR, and pass")],
        ),
    ];
    for (name, text, how, expected) in cases {
        let found = found(name, text, *how);
        assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
        for ((severity, help), (wanted, words)) in found.iter().zip(*expected) {
            assert_eq!(severity, wanted, "{text}");
            assert!(help.contains(words), "{text}: {help}");
        }
    }
}

/// Inputs with what was read of them and what was found.

#[test]
fn reports_what_is_wrong() {
    let service = good();
    let deep = format!(
        "apiVersion: v1\nkind: X\na: {}{}\n",
        "[".repeat(110),
        "]".repeat(110)
    );
    let deep_flow = format!("{{\"kind\": {}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    let bomb = "apiVersion: v1\nkind: X\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    let cases: &[(&str, String, &[&str], &[&str])] = &[
        (
            "a type error names object and field, and hides no other document",
            format!("{SERVICE}---\n{SLICE}"),
            &["EndpointSlice default/cart-1"],
            &["11:11 wrong-type Service shop/cart spec.ports[1].port: expected a whole number, found text \"http\""],
        ),
        (
            "the same in an item of a list",
            list(&[SLICE, SERVICE]),
            &["EndpointSlice default/cart-1"],
            &["23:13 wrong-type Service shop/cart spec.ports[1].port: expected a whole number, found text \"http\""],
        ),
        (
            "the same in JSON",
            r#"{"kind": "Service", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"ports": [{"port": "x"}]}}"#.to_owned(),
            &[],
            &["1:96 wrong-type Service default/a spec.ports[0].port: expected a whole number, found text \"x\""],
        ),
        (
            "a quoted item boundary",
            format!("apiVersion: v1\nkind: List\nitems:\n{}  x: \"\n- a: b\"\n", indented(&service, "- ", "  ")),
            &["Service shop/cart"],
            &["1:1 unknown-field Service shop/cart x: the field `x` is not in the API and is ignored"],
        ),
        (
            "a syntax error within a list is one of the whole",
            list(&[&service, &SLICE.replace("- port", " - port: 1\n- port")]).replace("  name: cart-1", "  name: \"cart-1"),
            &[],
            &["27:21 syntax : a quoted value that does not end"],
        ),
        (
            "a duplicate in an item",
            list(&[&service.replace("port: 81", "port: 81\n    port: 82")]),
            &["Service shop/cart"],
            &["14:7 duplicate-key : the key `port` stands twice in `spec.ports[1]` of Service shop/cart"],
        ),
        (
            "a duplicate in what is not read",
            "apiVersion: v1\nkind: Secret\ndata: {a: 1, a: 2}\n".to_owned(),
            &["Secret 1"],
            &["3:14 duplicate-key : the key `a` stands twice in `data`"],
        ),
        (
            "a duplicate in an ignored field and in labels",
            service.replace("spec:", "  labels: {a: b, \"a\": c}\nx: [{y: 1, y: 2}]\nspec:"),
            &["Service shop/cart"],
            &[
                "6:18 duplicate-key : the key `a` stands twice in `metadata.labels` of Service shop/cart",
                "7:12 duplicate-key : the key `y` stands twice in `x[0]` of Service shop/cart",
                "7:1 unknown-field Service shop/cart x: the field `x` is not in the API and is ignored",
            ],
        ),
        (
            "a duplicate in JSON",
            r#"{"kind": "X", "apiVersion": "v1", "a": 1, "a": 2}"#.to_owned(),
            &["X 1"],
            &["1:43 duplicate-key : the key `a` stands twice"],
        ),
        (
            "a kind twice",
            format!("{service}kind: Secret\n"),
            &["Secret 1"],
            &["12:1 duplicate-key : the key `kind` stands twice"],
        ),
        ("nesting", deep, &[], &["3:103 limit : mappings and lists nest deeper than 100 levels"]),
        ("nesting beyond any stack", deep_flow, &[], &["1:109 limit : mappings and lists nest deeper than 100 levels"]),
        ("aliases", bomb.to_owned(), &[], &["3:8 limit : an alias bomb: aliases repeat too much text"]),
        (
            "merge keys",
            format!("{service}x: &x {{y: 1}}\n").replace("  namespace: shop", "  namespace: shop\n  labels:\n    <<: {a: b}\n    c: d"),
            &["Service shop/cart"],
            &["15:1 unknown-field Service shop/cart x: the field `x` is not in the API and is ignored"],
        ),
        ("scalars", "hello\n---\n- a\n---\n[1]\n".to_owned(), &["unknown 1"], &[
            "1:1 missing-field : a document without `apiVersion` or `kind` is no Kubernetes object and is not read",
            "3:1 missing-field : 2 elements of lists are no Kubernetes objects and are not read",
        ]),
        ("no header", "a: 1\n".to_owned(), &["unknown 1"], &[
            "1:1 missing-field : a document without `apiVersion` or `kind` is no Kubernetes object and is not read",
        ]),
        (
            "old slices",
            SLICE.replace("k8s.io/v1", "k8s.io/v1beta1"),
            &["EndpointSlice.discovery.k8s.io 1"],
            &["1:1 unknown-value : `discovery.k8s.io/v1beta1` was removed in Kubernetes 1.25; this EndpointSlice is not read"],
        ),
        (
            "facts with an unknown field",
            "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata: {name: a}\ninterface: []\n".to_owned(),
            &[],
            &["4:1 unknown-field NodeFacts a interface: unknown field `interface`, expected one of `apiVersion`, `kind`, `metadata`, `interfaces`, `kernel`, `iptables`, `nft`"],
        ),
        (
            "configurations",
            "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nmode: ipvs\nwinkernel: {a: 1}\nipvss: {}\nipvs: {strictARP: true, schedular: rr}\n".to_owned(),
            &["KubeProxyConfiguration"],
            &[
                "5:1 unknown-field KubeProxyConfiguration ipvss: the field `ipvss` is not in the API and is ignored",
                "6:36 unknown-field KubeProxyConfiguration ipvs.schedular: the field `schedular` is not in the API and is ignored",
            ],
        ),
        (
            "two documents in one by an odd line break",
            "apiVersion: v1\nkind: X\n\u{85}--- \na: 1\n".to_owned(),
            &[],
            &["1:1 syntax : a second document starts after a line break that is no newline"],
        ),
        (
            "an alias without its anchor",
            "apiVersion: v1\nkind: X\na: *b\n".to_owned(),
            &[],
            &["3:4 syntax : an alias to an anchor that the document does not define before it"],
        ),
        ("neither JSON nor YAML", "{\"a\": }}".to_owned(), &[], &["1:7 syntax : expected value"]),
    ];
    let mut wrong = Vec::new();
    for (what, text, read, found) in cases {
        let (names, diagnostics) = summary(text);
        if diagnostics != *found || names != *read {
            wrong.push(format!("{what}: {names:#?} {diagnostics:#?}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
