//! What is made of manifests whose endpoints come from Pods, as text.

use std::fmt::Write;

use libtest_mimic::Failed;
use portolan_compiler::compile::{
    self, BaseServices, EndpointsFrom, Input, NodeSelection, Options, Silent,
};
use portolan_compiler::diag;
use portolan_compiler::model::slice::{Endpoint, Slice};
use portolan_compiler::model::{Cluster, KubeVersion};
use serde_json::Value;

/// The slices of a cluster, in the form that is compared; an error where the input is refused.
pub(crate) fn slices(objects: &[Value], release: KubeVersion) -> Result<String, Failed> {
    let mut input = Input::default();
    let documents: Vec<String> = objects.iter().map(ToString::to_string).collect();
    input.sources.add("input.yaml", documents.join("\n---\n"));
    let options = Options {
        nodes: NodeSelection::All,
        kube_version: Some(release),
        mode: None,
        base_services: BaseServices::Leave,
        endpoints: EndpointsFrom::Pods,
    };
    let outcome = compile::prepare(&input, &options, &Silent);
    let Some(prepared) = outcome.prepared else {
        return Err(diag::human(&outcome.report, &input.sources).into());
    };
    let cluster = prepared.cluster();
    let lines = cluster.slices.iter().map(|slice| lines(slice, cluster));
    Ok(text(lines.collect()))
}

/// Slices below each other, sorted, as their endpoints are.
pub(crate) fn text(mut slices: Vec<(String, Vec<String>)>) -> String {
    for (_, endpoints) in &mut slices {
        endpoints.sort();
    }
    slices.sort();
    let mut text = String::new();
    for (head, endpoints) in slices {
        writeln!(text, "{head}").unwrap();
        for endpoint in endpoints {
            writeln!(text, "  {endpoint}").unwrap();
        }
    }
    text
}

/// What a slice says of all its endpoints.
pub(crate) fn head(service: &str, family: &str, ports: &[String]) -> String {
    format!("{service} {family} [{}]", ports.join(", "))
}

/// What it says of one.
pub(crate) fn endpoint(
    address: &str,
    node: Option<&str>,
    state: &str,
    zones: Option<&[String]>,
    nodes: Option<&[String]>,
) -> String {
    let node = node.unwrap_or("no node");
    format!("{address} on {node}: {state}, for zones {zones:?}, for nodes {nodes:?}")
}

fn lines(slice: &Slice, cluster: &Cluster) -> (String, Vec<String>) {
    let mut ports: Vec<_> = slice.ports.iter().collect();
    ports.sort_by_key(|port| port.name.as_str());
    let ports = ports
        .iter()
        .map(|port| format!("{}:{}/{}", port.name, port.port, port.protocol));
    let ports: Vec<String> = ports.collect();
    let service = slice.service.name.as_str();
    let head = head(service, slice.family.as_str(), &ports);
    let endpoints = slice.endpoints.iter().map(|one| line(one, cluster));
    (head, endpoints.collect())
}

fn line(one: &Endpoint, cluster: &Cluster) -> String {
    let places = &cluster.places;
    let node = one.node.map(|node| places.node_name(node).as_str());
    let zones = one.zone_hints.as_ref().map(|zones| {
        let names = zones.iter().map(|zone| places.zone_name(*zone).to_string());
        names.collect::<Vec<_>>()
    });
    let nodes = one.node_hints.as_ref().map(|nodes| {
        let names = nodes.iter().map(|node| places.node_name(*node).to_string());
        names.collect::<Vec<_>>()
    });
    let state = format!("{:?} {:?}", one.state, one.termination);
    let address = one.address.to_string();
    endpoint(&address, node, &state, zones.as_deref(), nodes.as_deref())
}
