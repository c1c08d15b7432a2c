//! Programs node-a: from Services to rules in its kernel, by way of a plan.

use portolan_compiler::apply::batches;
use portolan_compiler::back::ipvs::NodeState;
use portolan_compiler::compile::{self, BaseServices, Input, NodeSelection, Options, Silent};
use portolan_compiler::front::NodeFacts;
use portolan_compiler::front::facts::{ApiVersion, Kind, Metadata};
use portolan_compiler::model::{IpFamily, Mode};
use portolan_compiler::plan::{Claims, Ownership, Plan, plan};
use portolan_runtime::host;
use serde_json::{Value, json};

use super::{Bed, Node, Service};

/// Local traffic is that of pods, whichever node they are on.
const CONFIGURATION: &str = "\
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
clusterCIDR: 10.244.0.0/16,fd00:244::/32
";

impl Bed {
    /// Has node-a serve these Services and no others, with the fewest steps, which it gives.
    pub(crate) fn change_to(&self, services: &[&Service]) -> Plan {
        let desired = self.compile(services);
        let executor = host::executor().unwrap();
        executor.load(&desired.modules).unwrap();
        let observed = host::observe(&*host::machine().unwrap()).unwrap().observed;
        let claims = Claims {
            ownership: Ownership::Everything {
                exclude: Vec::new(),
            },
            ..Claims::default()
        };
        let plan = plan(&desired, &observed, &claims).unwrap();
        for batch in batches(&plan.steps) {
            if let Err(error) = executor.carry_out(&batch) {
                panic!("{error:?}\nin {batch:#?}");
            }
        }
        plan
    }

    fn compile(&self, services: &[&Service]) -> NodeState {
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
        };
        let mut input = Input::default();
        input.sources.add("cluster.json", cluster.to_string());
        input
            .sources
            .add("kube-proxy.yaml", CONFIGURATION.to_owned());
        let facts = serde_json::to_string(&facts).unwrap();
        input.sources.add("facts.json", facts);
        let options = Options {
            nodes: NodeSelection::Named(Node::A.name().to_owned()),
            kube_version: "1.30".parse().unwrap(),
            mode: Some(Mode::Ipvs),
            base_services: BaseServices::Leave,
        };
        let outcome = compile::prepare(&input, &options, &Silent);
        let prepared = outcome.prepared.unwrap_or_else(|| {
            panic!(
                "the case's input is refused:\n{}",
                portolan_compiler::diag::human(&outcome.report, &input.sources)
            )
        });
        prepared.ipvs_state(0)
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
