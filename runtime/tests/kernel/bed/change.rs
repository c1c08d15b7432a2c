//! Programs node-a: from Services to rules in its kernel, by way of a reviewed plan.

use std::fs;
use std::path::Path;

use portolan_compiler::compile::{
    BaseServices, EndpointsFrom, Input, NodeSelection, Options, Silent,
};
use portolan_compiler::front::NodeFacts;
use portolan_compiler::front::facts::{ApiVersion, Kind, Metadata};
use portolan_compiler::ir::Program;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::{IpFamily, Mode};
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::{compile, diag};
use portolan_runtime::host;
use portolan_runtime::report::Exit;
use serde_json::{Value, json};

use super::{Bed, Node, Service};
use crate::node::portolan::{inputs, on_node};

/// What is mirrored.
const KUBE_VERSION: &str = "1.30";

/// Local traffic is that of pods, whichever node they are on.
const CONFIGURATION: &str = "\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
clusterCIDR: 10.244.0.0/16,fd00:244::/32
";

/// What Services come to on node-a.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The same in every mode.
    pub(crate) program: Program,
    /// What the mode keeps on the node.
    pub(crate) state: NodeState,
}

impl Bed {
    /// Has node-a serve these Services and no others: applies them, and gives the plan.
    pub(crate) fn change_to(&self, services: &[&Service]) -> PlanFile {
        self.change_draining("0", services)
    }

    /// The same; connections of what goes may go on for so long.
    pub(crate) fn change_draining(&self, drain: &str, services: &[&Service]) -> PlanFile {
        let flags = inputs("bed", self.manifests(CONFIGURATION, services));
        let how =
            format!("--node node-a --kube-version {KUBE_VERSION} --mode ipvs --max-removal 100");
        let plan = Path::new("/run/bed/plan.json");
        let words = format!("plan -q {how} {flags} --out {}", plan.display());
        on_node(&words).ends(Exit::Done);
        on_node(&format!("apply --drain {drain} {}", plan.display())).ends(Exit::Done);
        PlanFile::read(&fs::read_to_string(plan).unwrap()).unwrap()
    }

    /// Has node-a serve these Services in this mode, whichever it was in before; with more lines of
    /// configuration.
    pub(crate) fn change_in(&self, mode: Mode, configuration: &str, services: &[&Service]) {
        let configuration = format!("{CONFIGURATION}{configuration}");
        self.change_as((KUBE_VERSION, mode), &configuration, services);
    }

    /// The same as another release does it.
    pub(crate) fn change_of_release(&self, version: &str, mode: Mode, services: &[&Service]) {
        self.change_as((version, mode), CONFIGURATION, services);
    }

    fn change_as(&self, (version, mode): (&str, Mode), configuration: &str, services: &[&Service]) {
        let flags = inputs("bed", self.manifests(configuration, services));
        let mode = mode.as_str();
        let how = format!("--node node-a --kube-version {version} --mode {mode}");
        let words = format!("apply -q --yes --drain 0 --max-removal 100 {how} {flags}");
        on_node(&words).ends(Exit::Done);
    }

    /// What these Services come to on node-a in this mode; with more lines of configuration.
    pub(crate) fn compiled(
        &self,
        mode: Mode,
        configuration: &str,
        services: &[&Service],
    ) -> Compiled {
        let mut input = Input::default();
        let configuration = format!("{CONFIGURATION}{configuration}");
        for (file, text) in self.manifests(&configuration, services) {
            input.sources.add(file, text);
        }
        let options = Options {
            nodes: NodeSelection::Named(Node::A.name().to_owned()),
            kube_version: Some(KUBE_VERSION.parse().unwrap()),
            mode: Some(mode),
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        let outcome = compile::prepare(&input, &options, &Silent);
        let prepared = outcome.prepared.unwrap_or_else(|| {
            panic!("{}", diag::human(&outcome.report, &input.sources));
        });
        Compiled {
            program: prepared.program(0).get().clone(),
            state: prepared.state(0),
        }
    }

    fn manifests(&self, configuration: &str, services: &[&Service]) -> [(&'static str, String); 3] {
        let mut items: Vec<Value> = [Node::A, Node::B].map(node).into();
        items.extend(services.iter().flat_map(|service| service.objects(self)));
        let cluster = json!({ "apiVersion": "v1", "kind": "List", "items": items });
        let host = host::facts().unwrap();
        let facts = NodeFacts {
            api_version: ApiVersion::default(),
            kind: Kind::default(),
            metadata: Metadata {
                name: Node::A.name().to_owned(),
            },
            interfaces: host.interfaces,
            kernel: host.kernel,
            iptables: host.iptables,
            nft: host.nft,
        };
        [
            ("cluster.json", cluster.to_string()),
            ("kube-proxy.yaml", configuration.to_owned()),
            ("facts.json", serde_json::to_string(&facts).unwrap()),
        ]
    }
}

fn node(node: Node) -> Value {
    let addresses = IpFamily::ALL
        .map(|family| json!({ "type": "InternalIP", "address": node.address(family) }));
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": node.name() },
        "spec": {},
        "status": { "addresses": addresses },
    })
}
