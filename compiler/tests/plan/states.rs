//! States of nodes, from the conformance cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::variants;
use portolan_compiler::bundle::NodeArtefacts;
use portolan_compiler::compile::{
    BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Options, Silent,
};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::{KubeVersion, Timeouts};
use portolan_compiler::observed::{CaptureFile, Observed};
use portolan_compiler::plan::{Claims, Inventory, Ownership, Plan, fake, plan};
use portolan_compiler::{compile, observed};

/// A conformance case.
pub(crate) struct Case {
    pub(crate) name: String,
    /// What portolan asks for.
    pub(crate) desired: NodeState,
    /// What portolan asks for after a change of the same cluster.
    pub(crate) variants: Vec<NodeState>,
    /// The artefacts of it.
    pub(crate) artefacts: NodeArtefacts,
    /// What kube-proxy left.
    pub(crate) captured: Observed,
    /// What portolan asks for in mode iptables.
    pub(crate) by_rules: NodeState,
    /// The artefacts of it.
    pub(crate) by_rules_artefacts: NodeArtefacts,
    /// What portolan asks for in mode nftables, and after a change of the same cluster.
    pub(crate) by_maps: NodeState,
    pub(crate) by_maps_variants: Vec<NodeState>,
    /// The artefacts of it.
    pub(crate) by_maps_artefacts: NodeArtefacts,
    /// What kube-proxy left in mode iptables.
    pub(crate) by_rules_captured: Observed,
}

pub(crate) fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/conformance");
        let mut folders: Vec<PathBuf> = fs::read_dir(root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        folders.iter().map(|folder| case(folder)).collect()
    })
}

fn case(folder: &Path) -> Case {
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let config = read("kube-proxy.yaml");
    let node = config
        .lines()
        .find_map(|line| line.strip_prefix("hostnameOverride: "))
        .unwrap();
    let compile = |cluster: String, mode: Mode| {
        let facts = format!(
            "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata:\n  name: {node}\ninterfaces:\n{}",
            read("interfaces.yaml")
        );
        let mut input = Input::default();
        input.sources.add("cluster.yaml", cluster);
        input.sources.add("facts.yaml", facts);
        input.sources.add("kube-proxy.yaml", config.clone());
        let options = Options {
            nodes: NodeSelection::FromConfiguration,
            kube_version: Some("1.30".parse::<KubeVersion>().unwrap()),
            mode: Some(mode),
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        compile::prepare(&input, &options, &Silent).prepared
    };
    let cluster = read("cluster.yaml");
    let prepared = compile(cluster.clone(), Mode::Ipvs).unwrap();
    let by_rules = compile(cluster.clone(), Mode::Iptables).unwrap();
    let by_maps = compile(cluster.clone(), Mode::Nftables).unwrap();
    let by_maps_variants = variants::of(&cluster, node)
        .into_iter()
        .filter_map(|cluster| compile(cluster, Mode::Nftables))
        .map(|prepared| prepared.state(0))
        .collect();
    let variants = variants::of(&cluster, node)
        .into_iter()
        .filter_map(|cluster| compile(cluster, Mode::Ipvs))
        .map(|prepared| prepared.state(0))
        .collect();
    let files: BTreeMap<CaptureFile, String> = CaptureFile::ALL
        .into_iter()
        .filter_map(|file| {
            let path = folder.join("expected/ipvs").join(file.as_str());
            Some((file, fs::read_to_string(path).ok()?))
        })
        .collect();
    let saved =
        |file: &str| observed::read_rules(&read(&format!("expected/iptables/{file}"))).unwrap();
    Case {
        by_maps: by_maps.state(0),
        by_maps_artefacts: by_maps.artefacts(0, KeepOrigins::No),
        by_maps_variants,
        by_rules: by_rules.state(0),
        by_rules_artefacts: by_rules.artefacts(0, KeepOrigins::No),
        by_rules_captured: Observed {
            iptables: [saved("iptables.save"), saved("ip6tables.save")],
            ..Observed::empty()
        },
        desired: prepared.state(0),
        artefacts: prepared.artefacts(0, KeepOrigins::No),
        variants,
        captured: observed::read(&files).unwrap_or_else(|error| panic!("{name}: {error}")),
        name,
    }
}

/// A node that nothing was done to.
pub(crate) fn empty() -> Observed {
    Observed {
        timeouts: Some(Timeouts {
            tcp: 900,
            tcp_fin: 120,
            udp: 300,
        }),
        ..Observed::empty()
    }
}

/// What is left as it is by a plan that tracks, or by one that claims everything.
pub(crate) fn claims(everything: bool, made: &NodeState) -> Claims {
    Claims {
        ownership: if everything {
            Ownership::Everything {
                exclude: Vec::new(),
            }
        } else {
            Ownership::Tracked
        },
        inventory: Inventory::of(made),
        services: made.services.clone(),
        ..Claims::default()
    }
}

/// Plans and carries out.
pub(crate) fn go(node: &mut Observed, desired: &NodeState, claims: &Claims) -> Plan {
    let plan = plan(desired, node, claims).unwrap();
    if let Err((at, refused)) = fake::execute_all(node, &plan.steps) {
        panic!("step {at}: {refused}: {:?}", plan.steps[at]);
    }
    plan
}
