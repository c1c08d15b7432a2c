//! A stable text of a program, for snapshots and for people.

use std::fmt::{self, Display, Formatter};

use super::{
    Affinity, Frontend, FrontendKind, LocalTraffic, MasqueradeAll, NodeAccess, NodePortScope,
    Program, ServicePort, SourceFilter,
};
use crate::model::IpFamily;
use crate::model::service::TrafficPolicy;
use crate::model::slice::EndpointState;

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "node {}", self.node.name)?;
        for address in &self.node.addresses {
            writeln!(f, "  address {address}")?;
        }
        for family in IpFamily::ALL {
            let scope = match self.node.node_port_scope(family) {
                NodePortScope::Default => "the mode's default".to_owned(),
                NodePortScope::All => "all".to_owned(),
                NodePortScope::Ranges(ranges) => ranges
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" "),
            };
            writeln!(f, "  {family} node ports at {scope}")?;
        }
        let all = match self.masquerading.all {
            MasqueradeAll::Yes => "all",
            MasqueradeAll::No => "what is not local",
        };
        writeln!(f, "masquerade {all}, mark {:#x}", self.masquerading.mark())?;
        for family in IpFamily::ALL {
            match self.masquerading.local_traffic(family) {
                LocalTraffic::Unknown => writeln!(f, "  {family} local traffic unknown")?,
                LocalTraffic::Source(net) => writeln!(f, "  {family} local from {net}")?,
                LocalTraffic::Interface(name) => writeln!(f, "  {family} local through {name}")?,
                LocalTraffic::InterfacePrefix(name) => {
                    writeln!(f, "  {family} local through {name}*")?;
                }
            }
        }
        self.service_ports.iter().try_for_each(|port| port.fmt(f))
    }
}

impl Display for ServicePort {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "service {} {} {}",
            self.key, self.key.protocol, self.key.family
        )?;
        match self.affinity {
            Affinity::None => writeln!(f)?,
            Affinity::ClientIp { timeout } => writeln!(f, " affinity {timeout}s")?,
        }
        if let Some(port) = &self.health_check_node_port {
            writeln!(f, "  health check at node port {}", port.value)?;
        }
        for frontend in &self.frontends {
            frontend.fmt(f)?;
        }
        for (endpoint, i) in self.endpoints.iter().zip(0u32..) {
            let state = match endpoint.state {
                EndpointState::Ready => "ready",
                EndpointState::Draining => "serving-terminating",
                EndpointState::Unready => "unready",
                EndpointState::Gone => "gone",
            };
            write!(f, "  endpoint {} {state}", endpoint.socket())?;
            if endpoint.is_local() {
                f.write_str(" here")?;
            }
            if self.pools.cluster.contains(&i) {
                f.write_str(" [cluster]")?;
            }
            if self.pools.local.contains(&i) {
                f.write_str(" [local]")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl Display for Frontend {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            FrontendKind::ClusterIp(address) => write!(f, "  cluster IP {address}")?,
            FrontendKind::ExternalIp(address) => write!(f, "  external IP {address}")?,
            FrontendKind::LoadBalancer(address, _) => write!(f, "  load balancer {address}")?,
            FrontendKind::NodePort => write!(f, "  node")?,
        }
        write!(f, " port {}", self.port)?;
        if self.policy == TrafficPolicy::Local {
            f.write_str(" local")?;
        }
        if let FrontendKind::LoadBalancer(_, SourceFilter::Ranges { ranges, node }) = &self.kind {
            f.write_str(" from")?;
            for range in ranges {
                write!(f, " {}", range.value)?;
            }
            if *node == NodeAccess::Allowed {
                f.write_str(" and the node")?;
            }
        }
        writeln!(f)
    }
}
