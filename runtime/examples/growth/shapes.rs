//! Inputs of many shapes, and the commands that are tried on them.

use serde_json::{Value, json};

/// A kind of input, by size.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The smallest size.
    pub(crate) size: usize,
    /// Names and texts of the files of a size.
    pub(crate) files: fn(usize) -> Vec<(String, String)>,
    /// What runs on them.
    pub(crate) commands: &'static [&'static str],
}

const EXPLAIN: &str = "explain --from 10.244.1.7 --to 10.96.0.1:1 --node n0 -f @a";

/// All shapes.
pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "Services, JSON in one line",
        size: 500,
        files: |n| pair(n, 25, 4, one_line),
        commands: &[
            "compile --node n0 --stdout -f @a",
            EXPLAIN,
            "lint -f @a",
            "diff @a @b",
            "diff --output github @a @b",
            "diff --output gitlab @a @b",
            "diff --view kernel @a @b",
        ],
    },
    Shape {
        name: "Services, JSON indented",
        size: 500,
        files: |n| pair(n, 25, 4, indented),
        commands: &[EXPLAIN, "diff --output github @a @b"],
    },
    Shape {
        name: "Services, YAML in braces",
        size: 250,
        files: |n| pair(n, 25, 4, |list| format!("# no JSON\n{list}\n")),
        commands: &[EXPLAIN, "diff --output github @a @b"],
    },
    Shape {
        name: "one slice of n endpoints",
        size: 5_000,
        files: |n| pair(1, n, 1, one_line),
        commands: &[
            "compile --node n0 --stdout -f @a",
            EXPLAIN,
            "explain --from 10.244.1.7 --to 10.96.0.1:1 --node n0 --mode iptables -f @a",
            "explain --from 10.244.1.7 --to 10.96.0.1:1 --node n0 --mode nftables -f @a",
            "lint -f @a",
            "diff @a @b",
        ],
    },
    Shape {
        name: "one Service of n ports",
        size: 10_000,
        files: |n| vec![("a".to_owned(), indented(&ports(n)))],
        commands: &[
            "compile --node n0 --stdout -f @a",
            EXPLAIN,
            "lint -f @a",
            "diff @a @nothing",
        ],
    },
    Shape {
        name: "n ports in one line",
        size: 10_000,
        files: |n| vec![("a".to_owned(), one_line(&ports(n)))],
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n external IPs and source ranges",
        size: 2_000,
        files: |n| vec![("a".to_owned(), one_line(&ranges(n)))],
        commands: &[
            "compile --node n0 --stdout -f @a",
            "compile --node n0 --mode nftables --stdout -f @a",
            "lint -f @a",
        ],
    },
    Shape {
        name: "maps in braces, n deep",
        size: 20_000,
        files: |n| service(&format!("labels: {}1{}", "{a: ".repeat(n), "}".repeat(n))),
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "lists in brackets, n deep",
        size: 20_000,
        files: |n| {
            service(&format!(
                "labels: {}'1'{}",
                "[\"]\", ".repeat(n),
                "]".repeat(n)
            ))
        },
        commands: &["compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "lists of dashes, n deep",
        size: 20_000,
        files: |n| service(&format!("labels:\n  {}1", "- ".repeat(n))),
        commands: &["compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "JSON n deep",
        size: 20_000,
        files: |n| {
            let text = format!("{}1{}", "{\"a\":".repeat(n), "}".repeat(n));
            vec![(
                "a".to_owned(),
                format!("{{\"kind\":\"Service\",\"spec\":{text}}}"),
            )]
        },
        commands: &["compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "YAML in a ConfigMap, n deep",
        size: 20_000,
        files: |n| {
            let inner = format!("{}1{}", "{a: ".repeat(n), "}".repeat(n));
            let text = format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kube-proxy}}\ndata:\n  config.conf: |\n    kind: KubeProxyConfiguration\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    x: {inner}\n"
            );
            vec![("a".to_owned(), text)]
        },
        commands: &["compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "n aliases",
        size: 5_000,
        files: |n| {
            let anchors = lines(n, |at| format!("    a{at}: &x{at} v\n"));
            let aliases = lines(n, |at| format!("    b{at}: *x{at}\n"));
            service(&format!("annotations:\n{anchors}{aliases}"))
        },
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n keys that stand twice",
        size: 5_000,
        files: |n| {
            let keys = lines(n, |at| format!("    a{at}: v\n"));
            service(&format!("annotations:\n{keys}{keys}"))
        },
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n tiny wrong documents",
        size: 50_000,
        files: |n| vec![("a".to_owned(), "a: 1\n---\n".repeat(n))],
        commands: &[
            "compile --node n0 --stdout -f @a",
            "compile --node n0 --message-format json --stdout -f @a",
            "lint -f @a",
            "lint --output sarif -f @a",
        ],
    },
    Shape {
        name: "n wrong Services",
        size: 5_000,
        files: |n| {
            let one = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: a}]}\n---\n";
            vec![("a".to_owned(), one.repeat(n))]
        },
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "a key of n bytes",
        size: 500_000,
        files: |n| service(&format!("\"{}\": 1", "k".repeat(n))),
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n nodes, 300 Services",
        size: 10,
        files: |n| pair(300, 25, n, indented),
        commands: &[
            "compile --all-nodes --stdout --only sysctl.conf -f @a",
            "lint -f @a",
            "diff @a @b",
            "diff @a @a",
        ],
    },
    Shape {
        name: "n nodes alone",
        size: 1_000,
        files: |n| pair(1, 1, n, indented),
        commands: &["lint -f @a", "compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "n files",
        size: 500,
        files: |n| {
            let file = |at| {
                (
                    format!("a/{at}.json"),
                    indented(&list(&[service_of(at, 1)])),
                )
            };
            (0..n).map(file).collect()
        },
        commands: &["lint -f @a"],
    },
];

fn lines(n: usize, line: fn(usize) -> String) -> String {
    (0..n).map(line).collect::<Vec<_>>().concat()
}

fn one_line(list: &Value) -> String {
    // Blanks after separators, as many tools write them.
    list.to_string()
        .replace("\":", "\": ")
        .replace(",\"", ", \"")
        .replace("},{", "}, {")
}

fn indented(list: &Value) -> String {
    format!("{list:#}")
}

fn list(items: &[Value]) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "items": items })
}

/// A Service in YAML with something in its metadata.
fn service(metadata: &str) -> Vec<(String, String)> {
    let text = format!(
        "apiVersion: v1\nkind: Service\nspec: {{clusterIP: None}}\nmetadata:\n  name: x\n  {metadata}\n"
    );
    vec![("a".to_owned(), text)]
}

/// A cluster, and the same with an endpoint less of each Service.
fn pair(
    services: usize,
    endpoints: usize,
    nodes: usize,
    write: fn(&Value) -> String,
) -> Vec<(String, String)> {
    let of = |endpoints| {
        let slices = (0..services).map(|at| slice(at, endpoints, nodes, 1));
        let mut items: Vec<Value> = (0..services).map(|at| service_of(at, 1)).collect();
        items.extend(slices);
        items.extend((0..nodes).map(node));
        list(&items)
    };
    vec![
        ("a".to_owned(), write(&of(endpoints))),
        (
            "b".to_owned(),
            write(&of(endpoints.saturating_sub(1).max(1))),
        ),
    ]
}

fn ports(n: usize) -> Value {
    list(&[service_of(0, n), slice(0, 1, 1, n), node(0)])
}

fn ranges(n: usize) -> Value {
    let mut service = service_of(0, 1);
    let address =
        |first: usize, at: usize| format!("{first}.{}.{}.{}", at >> 16, (at >> 8) & 255, at & 255);
    service["spec"]["type"] = json!("LoadBalancer");
    service["spec"]["externalIPs"] = (1..=n).map(|at| json!(address(20, at))).collect();
    service["spec"]["loadBalancerSourceRanges"] = (1..=n)
        .map(|at| json!(format!("{}/32", address(30, at))))
        .collect();
    service["status"] = json!({ "loadBalancer": { "ingress": [{ "ip": "203.0.113.7" }] } });
    list(&[service, slice(0, 1, 1, 1), node(0)])
}

fn service_of(at: usize, ports: usize) -> Value {
    let address = format!(
        "10.{}.{}.{}",
        96 + at / 62_500,
        at / 250 % 250,
        at % 250 + 1
    );
    let ports = (1..=ports).map(|port| {
        json!({ "name": format!("p{port}"), "port": port, "protocol": "TCP", "targetPort": 8080 })
    });
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": format!("s{at}"), "namespace": "shop" },
        "spec": {
            "clusterIP": address,
            "clusterIPs": [address],
            "ipFamilies": ["IPv4"],
            "ports": ports.collect::<Value>(),
            "selector": { "app": format!("s{at}") },
            "type": "ClusterIP",
        },
    })
}

fn slice(of: usize, endpoints: usize, nodes: usize, ports: usize) -> Value {
    let endpoint = |at: usize| {
        let number = of * endpoints + at;
        let address = format!(
            "10.{}.{}.{}",
            128 + number / 62_500,
            number / 250 % 250,
            number % 250 + 1
        );
        json!({ "addresses": [address], "conditions": { "ready": true }, "nodeName": format!("n{}", at % nodes) })
    };
    let ports = (1..=ports)
        .map(|port| json!({ "name": format!("p{port}"), "port": 8080, "protocol": "TCP" }));
    json!({
        "addressType": "IPv4",
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": format!("s{of}-x"),
            "namespace": "shop",
            "labels": { "kubernetes.io/service-name": format!("s{of}") },
        },
        "ports": ports.collect::<Value>(),
        "endpoints": (0..endpoints).map(endpoint).collect::<Value>(),
    })
}

fn node(at: usize) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": format!("n{at}") },
        "spec": { "podCIDRs": [format!("10.{}.{}.0/24", 200 + at / 250, at % 250)] },
        "status": { "addresses": [{ "type": "InternalIP", "address": format!("172.16.{}.{}", at / 250, at % 250 + 1) }] },
    })
}
