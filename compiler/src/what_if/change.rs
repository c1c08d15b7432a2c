//! Makes the cluster as it would be: which endpoints go, and which come.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::addresses::Addresses;
use super::event::{Evicted, Question};
use super::hinted::Hinted;
use super::placement::{Group, Placer, Spot};
use super::scale::{Scaled, scale};
use super::situation::{Situation, WorkloadKey};
use super::then::{Counts, Then};
use crate::endpoints;
use crate::model::name::NodeName;
use crate::model::places::NodeIndex;
use crate::model::pod::Pod;
use crate::model::selector::NotReady;
use crate::model::service::Sourced;
use crate::model::slice::{Endpoint, EndpointState, Slice, Termination};
use crate::model::{IpFamily, Node, Service, System};
use crate::source::{Field, Origin};

/// What becomes of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    /// Its node is lost, and it is an endpoint all the same.
    InVain,
    Goes,
    /// No Pod of it is known.
    GoesAlone,
}

/// Makes one cluster of another.
struct Change<'s, 'c> {
    situation: &'s Situation<'c>,
    evicted: Evicted,
    lost: &'s BTreeSet<NodeIndex>,
    drained: &'s BTreeSet<NodeIndex>,
    placer: Placer<'s, 'c>,
    addresses: Addresses<'s>,
    /// Pods that go.
    going: BTreeSet<usize>,
    /// Pods that come.
    coming: Vec<Pod>,
    /// Where endpoints of which no Pod is known go.
    moved_alone: BTreeMap<IpAddr, Option<(Spot, IpAddr)>>,
    counts: Counts,
}

impl Situation<'_> {
    /// What comes of a question, whose names the cluster has.
    pub fn after(&self, question: &Question) -> Then {
        let indices = |names: &BTreeSet<_>| -> BTreeSet<NodeIndex> {
            let names = names.iter();
            let index = |name: &NodeName| self.cluster.places.node(name.as_str());
            names.filter_map(index).collect()
        };
        let lost = indices(&question.lost);
        let drained = &indices(&question.drained) - &lost;
        let closed = &lost | &drained;
        let mut change = Change {
            situation: self,
            evicted: question.evicted,
            lost: &lost,
            drained: &drained,
            placer: Placer::new(self, &closed),
            addresses: Addresses::new(&self.taken),
            going: BTreeSet::new(),
            coming: Vec::new(),
            moved_alone: BTreeMap::new(),
            counts: Counts::default(),
        };
        for (target, number) in &question.scaled {
            change.scale(scale(self, target, *number));
        }
        change.evict();
        let (services, slices) = change.services();
        let Change { coming, counts, .. } = change;
        Then {
            services,
            slices,
            pods: coming,
            lost,
            counts,
        }
    }
}

impl<'c> Change<'_, 'c> {
    fn scale(&mut self, scaled: Scaled<'c>) {
        match scaled {
            Scaled::Same => {}
            Scaled::Down(pods) => {
                self.counts.removed += pods.len();
                self.going.extend(pods);
            }
            Scaled::Up(workload, number, model) => {
                for _ in 0..number {
                    match self.place(workload, System::Linux) {
                        Some(spot) => {
                            self.counts.added += 1;
                            self.come(&model, spot);
                        }
                        None => self.counts.unplaced += 1,
                    }
                }
            }
        }
    }

    /// Takes Pods from the nodes that go, and places those that run again.
    fn evict(&mut self) {
        let situation = self.situation;
        let mut moving = Vec::new();
        for (nodes, is_lost) in [(self.lost, true), (self.drained, false)] {
            for node in nodes {
                for at in situation.pods_on(*node) {
                    if self.going.contains(&at) {
                        continue;
                    }
                    let pod = &situation.cluster.pods[at];
                    let kind = pod.workload.as_ref().map(|workload| &*workload.kind);
                    // A mirror Pod belongs to its Node, and so does each of a `DaemonSet`.
                    let of_node = matches!(kind, Some("DaemonSet" | "Node"));
                    if of_node && !is_lost {
                        self.counts.stay += 1;
                        continue;
                    }
                    self.going.insert(at);
                    self.counts.leaving += 1;
                    let ends = pod.termination == Termination::Terminating;
                    if self.evicted == Evicted::Gone || of_node || ends {
                        self.counts.gone += 1;
                    } else if kind.is_none() {
                        self.counts.gone += 1;
                        self.counts.unmade += 1;
                    } else {
                        self.counts.ordinal += usize::from(is_lost && kind == Some("StatefulSet"));
                        moving.push(at);
                    }
                }
            }
        }
        // In the order of names, wherever they were.
        moving.sort_unstable();
        for at in moving {
            let pod = &situation.cluster.pods[at];
            let Some(workload) = &pod.workload else {
                continue;
            };
            let node = pod.node.as_ref();
            let node = node.and_then(|name| situation.cluster.node(name));
            if let Some(spot) = self.place((&pod.namespace, workload), system(node)) {
                self.counts.moved += 1;
                self.come(pod, spot);
            } else {
                self.counts.homeless += 1;
                self.counts.unplaced += 1;
            }
        }
    }

    /// A node for one more Pod of a workload.
    fn place(&mut self, workload: WorkloadKey<'c>, system: System) -> Option<Spot> {
        let group = Group::Workload(workload);
        if !self.placer.knows(group) {
            let places = &self.situation.cluster.places;
            let pods = self.situation.pods_of(workload).into_iter();
            let pods = pods.filter(|pod| !self.going.contains(pod));
            let on = pods.filter_map(|pod| {
                let node = self.situation.cluster.pods[pod].node.as_ref()?;
                places.node(node.as_str())
            });
            self.placer.tell(group, on);
        }
        self.placer.place(group, system)
    }

    /// A Pod like another one, on a node.
    fn come(&mut self, model: &Pod, spot: Spot) {
        let cluster = self.situation.cluster;
        let name = cluster.places.node_name(spot.node);
        let node = cluster.node(name);
        let of_model = model.addresses.iter().map(|address| {
            let on_host = self.situation.is_of_node(address.value);
            (IpFamily::of(address.value), address.origin, on_host)
        });
        let mut families: Vec<(IpFamily, Origin, bool)> = of_model.collect();
        if families.is_empty() {
            // What a workload makes that has no Pod yet gets what the cluster's Services have.
            let origin = Origin {
                object: model.object,
                field: Field::PodIp(0),
            };
            let served = cluster.served_families.iter();
            families.extend(served.map(|family| (*family, origin, false)));
        }
        let addresses = families
            .into_iter()
            .filter_map(|(family, origin, on_host)| {
                let of_node = || {
                    let mut own = node?.addresses.iter().copied();
                    own.find(|address| IpFamily::of(*address) == family)
                };
                let value = if on_host {
                    of_node()?
                } else {
                    self.addresses.next(family)?
                };
                Some(Sourced { value, origin })
            });
        let addresses = addresses.collect();
        self.coming.push(Pod {
            node: Some(name.clone()),
            addresses,
            termination: Termination::Running,
            ..model.clone()
        });
    }

    /// Services whose endpoints change, and what they have then.
    fn services(&mut self) -> (Vec<usize>, Vec<Slice>) {
        let situation = self.situation;
        let mut changed = Vec::new();
        let mut slices = Vec::new();
        for service in self.touched() {
            let before = &situation.cluster.services[service];
            let written = &situation.cluster.slices[situation.cluster.slices_of(&before.key)];
            if let Some(made) = self.service(service, written) {
                changed.push(service);
                slices.extend(made);
            }
        }
        (changed, slices)
    }

    /// Services whose endpoints may change.
    fn touched(&self) -> BTreeSet<usize> {
        let situation = self.situation;
        let nodes = self.lost.iter().chain(self.drained);
        let on = nodes.flat_map(|node| situation.services_on(*node));
        let mut touched: BTreeSet<usize> = on.copied().collect();
        let pods = &situation.cluster.pods;
        let scaled = self.counts.removed + self.counts.added > 0;
        let others: Vec<&Pod> = if scaled {
            let going = self.going.iter().map(|pod| &pods[*pod]);
            going.chain(&self.coming).collect()
        } else {
            Vec::new()
        };
        if others.is_empty() {
            return touched;
        }
        // Pods of a workload are alike.
        let labels: BTreeSet<_> = others
            .iter()
            .map(|pod| (&pod.namespace, &pod.labels))
            .collect();
        for (at, service) in situation.cluster.services.iter().enumerate() {
            let chooses = service.selector.as_ref().is_some_and(|selector| {
                let mut labels = labels.iter();
                labels.any(|(namespace, labels)| {
                    **namespace == service.key.namespace && selector.chooses(labels)
                })
            });
            if chooses {
                touched.insert(at);
            }
        }
        touched
    }

    /// The slices of a Service; `None` where nothing about them changes.
    fn service(&mut self, at: usize, written: &[Slice]) -> Option<Vec<Slice>> {
        let situation = self.situation;
        let cluster = situation.cluster;
        let service = &cluster.services[at];
        let knows_pods = !cluster.pods.is_empty() && service.selector.is_some();
        let chosen = if knows_pods {
            situation.chosen(at)
        } else {
            BTreeMap::new()
        };
        let mut changed = false;
        let mut slices = Vec::with_capacity(written.len());
        for slice in written {
            let mut endpoints = Vec::with_capacity(slice.endpoints.len());
            for endpoint in &slice.endpoints {
                match self.fate(service, endpoint, &chosen) {
                    Fate::Stays => endpoints.push(endpoint.clone()),
                    Fate::InVain => {
                        self.counts.vain += 1;
                        changed = true;
                        endpoints.push(endpoint.clone());
                    }
                    fate => {
                        changed = true;
                        self.counts.endpoints += 1;
                        if fate == Fate::GoesAlone {
                            self.counts.alone += 1;
                            endpoints.extend(self.moved_alone(at, written, endpoint));
                        }
                    }
                }
            }
            slices.push(Slice {
                endpoints,
                ..slice.clone()
            });
        }
        let comes = self.comes(service, written);
        changed |= !comes.is_empty();
        slices.extend(comes);
        changed.then(|| {
            slices.sort_by(|a, b| (&a.name, a.family).cmp(&(&b.name, b.family)));
            slices
        })
    }

    fn fate(
        &self,
        service: &Service,
        endpoint: &Endpoint,
        chosen: &BTreeMap<IpAddr, Vec<usize>>,
    ) -> Fate {
        let pods = chosen.get(&endpoint.address).into_iter().flatten().copied();
        let place = self.situation.place(endpoint);
        let pods = || {
            pods.clone().filter(|pod| {
                let node = self.situation.cluster.pods[*pod].node.as_ref();
                let node = node.and_then(|name| self.situation.cluster.places.node(name.as_str()));
                place.is_none() || node == place
            })
        };
        let is_known = pods().next().is_some();
        if is_known && pods().all(|pod| self.going.contains(&pod)) {
            let lost = place.is_some_and(|node| self.lost.contains(&node));
            return if lost && service.not_ready == NotReady::Published {
                Fate::InVain
            } else {
                Fate::Goes
            };
        }
        let Some(place) = place.filter(|_| !is_known) else {
            return Fate::Stays;
        };
        if self.lost.contains(&place) {
            if service.selector.is_some() && service.not_ready == NotReady::Published {
                return Fate::InVain;
            }
            return Fate::GoesAlone;
        }
        // What has a node's address and no node's name is no Pod's: drains leave it.
        if self.drained.contains(&place) && endpoint.node.is_some() {
            return Fate::GoesAlone;
        }
        Fate::Stays
    }

    /// Where an endpoint goes that stands for a Pod.
    fn moved_alone(
        &mut self,
        service: usize,
        written: &[Slice],
        endpoint: &Endpoint,
    ) -> Option<Endpoint> {
        let takes = endpoint.state == EndpointState::Ready && endpoint.node.is_some();
        if self.evicted == Evicted::Gone || !takes {
            return None;
        }
        let known = self.moved_alone.get(&endpoint.address).copied();
        let (spot, address) =
            known.unwrap_or_else(|| self.place_alone(service, written, endpoint))?;
        let mut moved = Endpoint {
            address,
            node: Some(spot.node),
            ..endpoint.clone()
        };
        Hinted::of_one(endpoint).write(&mut moved, spot.zone);
        Some(moved)
    }

    /// A node and an address for one that stands for a Pod.
    fn place_alone(
        &mut self,
        service: usize,
        written: &[Slice],
        endpoint: &Endpoint,
    ) -> Option<(Spot, IpAddr)> {
        let cluster = self.situation.cluster;
        let group = Group::Service(service);
        if !self.placer.knows(group) {
            let all = written.iter().flat_map(|slice| &slice.endpoints);
            let on = all.filter_map(|endpoint| endpoint.node);
            self.placer.tell(group, on);
        }
        let name = endpoint.node.map(|node| cluster.places.node_name(node));
        let node = name.and_then(|name| cluster.node(name));
        let spot = self.placer.place(group, system(node));
        let family = IpFamily::of(endpoint.address);
        let moved = spot.and_then(|spot| Some((spot, self.addresses.next(family)?)));
        match moved {
            Some(_) => self.counts.moved += 1,
            None => self.counts.unplaced += 1,
        }
        self.moved_alone.insert(endpoint.address, moved);
        moved
    }

    /// The slices of Pods that come to a Service.
    fn comes(&self, service: &Service, written: &[Slice]) -> Vec<Slice> {
        let (Some(selector), Some(profile)) = (&service.selector, self.situation.controller) else {
            return Vec::new();
        };
        if self.coming.is_empty() || !endpoints::asks_controller(service) {
            return Vec::new();
        }
        let coming = self.coming.iter();
        let chosen: Vec<&Pod> = coming
            .filter(|pod| pod.namespace == service.key.namespace && selector.chooses(&pod.labels))
            .collect();
        if chosen.is_empty() {
            return Vec::new();
        }
        let cluster = self.situation.cluster;
        let mut made = endpoints::of_pods(service, &chosen, cluster, profile);
        // What the cluster gives to those that are there it gives to those that come.
        if let Some(hinted) = Hinted::of(written) {
            for endpoint in made.iter_mut().flat_map(|slice| &mut slice.endpoints) {
                let node = endpoint.node;
                let node = node.map(|node| cluster.places.node_name(node));
                let zone = node.and_then(|name| cluster.node(name)?.zone.as_ref());
                let zone = zone.and_then(|zone| cluster.places.zone(zone.as_str()));
                hinted.write(endpoint, zone);
            }
        }
        made
    }
}

fn system(node: Option<&Node>) -> System {
    node.map_or(System::Linux, |node| node.system)
}
