//! Whose UDP flows are forgotten: TCP notices that an endpoint is gone, a UDP client that keeps
//! sending never would (`CleanStaleEntries` in `pkg/proxy/conntrack/cleanup.go`).
//!
//! A flow stays as long as its endpoint serves, whatever traffic policies and hints say of new ones.
//! In mode ipvs the kernel itself ends those whose destination goes. Where nobody knows which
//! endpoints serve, only those that are chosen count.

mod side;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::answers::Answers;
use super::{Comparison, Effect};
use crate::kernel::Listener;
use crate::kernel::nftables::KubeProxyTable;
use crate::mode::NodeState;
use crate::model::Port;
use crate::model::profile::UdpFlows;
use crate::observed::Observed;
use crate::plan::{Claims, ConntrackChange, Durability, FlowEnd, Flows, Interruption, Subject};
use side::Side;

pub(super) fn compare(
    state: &NodeState,
    observed: &Observed,
    claims: &Claims,
    (wanted, found): (&Answers, &Answers),
    comparison: &mut Comparison,
) {
    let after = Side::wanted(state, wanted);
    let before = Side::found(state, observed, claims, (wanted, found));
    let kube_proxys = kube_proxys(observed);
    let rule = state.services.as_ref().map(|list| list.udp_flows);
    let listeners: BTreeSet<Listener> = before.listeners().chain(after.listeners()).collect();
    for listener in listeners {
        for (flows, why) in forgotten(listener, &before, &after, rule) {
            let why = match why {
                FlowEnd::AddressComes if kube_proxys.contains(&listener) => FlowEnd::TakenOver,
                why => why,
            };
            let effect = Effect {
                durability: Durability::Transitional,
                interruption: Interruption::Flows(why),
            };
            comparison.step(
                Subject::Conntrack(ConntrackChange(listener, flows)),
                effect,
                &[],
            );
        }
    }
}

/// What kube-proxy's own tables serve.
fn kube_proxys(observed: &Observed) -> BTreeSet<Listener> {
    let tables = observed.nftables.kube_proxy.iter().flatten();
    tables.flat_map(KubeProxyTable::listeners).collect()
}

/// The flows to a listener that do not stay. A rule that is unknown means that only chosen endpoints
/// are known.
fn forgotten(
    listener: Listener,
    before: &Side<'_>,
    after: &Side<'_>,
    rule: Option<UdpFlows>,
) -> Vec<(Flows, FlowEnd)> {
    let all = |why| vec![(Flows::All, why)];
    let (has, wants) = (before.pool(listener), after.pool(listener));
    let (served, serves) = (before.serving(listener), after.serving(listener));
    let (kept, keeps) = (before.keeping(listener), after.keeping(listener));
    match (has, wants) {
        (None, None) => Vec::new(),
        (Some(_), None) if kept.is_empty() => Vec::new(),
        (Some(_), None) => all(FlowEnd::AddressGoes),
        (None, Some(_)) if serves.is_empty() => Vec::new(),
        (None, Some(_)) => all(FlowEnd::AddressComes),
        (Some(_), Some(_)) if !kept.is_empty() && keeps.is_empty() => all(FlowEnd::LastEndpoint),
        (Some(_), Some(_)) if served.is_empty() && !serves.is_empty() => {
            all(FlowEnd::FirstEndpoint)
        }
        (Some(has), Some(wants)) if has.carrier != wants.carrier && !kept.is_empty() => {
            all(FlowEnd::ModeChanges)
        }
        (Some(_), Some(_)) => {
            let stays = |one: &SocketAddr| match rule {
                Some(UdpFlows::OfAddresses) => keeps.iter().any(|other| other.ip() == one.ip()),
                Some(UdpFlows::OfEndpointsThatWent | UdpFlows::OfAddressesAndPorts) | None => {
                    keeps.contains(one)
                }
            };
            let why = match rule {
                Some(UdpFlows::OfEndpointsThatWent) => FlowEnd::EndpointDeleted,
                Some(UdpFlows::OfAddresses | UdpFlows::OfAddressesAndPorts) => {
                    FlowEnd::EndpointServesNoMore
                }
                None => FlowEnd::EndpointNotChosen,
            };
            let gone = kept.iter().filter(|one| !stays(one));
            gone.filter_map(|one| Some((Flows::To(one.ip(), Port::new(one.port())?), why)))
                .collect()
        }
    }
}
