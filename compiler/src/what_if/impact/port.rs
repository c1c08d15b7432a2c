//! What a change of endpoints does to one port of a Service.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::viewpoints::{Matters, Viewpoint, Viewpoints};
use super::{Detail, Fallback, Impact, LocalLoss, PortShares, Scope, Share, Surge};
use crate::diff::PortLabel;
use crate::lower::{PortEndpoints, Reached, reached};
use crate::model::Cluster;
use crate::model::name::{NodeName, Zone};
use crate::model::places::NodeIndex;
use crate::model::profile::ReusedAddresses;
use crate::model::service::{Service, TrafficPolicy};
use crate::model::slice::Endpoint;
use crate::what_if::situation::Situation;

/// A port before and after.
pub(super) struct Port<'a> {
    pub(super) situation: &'a Situation<'a>,
    pub(super) lost: &'a BTreeSet<NodeIndex>,
    pub(super) viewpoints: &'a Viewpoints,
    pub(super) sides: [(&'a Cluster, PortEndpoints<'a>); 2],
}

/// Shares of connections while they are added up.
#[derive(Default)]
struct Sum {
    endpoints: BTreeMap<SocketAddr, [Option<f64>; 2]>,
    /// Where they are.
    places: BTreeMap<SocketAddr, Option<NodeIndex>>,
    unanswered: [f64; 2],
}

impl Port<'_> {
    /// Adds what there is to say of it.
    pub(super) fn tell(&self, impact: &mut Impact, detail: Detail) {
        let (cluster, port) = self.sides[0];
        let (service, service_port) = port.service(cluster);
        let viewpoints = self.viewpoints.of(&self.matters(service), self.lost);
        let total = |count: fn(&Viewpoint) -> usize| viewpoints.iter().map(count).sum::<usize>();
        let totals = [total(|one| one.before), total(|one| one.after)];
        let mut sum = Sum::default();
        let mut fallbacks: BTreeMap<(Option<Zone>, Scope, Scope), usize> = BTreeMap::new();
        let (mut local, mut withdrawn) = (LocalLoss::default(), BTreeSet::new());
        for viewpoint in &viewpoints {
            let both = self
                .sides
                .map(|(cluster, port)| reached(cluster, port, viewpoint.at, viewpoint.profile));
            for (side, reached) in both.iter().enumerate() {
                let count = [viewpoint.before, viewpoint.after][side];
                if count > 0 {
                    let part = ratio(count, totals[side]);
                    self.share(service, reached, part, side, &mut sum);
                }
            }
            self.local(service, viewpoint, &both, &mut local, &mut withdrawn);
            let [before, after] = &both;
            let answered = !before.cluster.is_empty() && !after.cluster.is_empty();
            if before.scope < after.scope && answered && viewpoint.after > 0 {
                let places = &self.situation.cluster.places;
                let zone = viewpoint.at.zone.map(|zone| places.zone_name(zone).clone());
                let nodes = fallbacks.entry((zone, before.scope, after.scope));
                *nodes.or_default() += viewpoint.after;
            }
        }
        if !withdrawn.is_empty() {
            let known = impact.withdrawn.entry(service.key.clone()).or_default();
            known.nodes.extend(withdrawn);
            known.left.extend(local.left.iter().cloned());
        }
        if !local.outside.is_empty() || !local.inside.is_empty() {
            let known = impact.local.entry(service.key.clone()).or_default();
            known.outside.extend(local.outside);
            known.inside.extend(local.inside);
            known.left.extend(local.left);
        }
        if !fallbacks.is_empty() && service.internal_policy == TrafficPolicy::Cluster {
            let known = impact.fallbacks.entry(service.key.clone()).or_default();
            let fallbacks = fallbacks.into_iter();
            known.extend(fallbacks.map(|((zone, from, to), nodes)| Fallback {
                zone,
                nodes,
                from,
                to,
            }));
        }
        let label = PortLabel {
            family: port.key().family,
            number: service_port.port.get(),
            protocol: service_port.protocol,
            name: service_port.name.as_str().into(),
        };
        if let Some(surge) = sum.surge(service, &label, totals)
            && impact
                .surge
                .as_ref()
                .is_none_or(|known| known.times < surge.times)
        {
            impact.surge = Some(surge);
        }
        // Without a node that is left nobody connects, and there is nothing to share out.
        if detail == Detail::Shares && totals.iter().all(|total| *total > 0) {
            impact.shares.push(self.shares(service, label, &sum));
        }
    }

    /// What makes a difference to who answers.
    fn matters(&self, service: &Service) -> Matters {
        let mut matters = Matters::default();
        let is_local =
            service.internal_policy == TrafficPolicy::Local || service.external_policy_local();
        for (cluster, port) in self.sides {
            // Of those that are alike some count, and all are looked at.
            for alike in port.alike(ReusedAddresses::Any) {
                for endpoint in alike.endpoints(cluster) {
                    matters.zones |= endpoint.zone_hints.is_some();
                    if let Some(hints) = &endpoint.node_hints {
                        matters.nodes.extend(hints.iter().copied());
                    }
                    if is_local || endpoint.node_hints.is_some() {
                        matters.nodes.extend(endpoint.node);
                    }
                }
            }
        }
        matters
    }

    /// Adds the share that nodes alike give to each endpoint.
    fn share(
        &self,
        service: &Service,
        reached: &Reached<'_>,
        part: f64,
        side: usize,
        sum: &mut Sum,
    ) {
        let pool = match service.internal_policy {
            TrafficPolicy::Cluster => &reached.cluster,
            TrafficPolicy::Local => &reached.local,
        };
        if pool.is_empty() {
            sum.unanswered[side] += part;
            return;
        }
        let each = part / as_number(pool.len());
        for (socket, endpoint) in pool {
            let place = self.situation.place(endpoint);
            let share = sum.endpoints.entry(*socket).or_default();
            *share[side].get_or_insert(0.0) += each;
            sum.places.insert(*socket, place);
            if side == 1 && self.is_dead(endpoint) {
                sum.unanswered[side] += each;
            }
        }
    }

    /// Whether nobody is there, though it is an endpoint.
    fn is_dead(&self, endpoint: &Endpoint) -> bool {
        let place = self.situation.place(endpoint);
        place.is_some_and(|node| self.lost.contains(&node))
    }

    fn local(
        &self,
        service: &Service,
        viewpoint: &Viewpoint,
        [before, after]: &[Reached<'_>; 2],
        local: &mut LocalLoss,
        withdrawn: &mut BTreeSet<NodeName>,
    ) {
        let Some(node) = viewpoint.at.node else {
            return;
        };
        let name = self.situation.cluster.places.node_name(node);
        let goes = !before.local.is_empty() && after.local.is_empty();
        if service.external_policy_local() {
            // Who sends to a node that is lost gets no answer, whatever is on it.
            if goes && viewpoint.after == 0 {
                withdrawn.insert(name.clone());
            } else if goes {
                local.outside.insert(name.clone());
            } else if !after.local.is_empty() && viewpoint.after > 0 {
                local.left.insert(name.clone());
            }
        }
        // Who is on a node that is lost asks nothing any more.
        if goes && service.internal_policy == TrafficPolicy::Local && viewpoint.after > 0 {
            local.inside.insert(name.clone());
        }
    }

    fn shares(&self, service: &Service, port: PortLabel, sum: &Sum) -> PortShares {
        let cluster = self.situation.cluster;
        let mut nodes: BTreeMap<Option<NodeIndex>, [Option<f64>; 2]> = BTreeMap::new();
        let mut zones: BTreeMap<Option<&Zone>, [Option<f64>; 2]> = BTreeMap::new();
        for (socket, share) in &sum.endpoints {
            let node = sum.places.get(socket).copied().flatten();
            let name = node.map(|node| cluster.places.node_name(node));
            let zone = name.and_then(|name| cluster.node(name)?.zone.as_ref());
            add(nodes.entry(node).or_default(), share);
            add(zones.entry(zone).or_default(), share);
        }
        let of = |[before, after]: [Option<f64>; 2]| (before, after);
        let name = |node: NodeIndex| cluster.places.node_name(node).clone();
        PortShares {
            service: service.key.clone(),
            port,
            zones: shares(
                zones
                    .into_iter()
                    .map(|(zone, share)| (zone.cloned(), of(share))),
            ),
            nodes: shares(
                nodes
                    .into_iter()
                    .map(|(node, share)| (node.map(name), of(share))),
            ),
            endpoints: shares(
                sum.endpoints
                    .iter()
                    .map(|(socket, share)| (*socket, of(*share))),
            ),
            unanswered: Share {
                of: (),
                before: Some(sum.unanswered[0]),
                after: Some(sum.unanswered[1]),
            },
        }
    }
}

impl Sum {
    /// The endpoint that gets the most connections more, for as many as there were from each node.
    fn surge(&self, service: &Service, port: &PortLabel, totals: [usize; 2]) -> Option<Surge> {
        let asking = ratio(totals[1], totals[0]);
        let shares = self.endpoints.iter();
        let grown = shares.filter_map(|(endpoint, share)| {
            let (before, after) = (share[0]?, share[1]?);
            let times = after * asking / before;
            (times > 1.0 + 1e-9).then(|| Surge {
                service: service.key.clone(),
                port: port.clone(),
                endpoint: *endpoint,
                before,
                after,
                times,
            })
        });
        grown.fold(None, |most: Option<Surge>, one| match most {
            Some(most) if most.times >= one.times => Some(most),
            _ => Some(one),
        })
    }
}

fn add(sum: &mut [Option<f64>; 2], share: &[Option<f64>; 2]) {
    for (sum, share) in sum.iter_mut().zip(share) {
        if let Some(share) = share {
            *sum.get_or_insert(0.0) += share;
        }
    }
}

fn shares<Of>(all: impl Iterator<Item = (Of, (Option<f64>, Option<f64>))>) -> Vec<Share<Of>> {
    let all = all.map(|(of, (before, after))| Share { of, before, after });
    all.collect()
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    as_number(part) / as_number(whole)
}

/// No cluster has as many nodes or endpoints as would be rounded.
fn as_number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
