//! Where clusters come from: fixtures, and chance.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::compile::{
    self, BaseServices, EndpointsFrom, Input, Mode, NodeSelection, Options, Silent,
};
use portolan_compiler::explain::Vicinity;
use portolan_compiler::model::KubeVersion;
use portolan_support::generator::{self, text::Spelling};

use super::Compiled;

/// Manifests, and how they are compiled.
#[derive(Debug)]
pub(super) struct Cluster {
    name: String,
    files: Vec<(String, String)>,
    arguments: String,
    version: KubeVersion,
}

impl Cluster {
    /// All of `fixtures/clusters` and `fixtures/conformance`.
    pub(super) fn fixtures() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
        let defaults = root.join("clusters/_defaults");
        let small = folders(&root.join("clusters"))
            .into_iter()
            .filter(|folder| *folder != defaults)
            .map(|folder| Self::small(&defaults, &folder));
        let recorded = folders(&root.join("conformance"));
        small
            .chain(recorded.iter().map(|folder| Self::recorded(folder)))
            .collect()
    }

    fn small(defaults: &Path, folder: &Path) -> Self {
        let mut files = manifests(defaults);
        for (name, text) in manifests(folder) {
            files.retain(|(other, _)| *other != name);
            files.push((name, text));
        }
        let arguments = fs::read_to_string(folder.join("arguments"));
        let arguments = arguments.unwrap_or_else(|_| "--node node-a".to_owned());
        Self {
            name: name(folder),
            files,
            // Of several lines each shows something that the IR shows too.
            arguments: arguments.lines().next().unwrap_or_default().to_owned(),
            version: KubeVersion::NEWEST,
        }
    }

    fn recorded(folder: &Path) -> Self {
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        let config = read("kube-proxy.yaml");
        let node = config
            .lines()
            .find_map(|line| line.strip_prefix("hostnameOverride: "))
            .unwrap()
            .to_owned();
        let facts = format!(
            "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata:\n  name: {node}\ninterfaces:\n{}",
            read("interfaces.yaml")
        );
        Self {
            name: name(folder),
            files: vec![
                ("cluster.yaml".to_owned(), read("cluster.yaml")),
                ("kube-proxy.yaml".to_owned(), config),
                ("facts.yaml".to_owned(), facts),
            ],
            arguments: format!("--node {node}"),
            version: "1.30".parse().unwrap(),
        }
    }

    pub(super) fn random(cluster: &generator::Cluster) -> Self {
        Self {
            name: "random".to_owned(),
            files: vec![(
                "cluster.json".to_owned(),
                Spelling::JsonList.write(&cluster.objects()),
            )],
            arguments: "--all-nodes".to_owned(),
            version: cluster.version,
        }
    }

    /// One node, from a text.
    pub(super) fn of(manifests: &str) -> Self {
        Self {
            name: "text".to_owned(),
            files: vec![("cluster.yaml".to_owned(), manifests.to_owned())],
            arguments: "--node node-a".to_owned(),
            version: KubeVersion::NEWEST,
        }
    }

    /// Compiles it for a mode, node by node.
    pub(super) fn compile(&self, mode: Mode) -> Vec<Compiled> {
        let mut input = Input::default();
        for (name, text) in &self.files {
            if name.starts_with("base") {
                input.sources.add_base(name, text.clone());
            } else {
                input.sources.add(name, text.clone());
            }
        }
        let mut options = Options {
            nodes: NodeSelection::FromConfiguration,
            kube_version: Some(self.version),
            mode: Some(mode),
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        let mut words = self.arguments.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "--all-nodes" => options.nodes = NodeSelection::All,
                "--node" => options.nodes = NodeSelection::Named(words.next().unwrap().to_owned()),
                "--kube-version" => {
                    options.kube_version = Some(words.next().unwrap().parse().unwrap());
                }
                "--base-services" => {
                    assert_eq!(words.next(), Some("keep"));
                    options.base_services = BaseServices::Keep;
                }
                // The mode is the test's.
                "--mode" => drop(words.next()),
                other => panic!("{}: unknown argument {other}", self.name),
            }
        }
        let outcome = compile::prepare(&input, &options, &Silent);
        let prepared = outcome.prepared.unwrap_or_else(|| {
            let report = portolan_compiler::diag::human(&outcome.report, &input.sources);
            panic!("{} is refused:\n{report}", self.name)
        });
        (0..prepared.nodes().len())
            .map(|node| {
                let program = prepared.program(node).get().clone();
                let state = prepared.state(node);
                Compiled {
                    name: format!("{} on {}", self.name, prepared.nodes()[node]),
                    mode,
                    vicinity: Vicinity::of(&program, &state),
                    program,
                    state,
                }
            })
            .collect()
    }

    /// Asks everything of it in a mode, and notes what is wrong; says how much that was.
    pub(super) fn check(&self, mode: Mode, wrong: &mut Vec<String>) -> usize {
        let nodes = self.compile(mode);
        nodes.iter().map(|node| node.check(wrong)).sum()
    }
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn manifests(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "json")
        })
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}
