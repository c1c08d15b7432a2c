//! A case: a cluster, a configuration, a node's interfaces, and what kube-proxy made of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::NodeArtefacts;
use portolan_compiler::compile;
use portolan_compiler::compile::{
    BaseServices, Compilation, EndpointsFrom, Input, NodeSelection, Options, Silent,
};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::model::KubeVersion;

use super::expectation;

/// A proxy mode that cases have expectations for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `expected/ipvs`: what kube-proxy programs in mode ipvs.
    Ipvs,
    /// `expected/iptables`: what kube-proxy programs in mode iptables.
    Iptables,
    /// `expected/nftables`, of a release whose texts are not followed.
    Nftables,
}

impl Mode {
    fn folder(self) -> &'static str {
        match self {
            Self::Ipvs => "ipvs",
            Self::Iptables => "iptables",
            Self::Nftables => "nftables",
        }
    }

    fn mode(self) -> compile::Mode {
        match self {
            Self::Ipvs => compile::Mode::Ipvs,
            Self::Iptables => compile::Mode::Iptables,
            Self::Nftables => compile::Mode::Nftables,
        }
    }
}

/// One folder of `fixtures/conformance`.
#[derive(Debug)]
pub struct Case {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
}

impl Case {
    /// All cases, sorted by name.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/conformance");
        let mut cases: Vec<Self> = fs::read_dir(&root)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().unwrap().is_dir())
            .map(|entry| Self {
                name: entry.file_name().into_string().unwrap(),
                folder: entry.path(),
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        cases
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap()
    }

    /// What kube-proxy left, by file, in comparable form.
    pub fn expected(&self, mode: Mode) -> BTreeMap<String, String> {
        let folder = format!("expected/{}", mode.folder());
        fs::read_dir(self.folder.join(&folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .map(|file| {
                let text = self.read(&format!("{folder}/{file}"));
                let text = expectation::comparable(&file, &text);
                (file, text)
            })
            .collect()
    }

    /// What portolan makes of it.
    pub fn compile(&self, mode: Mode) -> NodeArtefacts {
        let mut input = Input::default();
        for (file, text) in self.inputs() {
            input.sources.add(file, text);
        }
        let outcome = Self::prepare(&input, mode);
        let prepared = outcome.prepared.unwrap_or_else(|| {
            panic!(
                "{} is refused:\n{}",
                self.name,
                portolan_compiler::diag::human(&outcome.report, &input.sources)
            )
        });
        prepared.artefacts(0, KeepOrigins::No)
    }

    /// The files that a command line names, by their names.
    pub fn inputs(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("cluster.yaml", self.read("cluster.yaml")),
            ("kube-proxy.yaml", self.read("kube-proxy.yaml")),
            ("facts.yaml", self.facts()),
        ])
    }

    fn prepare(input: &Input, mode: Mode) -> Compilation {
        let options = Options {
            nodes: NodeSelection::FromConfiguration,
            kube_version: Some("1.30".parse::<KubeVersion>().unwrap()),
            mode: Some(mode.mode()),
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        compile::prepare(input, &options, &Silent)
    }

    /// The case's interfaces as `NodeFacts` of the node that its configuration names.
    fn facts(&self) -> String {
        let config = self.read("kube-proxy.yaml");
        let node = config
            .lines()
            .find_map(|line| line.strip_prefix("hostnameOverride: "))
            .expect("every case names its node");
        format!(
            "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata:\n  name: {node}\ninterfaces:\n{}",
            self.read("interfaces.yaml")
        )
    }
}
