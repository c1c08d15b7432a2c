//! Which Services nobody answers any more, those that kube-proxy passes by among them.

use std::collections::BTreeSet;

use super::Loss;
use crate::diff::PortLabel;
use crate::model::service::{Service, ServicePort, Skipped};
use crate::model::slice::{EndpointState, Slice};
use crate::model::{Cluster, IpFamily, Protocol};
use crate::what_if::situation::Situation;
use crate::what_if::then::Then;

/// A port of a family at which a Service is answered; of a headless one without ports, the name.
type Answered<'s> = (IpFamily, Option<&'s ServicePort>);

/// What nobody answers any more of a Service; `None` where that is what it was.
pub(super) fn loss(
    situation: &Situation<'_>,
    change: &Then,
    service: &Service,
    (now, then): (&Cluster, &Cluster),
) -> Option<Loss> {
    let slices = |cluster: &'_ Cluster| cluster.slices_of(&service.key);
    let answers = |slices: &[Slice], family, port| {
        let mut slices = slices.iter();
        slices.any(|slice| {
            slice.family == family
                && has_port(slice, port)
                && slice.endpoints.iter().any(|endpoint| {
                    let place = situation.place(endpoint);
                    let there = place.is_none_or(|node| !change.lost.contains(&node));
                    takes(service, endpoint.state).then_some(there) == Some(true)
                })
        })
    };
    // Before nodes went, they were all there.
    let answered = |slices: &[Slice], family, port| {
        let mut slices = slices.iter();
        slices.any(|slice| {
            let mut endpoints = slice.endpoints.iter();
            slice.family == family
                && has_port(slice, port)
                && endpoints.any(|endpoint| takes(service, endpoint.state))
        })
    };
    let (before, after) = (&now.slices[slices(now)], &then.slices[slices(then)]);
    let ports: Vec<Option<&ServicePort>> = if service.ports.is_empty() {
        vec![None]
    } else {
        service.ports.iter().map(Some).collect()
    };
    let (mut gone, mut stays): (Vec<Answered<'_>>, bool) = (Vec::new(), false);
    for family in IpFamily::ALL {
        for port in &ports {
            if !answered(before, family, *port) {
                continue;
            }
            if answers(after, family, *port) {
                stays = true;
            } else {
                gone.push((family, *port));
            }
        }
    }
    match (gone.is_empty(), stays) {
        (true, _) => None,
        (false, false) => Some(Loss::Whole),
        (false, true) => {
            let labels: BTreeSet<PortLabel> = gone.into_iter().map(label).collect();
            Some(Loss::Ports(labels.into_iter().collect()))
        }
    }
}

fn has_port(slice: &Slice, port: Option<&ServicePort>) -> bool {
    let Some(port) = port else { return true };
    let mut ports = slice.ports.iter();
    ports.any(|one| one.name == port.name && one.protocol == port.protocol)
}

/// Whether an endpoint takes connections, if only for want of others. DNS names the ready ones alone.
fn takes(service: &Service, state: EndpointState) -> bool {
    match state {
        EndpointState::Ready => true,
        EndpointState::Draining => service.skipped != Some(Skipped::Headless),
        EndpointState::Unready | EndpointState::Gone => false,
    }
}

fn label((family, port): Answered<'_>) -> PortLabel {
    PortLabel {
        family,
        number: port.map_or(0, |port| port.port.get()),
        protocol: port.map_or(Protocol::Tcp, |port| port.protocol),
        name: port.map_or("", |port| port.name.as_str()).into(),
    }
}
