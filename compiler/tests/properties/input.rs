//! The digest of a node's input: the same for what gives the same rules however it is written, another
//! for what gives other rules.

use std::collections::BTreeMap;

use portolan_compiler::bundle::{ArtefactKind, Digest, Emulates, Target};
use portolan_compiler::compile::{Mode, NodeSelection, Prepared};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::model::KubeVersion;
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::compiled::{cases, inputs, try_prepare};

/// What a node is asked to hold, and the digest of what decided it.
#[derive(Debug, Clone, PartialEq)]
struct Compiled {
    input: Digest,
    target: Target,
    files: BTreeMap<ArtefactKind, Vec<u8>>,
}

fn compiled(prepared: &Prepared) -> BTreeMap<String, Compiled> {
    let inputs = prepared.inputs().nodes;
    let nodes = prepared.nodes().iter().enumerate();
    let compiled = nodes.map(|(at, name)| {
        let artefacts = prepared.artefacts(at, KeepOrigins::No);
        let files = artefacts.files.into_iter();
        let compiled = Compiled {
            input: inputs[at],
            target: artefacts.target,
            files: files.map(|file| (file.kind, file.bytes)).collect(),
        };
        (name.to_string(), compiled)
    });
    compiled.collect()
}

/// A run: objects, and what is asked for.
#[derive(Debug, Clone)]
struct Run {
    objects: Vec<Value>,
    version: KubeVersion,
    mode: Option<Mode>,
}

impl Run {
    /// Nothing where the input is refused.
    fn compile(&self) -> BTreeMap<String, Compiled> {
        let files = [Spelling::JsonList.write(&self.objects)];
        let prepared = try_prepare(&files, NodeSelection::All, self.version, self.mode);
        prepared.as_ref().map(compiled).unwrap_or_default()
    }
}

fn mode() -> impl Strategy<Value = Option<Mode>> {
    let modes = Mode::ALL.map(Some);
    select([&[None], &modes[..]].concat())
}

fn run() -> impl Strategy<Value = Run> {
    (cluster(), mode()).prop_map(|(cluster, mode)| Run {
        objects: cluster.objects(),
        version: cluster.version,
        mode,
    })
}

/// Every scalar of a tree, by its pointer.
fn scalars(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                scalars(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                scalars(value, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// What stands at the same place of other objects, or of other items of a list.
fn place(pointer: &str) -> String {
    let is_index = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = pointer.split('/').filter(|part| !is_index(part));
    parts.collect::<Vec<_>>().join("/")
}

/// Changes one scalar somewhere: to another that stands at such a place, to a neighbouring number, to
/// its opposite, or to nothing.
fn change(run: &Run, which: Index, to: Index) -> Run {
    let mut run = run.clone();
    let mut all: Vec<(usize, String)> = Vec::new();
    for (number, object) in run.objects.iter().enumerate() {
        let mut found = Vec::new();
        scalars(object, "", &mut found);
        all.extend(found.into_iter().map(|pointer| (number, pointer)));
    }
    if all.is_empty() {
        return run;
    }
    let (number, pointer) = which.get(&all).clone();
    let here = run.objects[number].pointer(&pointer).unwrap().clone();
    let kind = |number: usize| run.objects[number]["kind"].clone();
    let mut others: Vec<Value> = all
        .iter()
        .filter(|(other, at)| kind(*other) == kind(number) && place(at) == place(&pointer))
        .filter_map(|(other, at)| run.objects[*other].pointer(at).cloned())
        .filter(|other| *other != here)
        .collect();
    others.extend(match &here {
        Value::Bool(on) => vec![json!(!on)],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        _ => Vec::new(),
    });
    others.push(Value::Null);
    *run.objects[number].pointer_mut(&pointer).unwrap() = to.get(&others).clone();
    run
}

/// Lists whose order says nothing.
const SETS: [&str; 7] = [
    "endpoints",
    "ports",
    "forZones",
    "forNodes",
    "excludeCIDRs",
    "nodePortAddresses",
    "cidrs",
];

/// Lists that mode iptables has rules of in their order, and the other modes sets.
const LISTS: [&str; 3] = ["externalIPs", "ingress", "loadBalancerSourceRanges"];

/// Rotates or reverses every list that is called one of these.
fn reordered(value: &mut Value, names: &[&str], by: usize) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                if let Value::Array(list) = &mut *value
                    && names.contains(&key.as_str())
                    && !list.is_empty()
                {
                    let at = by % list.len();
                    list.rotate_left(at);
                    if by.is_multiple_of(2) {
                        list.reverse();
                    }
                }
                reordered(value, names, by);
            }
        }
        Value::Array(list) => {
            for value in list {
                reordered(value, names, by);
            }
        }
        _ => {}
    }
}

fn with_lists_reordered(run: &Run, names: &[&str], by: usize) -> Run {
    let mut run = run.clone();
    for object in &mut run.objects {
        reordered(object, names, by);
    }
    run
}

/// A run and another that differs in one thing.
fn pair() -> impl Strategy<Value = (Run, Run)> {
    let by_field = (run(), any::<Index>(), any::<Index>())
        .prop_map(|(run, which, to)| (run.clone(), change(&run, which, to)));
    let by_request = (run(), mode(), 30u8..=37).prop_map(|(run, mode, minor)| {
        let version = KubeVersion::from_minor(minor).unwrap();
        let other = Run {
            version,
            mode,
            ..run.clone()
        };
        (run, other)
    });
    let by_order = (run(), 0usize..6).prop_map(|(run, by)| {
        let other = with_lists_reordered(&run, &LISTS, by);
        (run, other)
    });
    prop_oneof![6 => by_field, 1 => by_request, 1 => by_order]
}

fn shuffled() -> impl Strategy<Value = (Cluster, Vec<Value>)> {
    cluster().prop_flat_map(|cluster| {
        let objects = Just(cluster.objects()).prop_shuffle();
        (Just(cluster), objects)
    })
}

/// The files of what the kernel is to hold.
fn held(compiled: &Compiled) -> BTreeMap<ArtefactKind, Vec<u8>> {
    let mut files = compiled.files.clone();
    files.remove(&ArtefactKind::Services);
    files
}

/// The lines of each file, in an order of their own.
fn lines(files: &BTreeMap<ArtefactKind, Vec<u8>>) -> BTreeMap<ArtefactKind, Vec<&[u8]>> {
    let texts = files.iter().filter(|(kind, _)| kind.is_text());
    let sorted = texts.map(|(kind, bytes)| {
        let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        lines.sort_unstable();
        (*kind, lines)
    });
    sorted.collect()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn what_the_kernel_is_to_hold_is_one_target((one, other) in pair()) {
        let (one, other) = (one.compile(), other.compile());
        for (node, one) in &one {
            let Some(other) = other.get(node) else { continue };
            let (one_held, other_held) = (held(one), held(other));
            if one_held == other_held {
                prop_assert_eq!(one.target, other.target, "{}", node);
            } else if lines(&one_held) != lines(&other_held) {
                // Where lines differ by their order alone, that may say nothing.
                prop_assert_ne!(one.target, other.target, "{}", node);
            }
        }
    }

    #[test]
    fn other_rules_have_another_digest((one, other) in pair()) {
        let (one, other) = (one.compile(), other.compile());
        for (node, one) in &one {
            let Some(other) = other.get(node) else { continue };
            if one.files != other.files {
                prop_assert_ne!(one.input, other.input, "{}", node);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn order_of_lists_decides_nothing(run in run(), by in 1usize..6) {
        let other = with_lists_reordered(&run, &SETS, by);
        prop_assert_eq!(run.compile(), other.compile());
    }

    #[test]
    fn order_of_addresses_decides_in_mode_iptables_alone(
        run in run(),
        mode in select(vec![Mode::Ipvs, Mode::Nftables]),
        by in 1usize..6,
    ) {
        let run = Run { mode: Some(mode), ..run };
        let other = with_lists_reordered(&run, &[&SETS[..], &LISTS].concat(), by);
        prop_assert_eq!(run.compile(), other.compile());
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn a_node_has_one_digest_however_it_is_asked_for((cluster, objects) in shuffled()) {
        let prepare = |objects: &[Value], spelling: Spelling, nodes| {
            let files = [spelling.write(objects)];
            let prepared = try_prepare(&files, nodes, cluster.version, None).unwrap();
            inputs(&prepared)
        };
        let all = prepare(&cluster.objects(), Spelling::Yaml, NodeSelection::All);
        for (name, spelling) in cluster.node_names().into_iter().zip(Spelling::ALL.into_iter().cycle()) {
            let alone = prepare(&objects, spelling, NodeSelection::Named(name));
            for (node, entry) in alone {
                prop_assert_eq!(entry, all[&node], "{}", node);
            }
        }
    }
}

const CLUSTER: &str = "
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {topology.kubernetes.io/zone: z1}}
spec: {podCIDRs: [10.244.1.0/24]}
status: {addresses: [{type: InternalIP, address: 192.0.2.11}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: d}
spec: {type: NodePort, clusterIP: 10.96.0.5, ports: [{port: 80, nodePort: 30080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: d, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
- {addresses: [10.244.1.9], nodeName: n1}
- {addresses: [10.244.2.9], nodeName: n2}
";

const CONFIG: &str = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n";

/// The digest of n1's input, with more text and a configuration.
fn digest(more: &str, config: &str, version: &str) -> (Emulates, Digest) {
    let files = [format!("{CLUSTER}---{more}"), format!("{CONFIG}{config}\n")];
    let nodes = NodeSelection::Named("n1".to_owned());
    let prepared = try_prepare(&files, nodes, version.parse().unwrap(), None);
    let prepared = prepared.unwrap_or_else(|| panic!("refused: {more}{config}"));
    *inputs(&prepared).values().next().unwrap()
}

const OTHER_NODE: &str = "
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {topology.kubernetes.io/zone: z2}}
status: {addresses: [{type: InternalIP, address: 192.0.2.12}]}
---
apiVersion: portolan.dev/v1alpha1
kind: NodeFacts
metadata: {name: n2}
interfaces: [{name: eth0, addresses: [192.0.2.12/24, 198.51.100.2/24]}]
";

const PASSED_BY: &str = "
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: d}
spec: {clusterIP: None, ports: [{port: 80}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {a: b}
";

const RANGES: &str = "
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.96.0.0/16]}
";

#[test]
fn what_decides_nothing_is_not_in_it() {
    for (version, config, others) in [
        // Other nodes, Services that are passed by, other kinds.
        (
            "1.37",
            "mode: ipvs",
            [(OTHER_NODE, "mode: ipvs"), (PASSED_BY, "mode: ipvs")],
        ),
        // Ranges count in mode nftables only; settings in their own modes only.
        (
            "1.37",
            "mode: ipvs",
            [
                (RANGES, "mode: ipvs"),
                ("", "mode: ipvs\niptables: {localhostNodePorts: false}"),
            ],
        ),
        (
            "1.37",
            "mode: nftables",
            [
                ("", "mode: nftables\nipvs: {scheduler: sh, strictARP: true}"),
                ("", "mode: nftables\niptables: {masqueradeBit: 3}"),
            ],
        ),
        // Gates that make no difference: of others, as by default, of a mode that is not used.
        (
            "1.34",
            "mode: ipvs",
            [
                ("", "mode: ipvs\nfeatureGates: {SomethingElse: true}"),
                ("", "mode: ipvs\nfeatureGates: {TopologyAwareHints: true}"),
            ],
        ),
        // What programs no rules.
        (
            "1.37",
            "mode: ipvs",
            [
                ("", "mode: ipvs\nipvs: {syncPeriod: 1m, scheduler: ''}"),
                (
                    "",
                    "metricsBindAddress: 0.0.0.0:10249\nmode: 'ipvs'\nconntrack: {min: 1}",
                ),
            ],
        ),
    ] {
        let expected = digest("", config, version);
        for (more, other) in others {
            assert_eq!(digest(more, other, version), expected, "{more}{other}");
        }
    }
}

#[test]
fn what_decides_is_in_it_with_and_without_endpoints() {
    for (one, other) in [
        (
            (
                "",
                "mode: iptables\niptables: {localhostNodePorts: true}",
                "1.37",
            ),
            (
                "",
                "mode: iptables\niptables: {localhostNodePorts: false}",
                "1.37",
            ),
        ),
        (
            ("", "mode: nftables", "1.37"),
            (RANGES, "mode: nftables", "1.37"),
        ),
        (("", "mode: ipvs", "1.30"), ("", "mode: ipvs", "1.37")),
        (("", "mode: ipvs", "1.37"), ("", "mode: iptables", "1.37")),
        (
            ("", "mode: ipvs", "1.32"),
            (
                "",
                "mode: ipvs\nfeatureGates: {TopologyAwareHints: false}",
                "1.32",
            ),
        ),
        (
            ("", "mode: ipvs", "1.37"),
            (
                "",
                "mode: ipvs\nipvs: {excludeCIDRs: [10.1.0.0/16]}",
                "1.37",
            ),
        ),
    ] {
        let digest = |(more, config, version)| digest(more, config, version).1;
        assert_ne!(digest(one), digest(other), "{one:?} {other:?}");
    }
}
