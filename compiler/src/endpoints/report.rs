//! What is said of endpoints that no slice says.

use std::collections::{BTreeMap, BTreeSet};

use super::Why;
use crate::diag::{Code, Finding, Findings, Place, some};
use crate::english::{agree, count};
use crate::model::Cluster;
use crate::model::pod::Pod;
use crate::model::selector::{ControllerInput, Hinting};
use crate::model::service::{Service, ServiceKey};
use crate::model::slice::{EndpointState, Slice};
use crate::source::{FieldPath, ObjectId};

/// What was seen, in the order of Services.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    /// Pods on nodes that the input lacks, and the Services that would choose them.
    without_node: BTreeMap<ObjectId, (String, BTreeSet<ServiceKey>)>,
}

impl Report {
    /// A Service whose endpoints should come from Pods, of which there are none.
    pub(super) fn without_pods(&mut self, service: &Service, why: Why) {
        let finding = match why {
            // That nobody is known to stand behind it is said elsewhere.
            Why::NoSlices => return,
            Why::Outdated => Finding::warning(
                Code::BaseOutdated,
                Place::Field(service.object, first(service)),
                format!(
                    "{} changed since the base was dumped: the base's endpoints are kept, and may not be what the cluster will choose",
                    changed(service)
                ),
            )
            .help("add the Pods to the base: kubectl get services,endpointslices,nodes,pods -A -o yaml"),
            Why::Asked => Finding::error(
                Code::EndpointsUnknown,
                service.object,
                "its endpoints are to come from Pods, and the input has none",
            )
            .help("add the output of: kubectl get pods -A -o yaml"),
        };
        self.findings.push(finding);
    }

    /// A Service whose endpoints should come from Pods, of which no node is known.
    pub(super) fn without_nodes(&mut self, service: &Service) {
        self.findings.push(
            Finding::warning(
                Code::BaseOutdated,
                Place::Field(service.object, first(service)),
                format!(
                    "{} changed since the base was dumped, and the input has none of the nodes of its Pods: the base's endpoints are kept, and may not be what the cluster will choose",
                    changed(service)
                ),
            )
            .help("add the output of: kubectl get nodes -o yaml"),
        );
    }

    /// A Service whose endpoints come from Pods.
    pub(super) fn with_pods(
        &mut self,
        service: &Service,
        why: Why,
        chosen: &[&Pod],
        slices: &[Slice],
    ) {
        if service.hinting == Hinting::Auto {
            let path = FieldPath::root().key("metadata").key("annotations");
            self.findings.push(
                Finding::warning(
                    Code::HintsUnknown,
                    Place::Field(service.object, path),
                    "hints of topology-mode Auto depend on what the controller did before, and are not computed: its endpoints serve everyone",
                )
                .help("use trafficDistribution, or pass slices that have the hints"),
            );
        }
        let because = match why {
            Why::NoSlices => "no slice has its endpoints".to_owned(),
            Why::Outdated => format!("{} changed since the base was dumped", changed(service)),
            Why::Asked => "so it was asked".to_owned(),
        };
        let named = |slice: &&Slice| !slice.ports.is_empty() || service.ports.is_empty();
        let ready: BTreeSet<ObjectId> = slices
            .iter()
            .filter(named)
            .flat_map(|slice| &slice.endpoints)
            .filter(|endpoint| endpoint.state == EndpointState::Ready)
            .map(|endpoint| endpoint.origin.object)
            .collect();
        let selector = service.selector.as_ref().map(ToString::to_string);
        let selector = selector.unwrap_or_default();
        let found = if chosen.is_empty() {
            format!("no Pod has {selector}")
        } else {
            let verb = agree(ready.len(), "takes", "take");
            format!(
                "{} of {} with {selector} {verb} connections",
                ready.len(),
                count(chosen.len(), "Pod"),
            )
        };
        self.findings.push(
            Finding::info(
                Code::EndpointsFromPods,
                Place::Field(service.object, first(service)),
                format!("its endpoints come from Pods, since {because}: {found}"),
            )
            .help("pass --endpoints slices to keep to what slices say"),
        );
    }

    /// A Pod that a Service chooses, on a node that is not there: the controller leaves it out.
    pub(super) fn without_node(&mut self, service: &Service, pod: &Pod) {
        let node = pod.node.as_ref().map_or("", |node| node.as_str());
        let entry = self.without_node.entry(pod.object);
        let (_, services) = entry.or_insert_with(|| (node.to_owned(), BTreeSet::new()));
        services.insert(service.key.clone());
    }

    /// Writes what was found; a Pod without a node is one finding for all its Services.
    pub(super) fn write(self, cluster: &Cluster, findings: &mut Findings) {
        for finding in self.findings {
            findings.push(finding);
        }
        if self.without_node.is_empty() {
            return;
        }
        let help = "add the output of: kubectl get nodes -o yaml";
        if !cluster.knows_nodes_of_pods() {
            let message = "the input has none of the nodes of its Pods, and a Pod whose node is not there is no endpoint but with publishNotReadyAddresses";
            findings
                .push(Finding::warning(Code::PodWithoutNode, Place::Nowhere, message).help(help));
            return;
        }
        for (object, (node, services)) in self.without_node {
            let services = some(services.iter().map(ToString::to_string));
            let message = if node.is_empty() {
                format!("the Pod is on no node yet, and no endpoint of {services}")
            } else {
                format!("the input lacks the node {node}: the Pod is no endpoint of {services}")
            };
            let path = FieldPath::root().key("spec").key("nodeName");
            findings.push(
                Finding::warning(Code::PodWithoutNode, Place::Field(object, path), message)
                    .help(help),
            );
        }
    }
}

fn changed(service: &Service) -> String {
    let words: Vec<&str> = service.outdated.iter().map(|one| one.as_str()).collect();
    words.join(" and ")
}

/// Where the first of what changed stands; the selector where nothing did.
fn first(service: &Service) -> FieldPath {
    let spec = FieldPath::root().key("spec");
    match service.outdated.first() {
        Some(ControllerInput::Ports | ControllerInput::TargetPort) => spec.key("ports"),
        Some(input) => spec.key(input.as_str()),
        None => spec.key("selector"),
    }
}
