//! Services with their endpoints, without where these are.

use std::fmt::{self, Write};

use super::addresses::{addresses, ranges};
use super::text::{Port, line};
use crate::lower::{Alike, Gathered, PortEndpoints};
use crate::model::profile::ReusedAddresses;
use crate::model::service::{Service, TrafficPolicy};
use crate::model::slice::EndpointState;
use crate::model::{Cluster, IpFamily, Mode, Protocol};

/// A Service that is programmed, and its ports.
pub(super) struct OfService<'c> {
    cluster: &'c Cluster,
    service: &'c Service,
    /// One for each port and family, sorted.
    ports: Vec<PortEndpoints<'c>>,
    /// Which of several endpoints of one address counts.
    reused: ReusedAddresses,
}

/// The endpoints of a port that decide something, each address and port once. Those that serve nobody
/// do so where loops are told by sets of local endpoints, and where flows of UDP are forgotten.
pub(super) fn counted(
    mode: Mode,
    port: PortEndpoints<'_>,
    reused: ReusedAddresses,
) -> impl Iterator<Item = Alike<'_>> {
    let all = mode == Mode::Ipvs || port.key().protocol == Protocol::Udp;
    port.alike(reused).filter(move |alike| match alike.state() {
        EndpointState::Ready | EndpointState::Draining => true,
        EndpointState::Unready | EndpointState::Gone => all,
    })
}

/// The Services that are programmed, sorted by name.
pub(super) fn of_services<'c>(
    cluster: &'c Cluster,
    gathered: &'c Gathered,
    reused: ReusedAddresses,
) -> Vec<OfService<'c>> {
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
                reused,
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
        let mode = self.cluster.config.mode;
        line(out, "cluster-ip", [cluster_ip.value])?;
        let balancers = addresses(mode, &service.load_balancer_ips, family);
        if balancers.is_empty() {
            return Ok(());
        }
        line(out, "load-balancer-ips", balancers)?;
        line(out, "from", ranges(mode, &service.source_ranges, family))
    }

    fn port(&self, port: PortEndpoints<'_>, out: &mut impl Write) -> fmt::Result {
        let (key, (_, service_port)) = (port.key(), port.service(self.cluster));
        write!(out, "port {} {}", Port(key), service_port.port)?;
        if let Some(node_port) = service_port.node_port {
            write!(out, " node-port {}", node_port.value)?;
        }
        out.write_char('\n')?;
        counted(self.cluster.config.mode, port, self.reused)
            .try_for_each(|alike| writeln!(out, "{} {}", alike.socket(), state(alike.state())))
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
