//! Programs node-a: from Services to rules in its kernel, by way of a reviewed plan.

use std::fs;
use std::path::Path;

use portolan_compiler::front::NodeFacts;
use portolan_compiler::front::facts::{ApiVersion, Kind, Metadata};
use portolan_compiler::model::IpFamily;
use portolan_compiler::plan::file::PlanFile;
use portolan_runtime::cli::Exit;
use portolan_runtime::host;
use serde_json::{Value, json};

use super::{Bed, Node, Service};
use crate::node::portolan::{inputs, on_node};

/// Local traffic is that of pods, whichever node they are on.
const CONFIGURATION: &str = "\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
clusterCIDR: 10.244.0.0/16,fd00:244::/32
";

impl Bed {
    /// Has node-a serve these Services and no others: applies them, and gives the plan.
    pub(crate) fn change_to(&self, services: &[&Service]) -> PlanFile {
        self.change_draining("0", services)
    }

    /// The same; connections of what goes may go on for so long.
    pub(crate) fn change_draining(&self, drain: &str, services: &[&Service]) -> PlanFile {
        let flags = inputs("bed", self.manifests(services));
        let how = "--node node-a --kube-version 1.30 --mode ipvs --max-removal 100";
        let plan = Path::new("/run/bed/plan.json");
        let words = format!("plan -q {how} {flags} --out {}", plan.display());
        on_node(&words).ends(Exit::Done);
        on_node(&format!("apply --drain {drain} {}", plan.display())).ends(Exit::Done);
        PlanFile::read(&fs::read_to_string(plan).unwrap()).unwrap()
    }

    fn manifests(&self, services: &[&Service]) -> [(&'static str, String); 3] {
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
            ("kube-proxy.yaml", CONFIGURATION.to_owned()),
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
