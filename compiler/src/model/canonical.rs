//! A digest of the objects that were used: the same for the same cluster, however its manifests are
//! ordered, formatted or defaulted.

use std::fmt::{self, Write};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Cluster;
use super::name::NodeName;
use super::service::Service;
use super::slice::{Endpoint, Slice};

/// Digests what a cluster's programming on these nodes depends on.
///
/// Every object is written in a canonical form and digested by itself, so that this runs on all
/// cores; the result is the digest of these digests in order of kind and name.
pub fn digest(cluster: &Cluster, nodes: &[NodeName]) -> [u8; 32] {
    let services: Vec<[u8; 32]> = cluster
        .services
        .par_iter()
        .filter(|service| service.skipped.is_none())
        .map(|service| one(|out| write_service(out, service)))
        .collect();
    let slices: Vec<[u8; 32]> = cluster
        .slices
        .par_iter()
        .filter(|slice| {
            let found = cluster
                .services
                .binary_search_by(|s| s.key.cmp(&slice.service));
            found.is_ok_and(|at| cluster.services[at].skipped.is_none())
        })
        .map(|slice| one(|out| write_slice(out, slice, cluster)))
        .collect();
    let rest = one(|out| {
        write_config(out, cluster)?;
        nodes
            .iter()
            .try_for_each(|node| write_node(out, cluster, node))
    });
    let mut all = Sha256::new();
    for part in services.iter().chain(&slices).chain([&rest]) {
        all.update(part);
    }
    all.finalize().into()
}

/// Buffers small writes: digesting is fast by the block only.
struct Sink {
    sha: Sha256,
    buffer: String,
}

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.buffer.push_str(text);
        if self.buffer.len() >= 8192 {
            self.sha.update(&self.buffer);
            self.buffer.clear();
        }
        Ok(())
    }
}

fn one(write: impl Fn(&mut Sink) -> fmt::Result) -> [u8; 32] {
    let mut sink = Sink {
        sha: Sha256::new(),
        buffer: String::with_capacity(9000),
    };
    // A sink never refuses.
    let _ = write(&mut sink);
    sink.sha.update(&sink.buffer);
    sink.sha.finalize().into()
}

fn write_service(out: &mut Sink, service: &Service) -> fmt::Result {
    write!(out, "service {}", service.key)?;
    for ip in &service.cluster_ips {
        write!(out, " cluster {}", ip.value)?;
    }
    for ip in &service.external_ips {
        write!(out, " external {}", ip.value)?;
    }
    for ip in &service.load_balancer_ips {
        write!(out, " balancer {}", ip.value)?;
    }
    for range in &service.source_ranges {
        write!(out, " from {}", range.value)?;
    }
    for port in &service.ports {
        write!(out, " port {} {} {}", port.name, port.protocol, port.port)?;
        if let Some(node_port) = port.node_port {
            write!(out, " node {}", node_port.value)?;
        }
    }
    let topology = service.topology_annotation;
    let health = service.health_check_node_port.map(|port| port.value.get());
    writeln!(
        out,
        " {:?} {:?} {:?} {:?} {topology:?} {health:?}",
        service.affinity, service.internal_policy, service.external_policy, service.service_type,
    )
}

fn write_slice(out: &mut Sink, slice: &Slice, cluster: &Cluster) -> fmt::Result {
    write!(
        out,
        "slice {} {} {}",
        slice.service, slice.name, slice.family
    )?;
    for port in &slice.ports {
        write!(out, " port {} {} {}", port.name, port.protocol, port.port)?;
    }
    out.write_char('\n')?;
    slice
        .endpoints
        .iter()
        .try_for_each(|endpoint| write_endpoint(out, endpoint, cluster))
}

fn write_endpoint(out: &mut Sink, endpoint: &Endpoint, cluster: &Cluster) -> fmt::Result {
    write!(out, "{} {:?}", endpoint.address, endpoint.state)?;
    if let Some(node) = endpoint.node {
        write!(out, " on {}", cluster.places.node_name(node))?;
    }
    if let Some(zones) = &endpoint.zone_hints {
        out.write_str(" zones")?;
        for zone in zones {
            write!(out, " {}", cluster.places.zone_name(*zone))?;
        }
    }
    if let Some(nodes) = &endpoint.node_hints {
        out.write_str(" nodes")?;
        for node in nodes {
            write!(out, " {}", cluster.places.node_name(*node))?;
        }
    }
    out.write_char('\n')?;
    if !cluster.service_ranges.is_empty() {
        writeln!(out, "service ranges {:?}", cluster.service_ranges)?;
    }
    Ok(())
}

fn write_config(out: &mut Sink, cluster: &Cluster) -> fmt::Result {
    let config = &cluster.config;
    writeln!(
        out,
        "config {:?} {:?} {:?} {:?} {:?} {} {:?} {} {:?} {:?} {:?} {:?}",
        config.mode,
        config.bind_address,
        config.cluster_cidrs,
        config.detect_local,
        config.node_port_addresses,
        config.masquerade_bit,
        config.masquerade_all,
        config.scheduler,
        config.timeouts,
        config.strict_arp,
        config.exclude_cidrs,
        config.feature_gates,
    )
}

fn write_node(out: &mut Sink, cluster: &Cluster, name: &NodeName) -> fmt::Result {
    write!(out, "node {name}")?;
    if let Some(node) = cluster.nodes.iter().find(|node| node.name == *name) {
        write!(
            out,
            " {:?} {:?} {:?}",
            node.zone, node.pod_cidrs, node.addresses
        )?;
    }
    if let Some(facts) = cluster.facts.iter().find(|facts| facts.name == *name) {
        let mut addresses = facts.addresses.clone();
        addresses.sort_unstable();
        write!(
            out,
            " facts {addresses:?} {:?} {:?}",
            facts.kernel, facts.iptables
        )?;
        if let Some(nft) = facts.nft {
            write!(out, " {nft:?}")?;
        }
    }
    out.write_char('\n')
}
