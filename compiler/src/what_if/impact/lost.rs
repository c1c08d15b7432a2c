//! Which Services nobody answers any more, those that kube-proxy passes by among them.

use std::collections::BTreeSet;

use super::Loss;
use crate::diff::PortLabel;
use crate::model::service::{Service, ServicePort, Skipped};
use crate::model::slice::{Endpoint, EndpointState, Slice};
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
    // Before nodes went, they were all there.
    let answered = |slices: &[Slice], family, port| best(service, slices, family, port, |_| true);
    let answers = |slices: &[Slice], family, port| {
        best(service, slices, family, port, |endpoint| {
            let place = situation.place(endpoint);
            place.is_none_or(|node| !change.lost.contains(&node))
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
            let was = answered(before, family, *port);
            if was == Answer::Nobody {
                continue;
            }
            // Who is ending answers for seconds, and is nobody to go on with.
            if answers(after, family, *port) >= was {
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

/// Who answers, the best there is last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Nobody,
    /// Endpoints that are ending, for want of others.
    Draining,
    Ready,
}

/// Who answers at a port in a family, of the endpoints that are there.
fn best(
    service: &Service,
    slices: &[Slice],
    family: IpFamily,
    port: Option<&ServicePort>,
    is_there: impl Fn(&Endpoint) -> bool,
) -> Answer {
    let slices = slices.iter();
    let of_port = slices.filter(|slice| slice.family == family && has_port(slice, port));
    let endpoints = of_port.flat_map(|slice| &slice.endpoints);
    let there = endpoints.filter(|endpoint| is_there(endpoint));
    let answer = there.map(|endpoint| match endpoint.state {
        EndpointState::Ready => Answer::Ready,
        // DNS names the ready ones alone.
        EndpointState::Draining if service.skipped != Some(Skipped::Headless) => Answer::Draining,
        EndpointState::Draining | EndpointState::Unready | EndpointState::Gone => Answer::Nobody,
    });
    answer.max().unwrap_or(Answer::Nobody)
}

fn label((family, port): Answered<'_>) -> PortLabel {
    PortLabel {
        family,
        number: port.map_or(0, |port| port.port.get()),
        protocol: port.map_or(Protocol::Tcp, |port| port.protocol),
        name: port.map_or("", |port| port.name.as_str()).into(),
    }
}
