//! The cluster as it is, by what questions ask about it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::event::{Question, Unknown};
use super::placement::Ground;
use super::{addresses, event, scale};
use crate::compile::Prepared;
use crate::diag::some;
use crate::english::{agree, count};
use crate::lower::Standpoint;
use crate::model::labels::ByLabel;
use crate::model::name::{Namespace, NodeName};
use crate::model::places::NodeIndex;
use crate::model::pod::{Phase, Workload};
use crate::model::service::{ServiceKey, ServiceType};
use crate::model::slice::{Endpoint, Termination};
use crate::model::{Cluster, Profile};

/// A cluster, to be asked many times.
#[derive(Debug)]
pub struct Situation<'c> {
    pub(super) cluster: &'c Cluster,
    /// The nodes that rules are made for, from which clients come.
    pub(super) clients: Vec<ClientNode>,
    /// What the cluster's controller of slices goes by.
    pub(super) controller: Option<Profile>,
    /// Services with endpoints on a node, as indices into [`Cluster::services`], sorted.
    services_on: BTreeMap<NodeIndex, Vec<usize>>,
    /// Pods on a node, as indices into [`Cluster::pods`].
    pods_on: BTreeMap<&'c NodeName, Vec<usize>>,
    by_label: ByLabel<'c>,
    pods_of: BTreeMap<WorkloadKey<'c>, Vec<usize>>,
    /// Nodes by their own addresses.
    by_address: BTreeMap<IpAddr, NodeIndex>,
    pub(super) ground: Ground,
    /// Addresses of the ranges that stand for those of Pods to come, which somebody has.
    pub(super) taken: BTreeSet<IpAddr>,
}

/// A workload of a namespace.
pub(super) type WorkloadKey<'c> = (&'c Namespace, &'c Workload);

/// A node that clients come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientNode {
    pub(super) node: NodeIndex,
    pub(super) at: Standpoint,
    pub(super) profile: Profile,
}

impl<'c> Situation<'c> {
    /// The situation of input that was compiled for all its nodes.
    pub fn new(prepared: &'c Prepared) -> Self {
        let cluster = prepared.cluster();
        let clients: Vec<ClientNode> = prepared
            .standpoints()
            .filter_map(|(at, profile)| {
                let node = at.node?;
                Some(ClientNode { node, at, profile })
            })
            .collect();
        let profiles = clients.iter().map(|client| client.profile);
        let controller = profiles.max_by_key(|profile| profile.version);
        let addresses = cluster.nodes_by_address().into_iter();
        let by_address =
            addresses.filter_map(|(address, name)| Some((address, cluster.places.node(name)?)));
        let mut pods_on: BTreeMap<&NodeName, Vec<usize>> = BTreeMap::new();
        let mut pods_of: BTreeMap<WorkloadKey<'c>, Vec<usize>> = BTreeMap::new();
        for (at, pod) in cluster.pods.iter().enumerate() {
            if let Some(node) = &pod.node {
                pods_on.entry(node).or_default().push(at);
            }
            if let Some(workload) = &pod.workload {
                let of = pods_of.entry((&pod.namespace, workload)).or_default();
                of.push(at);
            }
        }
        let mut situation = Self {
            cluster,
            clients,
            controller,
            services_on: BTreeMap::new(),
            pods_on,
            by_label: ByLabel::of_pods(&cluster.pods),
            pods_of,
            by_address: by_address.collect(),
            ground: Ground::default(),
            taken: BTreeSet::new(),
        };
        let pods = cluster.pods.iter().flat_map(|pod| &pod.addresses);
        let services = cluster.services.iter().flat_map(|one| &one.cluster_ips);
        let known = pods.chain(services).map(|address| address.value);
        situation.taken.extend(known.filter(addresses::is_stand_in));
        let mut endpoints_on: BTreeMap<NodeIndex, u32> = BTreeMap::new();
        for (at, service) in cluster.services.iter().enumerate() {
            let slices = &cluster.slices[cluster.slices_of(&service.key)];
            for endpoint in slices.iter().flat_map(|slice| &slice.endpoints) {
                if addresses::is_stand_in(&endpoint.address) {
                    situation.taken.insert(endpoint.address);
                }
                let Some(node) = situation.place(endpoint) else {
                    continue;
                };
                *endpoints_on.entry(node).or_default() += 1;
                let services = situation.services_on.entry(node).or_default();
                if services.last() != Some(&at) {
                    services.push(at);
                }
            }
        }
        situation.ground = Ground::new(cluster, &endpoints_on);
        situation
    }

    /// The cluster as it is, before anything is asked.
    pub fn cluster(&self) -> &'c Cluster {
        self.cluster
    }

    /// A question with nodes by names and zones, as somebody asks it.
    ///
    /// # Errors
    /// What of it the cluster does not have; all of it.
    pub fn question(
        &self,
        drained: &[String],
        lost: &[String],
        zones: &[String],
        rest: Question,
    ) -> Result<Question, Vec<Unknown>> {
        let mut question = rest;
        let mut unknown = Vec::new();
        let nodes =
            |names: &[String], into: &mut BTreeSet<NodeName>, unknown: &mut Vec<Unknown>| {
                for name in names {
                    match event::node(self.cluster, name) {
                        Ok(node) => drop(into.insert(node)),
                        Err(error) => unknown.push(error),
                    }
                }
            };
        nodes(drained, &mut question.drained, &mut unknown);
        nodes(lost, &mut question.lost, &mut unknown);
        for name in zones {
            match event::zone(self.cluster, name) {
                Ok(nodes) => question.lost.extend(nodes),
                Err(error) => unknown.push(error),
            }
        }
        let lost = &question.lost;
        question.drained.retain(|node| !lost.contains(node));
        unknown.extend(scale::faults(self, &question.scaled));
        if unknown.is_empty() {
            Ok(question)
        } else {
            Err(unknown)
        }
    }

    /// What no question is about, in words: Services without endpoints, and endpoints on no node.
    pub fn out_of_reach(&self) -> Vec<String> {
        let without = self.without_endpoints();
        without.into_iter().chain(self.on_no_node()).collect()
    }

    /// How many endpoints are on no node of the input.
    fn on_no_node(&self) -> Option<String> {
        let endpoints = self
            .cluster
            .slices
            .iter()
            .flat_map(|slice| &slice.endpoints);
        let number = endpoints
            .filter(|endpoint| endpoint.state.serves() && self.place(endpoint).is_none())
            .count();
        let is = agree(number, "is", "are");
        let stays = agree(number, "stays", "stay");
        (number > 0).then(|| {
            format!(
                "{} {is} on no node of the input, and {stays} whatever happens to nodes",
                count(number, "endpoint")
            )
        })
    }

    /// How many Services have nobody to lose; `None` where each has somebody.
    fn without_endpoints(&self) -> Option<String> {
        let services = self.cluster.services.iter();
        let mut asked = 0;
        let without = services
            .filter(|service| service.service_type != ServiceType::ExternalName)
            .inspect(|_| asked += 1)
            .filter(|service| {
                let slices = &self.cluster.slices[self.cluster.slices_of(&service.key)];
                let mut endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
                !endpoints.any(|endpoint| endpoint.state.serves())
            });
        let without: Vec<&ServiceKey> = without.map(|service| &service.key).collect();
        let number = without.len();
        (number > 0).then(|| {
            let have = agree(number, "has", "have");
            format!(
                "{number} of {} {have} no endpoint now, and can lose none: {}",
                count(asked, "Service"),
                some(without.into_iter())
            )
        })
    }

    /// Where an endpoint is: on the node that is named, or the one whose own address it has, as the API
    /// server's have.
    pub(super) fn place(&self, endpoint: &Endpoint) -> Option<NodeIndex> {
        let of_node = || self.by_address.get(&endpoint.address).copied();
        endpoint.node.or_else(of_node)
    }

    /// Whether an address is a node's own.
    pub(super) fn is_of_node(&self, address: IpAddr) -> bool {
        self.by_address.contains_key(&address)
    }

    /// Services with endpoints on a node.
    pub(super) fn services_on(&self, node: NodeIndex) -> &[usize] {
        self.services_on.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Pods on a node that are not done.
    pub(super) fn pods_on(&self, node: NodeIndex) -> impl Iterator<Item = usize> {
        let name = self.cluster.places.node_name(node);
        let pods = self.pods_on.get(name).into_iter().flatten().copied();
        pods.filter(|pod| self.cluster.pods[*pod].phase == Phase::Alive)
    }

    /// Pods that a Service chooses, by address, of which one may be several Pods'.
    pub(super) fn chosen(&self, service: usize) -> BTreeMap<IpAddr, Vec<usize>> {
        let service = &self.cluster.services[service];
        let mut by_address: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
        let namespace = &service.key.namespace;
        let pods = self.by_label.chosen(namespace, service.selector.as_ref());
        // Addresses of those that are done are others' by now.
        let runs = |pod: &usize| self.cluster.pods[*pod].phase == Phase::Alive;
        for pod in pods.into_iter().filter(runs) {
            for address in &self.cluster.pods[pod].addresses {
                by_address.entry(address.value).or_default().push(pod);
            }
        }
        by_address
    }

    /// Pods of a workload that are neither done nor on their way out.
    pub(super) fn pods_of(&self, workload: WorkloadKey<'_>) -> Vec<usize> {
        let pods = self.pods_of.get(&workload).into_iter().flatten().copied();
        let runs = |pod: &usize| {
            let pod = &self.cluster.pods[*pod];
            pod.phase == Phase::Alive && pod.termination == Termination::Running
        };
        pods.filter(runs).collect()
    }

    /// Whether any Pod is known to be a workload's, whether it runs or not.
    pub(super) fn has_pods(&self, workload: WorkloadKey<'_>) -> bool {
        self.pods_of.contains_key(&workload)
    }

    /// Workloads that have Pods.
    pub(super) fn workloads(&self) -> impl Iterator<Item = WorkloadKey<'c>> {
        self.pods_of.keys().copied()
    }
}
