//! Who else has an address that a Service claims from outside: packets to it reach the Service on every node,
//! and its owner no more.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::ranges::Ranges;
use super::super::subject::Subject;
use crate::model::Mode;
use crate::model::service::ServiceKey;
use crate::model::slice::Slice;

/// Owners of the cluster's addresses.
pub(super) struct Owners<'a> {
    nodes: BTreeMap<IpAddr, &'a str>,
    cluster_ips: BTreeMap<IpAddr, &'a ServiceKey>,
    endpoints: BTreeMap<IpAddr, &'a ServiceKey>,
    /// Pods' ranges, of the cluster.
    pods: Ranges,
    /// Pods' ranges, each of the one node.
    pods_of_nodes: Ranges,
    mode: Mode,
}

impl<'a> Owners<'a> {
    pub(super) fn of(subject: &Subject<'a>) -> Self {
        let cluster = subject.cluster;
        let cluster_ips = cluster.services.iter().flat_map(|service| {
            let ips = service.cluster_ips.iter();
            ips.map(move |ip| (ip.value, &service.key))
        });
        let endpoints = cluster.slices.iter().flat_map(|slice: &Slice| {
            let endpoints = slice.endpoints.iter();
            endpoints.map(move |endpoint| (endpoint.address, &slice.service))
        });
        let pods_of_nodes = cluster.nodes.iter().flat_map(|node| &node.pod_cidrs);
        Self {
            nodes: cluster.nodes_by_address(),
            cluster_ips: cluster_ips.collect(),
            endpoints: endpoints.collect(),
            pods: cluster.config.cluster_cidrs.iter().copied().collect(),
            pods_of_nodes: pods_of_nodes.copied().collect(),
            mode: cluster.config.mode,
        }
    }

    /// The node that has the address.
    pub(super) fn node(&self, address: IpAddr) -> Option<&'a str> {
        self.nodes.get(&address).copied()
    }

    /// What the address is already, and whose packets a Service with it takes; nothing where nobody is known
    /// to have it.
    pub(super) fn of_address(&self, address: IpAddr) -> Option<String> {
        let its = "its traffic goes to the Service";
        if let Some(node) = self.nodes.get(&address) {
            Some(format!("an address of the node {node}: {its}"))
        } else if let Some(other) = self.cluster_ips.get(&address) {
            Some(format!("the cluster IP of {other}: {its}"))
        } else if let Some(other) = self.endpoints.get(&address) {
            Some(format!(
                "an endpoint of {other}: {}",
                self.taken("that pod")
            ))
        } else {
            let of_nodes = || self.pods_of_nodes.holding(address);
            let range = self.pods.holding(address).or_else(of_nodes)?;
            let taken = self.taken("the pod that has it");
            Some(format!("in the pod range {range}: {taken}"))
        }
    }

    /// What becomes of a pod's packets: mode ipvs binds the address to kube-ipvs0, all its ports.
    fn taken(&self, pod: &str) -> String {
        match self.mode {
            Mode::Ipvs => format!(
                "in mode ipvs every node keeps what is sent to {pod} to itself, whatever the port"
            ),
            Mode::Iptables | Mode::Nftables => {
                format!(
                    "on every node what is sent to {pod} at the Service's ports goes to the Service"
                )
            }
        }
    }
}
