//! The smallest cluster: one Service, whose endpoints are addresses of the case's own lo.

use super::Tool;
use super::portolan::inputs;

/// The address of the Service, and its port.
pub(crate) const SERVICE: &str = "10.96.0.1:80";

/// What every endpoint listens on.
pub(crate) const PORT: u16 = 8080;

const OBJECTS: &str = "\
apiVersion: v1
kind: Node
metadata: {name: node-a}
spec: {}
status: {addresses: [{type: InternalIP, address: 192.0.2.10}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: ClusterIP
  clusterIP: 10.96.0.1
  clusterIPs: [10.96.0.1]
  ipFamilies: [IPv4]
  ipFamilyPolicy: SingleStack
  ports: [{port: 80, targetPort: 8080, protocol: TCP}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080, protocol: TCP}]
endpoints:
";

/// Gives lo these addresses.
pub(crate) fn endpoints(addresses: &[&str]) {
    for address in addresses {
        Tool::new(&format!("ip address add {address}/32 dev lo")).run();
    }
}

/// The words of an apply after which the Service has these endpoints.
pub(crate) fn apply(endpoints: &[&str]) -> String {
    let one = |endpoint| format!("- {{addresses: [{endpoint}], conditions: {{ready: true}}}}\n");
    let text: String = std::iter::once(OBJECTS.to_owned())
        .chain(endpoints.iter().map(one))
        .collect();
    let files = inputs(
        &format!("cluster-{}", endpoints.join("-")),
        [("cluster.yaml", text)],
    );
    let how = "--node node-a --kube-version 1.30 --mode ipvs --max-removal 100";
    format!("apply --yes {how} {files}")
}
