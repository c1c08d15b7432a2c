//! Endpoints from Pods, as the cluster's controller of `EndpointSlice`s makes them, where the input's
//! slices cannot be right any more or are not there.
//!
//! Slices are taken as they are while all that the controller reads of their Service is what it was when
//! they were dumped. Source: `k8s.io/endpointslice` (`reconciler.go`, `utils.go`, `trafficdist`).

mod hints;
mod report;
mod slices;

use std::ops::Range;

use crate::diag::Findings;
use crate::model::labels::ByLabel;
use crate::model::name::NodeName;
use crate::model::pod::Pod;
use crate::model::service::{Service, ServiceType};
use crate::model::slice::Slice;
use crate::model::{Cluster, Profile};
use report::Report;

/// Where the endpoints of Services with selectors come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EndpointsFrom {
    /// From slices while they can be right, else from Pods, where there are some.
    #[default]
    WhatHolds,
    /// From slices, come what may.
    Slices,
    /// From Pods, whatever slices say.
    Pods,
}

/// Completes a cluster with the slices that its controller would make of Pods. `profile` is asked for
/// once, where there are some to make: it says what the cluster's release gives.
pub(crate) fn complete(
    cluster: &mut Cluster,
    from: EndpointsFrom,
    profile: impl Fn(&Cluster) -> Profile,
    findings: &mut Findings,
) {
    let _span = tracing::debug_span!("endpoints").entered();
    let mut report = Report::default();
    let mut made: Vec<Slice> = Vec::new();
    let mut replaced: Vec<Range<usize>> = Vec::new();
    let mut means = None;
    let has_nodes = cluster.knows_nodes_of_pods();
    let services = cluster.services.iter();
    for service in services.filter(|service| asks_controller(service)) {
        let slices = cluster.slices_of(&service.key);
        let written = &cluster.slices[slices.clone()];
        let why = match reason(service, written, cluster, from) {
            Reason::SlicesHold => continue,
            Reason::NoPods(why) => {
                report.without_pods(service, why);
                continue;
            }
            // Without nodes no Pod counts: that is no reason to give up endpoints that were there.
            Reason::Pods(Why::Outdated) if !has_nodes => {
                report.without_nodes(service);
                continue;
            }
            Reason::Pods(why) => why,
        };
        let (by_label, profile) =
            means.get_or_insert_with(|| (ByLabel::of_pods(&cluster.pods), profile(cluster)));
        let chosen = by_label.chosen(&service.key.namespace, service.selector.as_ref());
        let chosen: Vec<&Pod> = chosen.into_iter().map(|at| &cluster.pods[at]).collect();
        let slices_made = slices::make(service, &chosen, cluster, *profile, &mut report);
        report.with_pods(service, why, &chosen, &slices_made);
        made.extend(slices_made);
        replaced.push(slices);
    }
    report.write(cluster, findings);
    // In the order of Services, as slices are.
    let mut replaced = replaced.into_iter().flatten().peekable();
    let mut at = 0..;
    cluster.slices.retain(|_| {
        replaced
            .next_if_eq(&at.next().unwrap_or_default())
            .is_none()
    });
    if !made.is_empty() {
        cluster.slices.extend(made);
        cluster.sort_slices();
    }
}

/// What the controller would make of Pods that come to a Service, beside the slices that it has.
pub(crate) fn of_pods(
    service: &Service,
    pods: &[&Pod],
    cluster: &Cluster,
    profile: Profile,
) -> Vec<Slice> {
    slices::make(service, pods, cluster, profile, &mut Report::default())
}

/// Whether the controller makes slices for a Service: others do for one without a selector.
pub(crate) fn asks_controller(service: &Service) -> bool {
    service.selector.is_some() && service.service_type != ServiceType::ExternalName
}

/// What a Service's endpoints come from.
enum Reason {
    SlicesHold,
    Pods(Why),
    /// They should come from Pods, and there are none.
    NoPods(Why),
}

/// Why slices do not say a Service's endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// There are none.
    NoSlices,
    /// They were made for what the Service was.
    Outdated,
    /// That is what was asked for.
    Asked,
}

fn reason(service: &Service, slices: &[Slice], cluster: &Cluster, from: EndpointsFrom) -> Reason {
    let why = match from {
        EndpointsFrom::Slices => return Reason::SlicesHold,
        EndpointsFrom::Pods => Why::Asked,
        EndpointsFrom::WhatHolds if slices.is_empty() => Why::NoSlices,
        EndpointsFrom::WhatHolds if !service.outdated.is_empty() => Why::Outdated,
        EndpointsFrom::WhatHolds => return Reason::SlicesHold,
    };
    if cluster.knows_pods_of(&service.key.namespace) {
        Reason::Pods(why)
    } else {
        Reason::NoPods(why)
    }
}

/// Whether the cluster has the node of a Pod; of one that is not placed there is none.
fn node_of<'p>(pod: &'p Pod, cluster: &Cluster) -> Option<&'p NodeName> {
    pod.node.as_ref().filter(|name| cluster.has_node(name))
}
