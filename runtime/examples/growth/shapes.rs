//! Inputs of many shapes, and the commands that are tried on them.

use serde_json::{Value, json};

/// A kind of input, by size.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// The smallest size.
    pub(crate) size: usize,
    /// Names and texts of the files of a size.
    pub(crate) files: fn(usize) -> Vec<(String, String)>,
    /// What runs first, and is not measured.
    pub(crate) before: Option<&'static str>,
    /// What runs on them.
    pub(crate) commands: &'static [&'static str],
}

const EXPLAIN: &str = "explain --from 10.244.1.7 --to 10.96.0.1:1 --node n0 -f @a";

pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "Services, JSON in one line",
        size: 500,
        files: |n| pair(n, 25, 4, one_line),
        before: None,
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
        before: None,
        commands: &[EXPLAIN, "diff --output github @a @b"],
    },
    Shape {
        name: "Services, YAML in braces",
        size: 250,
        files: |n| pair(n, 25, 4, |list| format!("# no JSON\n{list}\n")),
        before: None,
        commands: &[EXPLAIN, "diff --output github @a @b"],
    },
    Shape {
        name: "one slice of n endpoints",
        size: 5_000,
        files: |n| pair(1, n, 1, one_line),
        before: None,
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
        before: None,
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
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n external IPs and source ranges",
        size: 2_000,
        files: |n| vec![("a".to_owned(), one_line(&ranges(n)))],
        before: None,
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
        before: None,
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
        before: None,
        commands: &["compile --node n0 --stdout -f @a"],
    },
    Shape {
        name: "lists of dashes, n deep",
        size: 20_000,
        files: |n| service(&format!("labels:\n  {}1", "- ".repeat(n))),
        before: None,
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
        before: None,
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
        before: None,
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
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n keys that stand twice",
        size: 5_000,
        files: |n| {
            let keys = lines(n, |at| format!("    a{at}: v\n"));
            service(&format!("annotations:\n{keys}{keys}"))
        },
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n tiny wrong documents",
        size: 50_000,
        files: |n| vec![("a".to_owned(), "a: 1\n---\n".repeat(n))],
        before: None,
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
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "a key of n bytes",
        size: 500_000,
        files: |n| service(&format!("\"{}\": 1", "k".repeat(n))),
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n nodes, 300 Services",
        size: 10,
        files: |n| pair(300, 25, n, indented),
        before: None,
        commands: &[
            "compile --all-nodes --stdout --only sysctl.conf -f @a",
            EXPLAIN,
            "lint -f @a",
            "diff @a @b",
            "diff @a @a",
        ],
    },
    Shape {
        name: "n nodes alone",
        size: 1_000,
        files: |n| pair(1, 1, n, indented),
        before: None,
        commands: &[
            "lint -f @a",
            "compile --node n0 --stdout -f @a",
            "compile --all-nodes --stdout --only sysctl.conf -f @a",
        ],
    },
    Shape {
        name: "n nodes, a compiled folder",
        size: 10,
        files: |n| pair(100, 25, n, indented),
        before: Some("compile --all-nodes --out @out -f @a"),
        commands: &[
            "compile --all-nodes --out @out --check -f @a",
            "compile --all-nodes --out @out --check -f @b",
            "diff rules:@out @b",
            "show @out/MANIFEST",
        ],
    },
    Shape {
        name: "n Services, a compiled folder",
        size: 1_000,
        files: |n| pair(n, 5, 1, indented),
        before: Some("compile --node n0 --out @out -f @a"),
        commands: &[
            "compile --node n0 --out @out --check -f @b",
            "show @out/nodes/n0/ipvs.rules",
            "show @out/nodes/n0/ipset.restore",
            "show @out/nodes/n0/services",
        ],
    },
    Shape {
        name: "n Services of a node observed",
        size: 1_000,
        files: |n| {
            let mut files = pair(n, 5, 1, indented);
            files.extend(observed(n));
            files
        },
        before: None,
        commands: &[
            "plan --node n0 -f @a --observed @observed",
            "diff --node n0 capture:@observed @a",
        ],
    },
    Shape {
        name: "n feature gates, all near misses",
        size: 5_000,
        files: |n| {
            // Letters in place of letters, as many ways as there are.
            let gate = |at: usize| {
                let letter =
                    |at: usize| char::from(b'a' + u8::try_from(at % 26).unwrap_or_default());
                let wrong: String = [at, at / 26, at / 676].map(letter).iter().collect();
                format!("  PreferSameTrafficDistribu{wrong}: true\n")
            };
            let gates: String = (0..n).map(gate).collect();
            config(&format!("featureGates:\n{gates}"))
        },
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n keys twice in a ConfigMap",
        size: 2_000,
        files: |n| {
            let keys = lines(n, |at| format!("    key{at}: v\n"));
            let text = format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kube-proxy}}\ndata:\n  config.conf: |\n    kind: KubeProxyConfiguration\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n{keys}{keys}"
            );
            vec![("a".to_owned(), text)]
        },
        before: None,
        commands: &["compile --node n0 --stdout -f @a", "lint -f @a"],
    },
    Shape {
        name: "n values in a ConfigMap",
        size: 2_000,
        files: |n| {
            let values = lines(n, |at| {
                format!(
                    "  c{at}: |\n    apiVersion: kubeproxy.config.k8s.io/v1alpha1\n    kind: KubeProxyConfiguration\n    a: [\n"
                )
            });
            let text =
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n{values}");
            vec![("a".to_owned(), text)]
        },
        before: None,
        commands: &["lint -f @a"],
    },
    Shape {
        name: "a ConfigMap's value of n bytes",
        size: 1_000_000,
        files: |n| {
            let text = format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  c: |\n    kind: KubeProxyConfiguration\n    a: {}\n",
                "x".repeat(n)
            );
            vec![("a".to_owned(), text)]
        },
        before: None,
        commands: &["lint -f @a"],
    },
    Shape {
        name: "n nodePortAddresses and addresses",
        size: 5_000,
        files: |n| {
            let ranges = lines(n, |at| {
                format!("- 10.{}.{}.0/24\n", at / 250 % 250, at % 250)
            });
            let mut files = config(&format!("nodePortAddresses:\n{ranges}"));
            let addresses = lines(n, |at| {
                format!("\"10.{}.{}.1/24\", ", at / 250 % 250, at % 250)
            });
            let facts = format!(
                "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata: {{name: n0}}\ninterfaces: [{{name: eth0, addresses: [{addresses}]}}]\n"
            );
            files.push(("c".to_owned(), facts));
            files.push((
                "d".to_owned(),
                indented(&list(&[service_of(0, 1), node(0)])),
            ));
            files
        },
        before: None,
        commands: &[
            "compile --node n0 --mode iptables --stdout --only sysctl.conf -f @a -f @c -f @d",
            "compile --node n0 --mode nftables --stdout --only sysctl.conf -f @a -f @c -f @d",
            "compile --node n0 --mode ipvs --stdout --only sysctl.conf -f @a -f @c -f @d",
        ],
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
        before: None,
        commands: &["lint -f @a"],
    },
];

/// A configuration of kube-proxy with more lines.
fn config(more: &str) -> Vec<(String, String)> {
    let text = format!(
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n{more}"
    );
    vec![("a".to_owned(), text)]
}

/// What a node holds: a virtual server with two destinations for each Service.
fn observed(services: usize) -> Vec<(String, String)> {
    let server = |at: usize| {
        let address = format!(
            "10.{}.{}.{}:1",
            96 + at / 62_500,
            at / 250 % 250,
            at % 250 + 1
        );
        let destination = |last: usize| {
            format!(
                "-a -t {address} -r 10.129.{}.{last}:8080 -m -w 1\n",
                at % 250
            )
        };
        format!(
            "-A -t {address} -s rr\n{}{}",
            destination(1),
            destination(2)
        )
    };
    let text = |name: &str, text: String| (format!("observed/{name}"), text);
    let none = || "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n".to_owned();
    vec![
        text("ipvs.rules", (0..services).map(server).collect()),
        text("ipset.save", String::new()),
        text("iptables.save", none()),
        text("ip6tables.save", none()),
        text(
            "addresses",
            "1: lo    inet 127.0.0.1/8 scope host lo\n".to_owned(),
        ),
        text(
            "ipvs.timeouts",
            "Timeout (tcp tcpfin udp): 900 120 300\n".to_owned(),
        ),
        text("sysctl", "net.ipv4.ip_forward = 1\n".to_owned()),
    ]
}

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
