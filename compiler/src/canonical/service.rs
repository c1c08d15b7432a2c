//! Services with their endpoints, without where these are.

use std::fmt::{self, Write};
use std::net::SocketAddr;

use super::text::{Port, line};
use crate::lower::{Gathered, PortEndpoints};
use crate::model::service::{Service, TrafficPolicy};
use crate::model::slice::{Endpoint, EndpointState, Termination};
use crate::model::{Cluster, IpFamily};

/// A Service that is programmed, and its ports.
pub(super) struct OfService<'c> {
    cluster: &'c Cluster,
    service: &'c Service,
    /// One for each port and family, sorted.
    ports: Vec<PortEndpoints<'c>>,
}

/// The Services that are programmed, sorted by name.
pub(super) fn of_services<'c>(cluster: &'c Cluster, gathered: &'c Gathered) -> Vec<OfService<'c>> {
    let mut ports: Vec<PortEndpoints<'c>> = gathered.ports().collect();
    ports.sort_by_key(|port| port.service_index());
    ports
        .chunk_by(|one, other| one.service_index() == other.service_index())
        .filter_map(|ports| {
            let (service, _) = ports.first()?.service(cluster);
            Some(OfService {
                cluster,
                service,
                ports: ports.to_vec(),
            })
        })
        .collect()
}

impl OfService<'_> {
    pub(super) fn write(&self, out: &mut impl Write) -> fmt::Result {
        let service = self.service;
        writeln!(out, "service {}", service.key)?;
        line(out, "affinity", service.affinity)?;
        if service.internal_policy == TrafficPolicy::Local {
            out.write_str("internal-policy local\n")?;
        }
        if service.external_policy_local() {
            out.write_str("external-policy local\n")?;
        }
        line(
            out,
            "health-check",
            service.health_check_node_port.map(|port| port.value),
        )?;
        for family in IpFamily::ALL {
            self.addresses(family, out)?;
        }
        self.ports.iter().try_for_each(|port| self.port(*port, out))
    }

    /// Addresses of a family, which count only where the Service has a cluster IP of it.
    fn addresses(&self, family: IpFamily, out: &mut impl Write) -> fmt::Result {
        let service = self.service;
        let Some(cluster_ip) = service.cluster_ip(family) else {
            return Ok(());
        };
        let external = service.external_ips.iter().map(|ip| ip.value);
        let balancers = service.load_balancer_ips.iter().map(|ip| ip.value);
        let ranges = service.source_ranges.iter().map(|range| range.value);
        line(out, "cluster-ip", [cluster_ip.value])?;
        line(
            out,
            "external-ips",
            external.filter(|ip| IpFamily::of(*ip) == family),
        )?;
        let balancers: Vec<_> = balancers.filter(|ip| IpFamily::of(*ip) == family).collect();
        if balancers.is_empty() {
            return Ok(());
        }
        line(out, "load-balancer-ips", balancers)?;
        line(
            out,
            "from",
            ranges.filter(|range| IpFamily::of_net(*range) == family),
        )
    }

    fn port(&self, port: PortEndpoints<'_>, out: &mut impl Write) -> fmt::Result {
        let (key, (_, service_port)) = (port.key(), port.service(self.cluster));
        write!(out, "port {} {}", Port(key), service_port.port)?;
        if let Some(node_port) = service_port.node_port {
            write!(out, " node-port {}", node_port.value)?;
        }
        out.write_char('\n')?;
        let candidates: Vec<(SocketAddr, &Endpoint)> = port.candidates(self.cluster).collect();
        for same in candidates.chunk_by(|one, other| one.0 == other.0) {
            for (socket, endpoint) in same {
                write!(out, "{socket} {}", state(endpoint.state))?;
                // It decides which of several counts.
                if same.len() > 1 && endpoint.termination == Termination::Terminating {
                    out.write_str(" terminating")?;
                }
                out.write_char('\n')?;
            }
        }
        Ok(())
    }
}

fn state(state: EndpointState) -> &'static str {
    match state {
        EndpointState::Ready => "ready",
        EndpointState::Draining => "draining",
        EndpointState::Unready => "unready",
        EndpointState::Gone => "gone",
    }
}
