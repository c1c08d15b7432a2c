//! In which differences between releases a cluster has a part.

use std::collections::BTreeSet;

use super::{Gathered, NodeView};
use crate::model::config::{Config, Conntrack, DetectLocal, ModeSource, NodePortAddresses};
use crate::model::pod::Container;
use crate::model::profile::{Aspect, MOST_CONNECTIONS};
use crate::model::selector::TargetPort;
use crate::model::service::Service;
use crate::model::{Cluster, Mode, Protocol};

/// Whether the input has addresses in a spelling that new values may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spellings {
    /// It has none.
    Usual,
    /// It has some.
    Old,
}

/// The differences between releases that matter to a cluster, whatever the node.
pub fn concerns(cluster: &Cluster, gathered: &Gathered, spellings: Spellings) -> BTreeSet<Aspect> {
    Aspect::ALL
        .into_iter()
        .filter(|aspect| concerned(*aspect, cluster, gathered, spellings))
        .collect()
}

fn concerned(aspect: Aspect, cluster: &Cluster, gathered: &Gathered, spellings: Spellings) -> bool {
    let config = &cluster.config;
    let mut programmed = cluster
        .services
        .iter()
        .filter(|service| service.skipped.is_none());
    let asks =
        |asked: &dyn Fn(&NodePortAddresses) -> bool| config.node_port_addresses.iter().any(asked);
    match aspect {
        Aspect::Topology => cluster.slices_with_services().any(|(slice, service)| {
            service.is_some_and(|service| service.skipped.is_none())
                && slice
                    .endpoints
                    .iter()
                    .any(|one| one.zone_hints.is_some() || one.node_hints.is_some())
        }),
        Aspect::ReusedAddresses => gathered.reuses_addresses(),
        Aspect::ExternalIps => programmed.any(|service| !service.external_ips.is_empty()),
        Aspect::LoadBalancerModes => programmed.any(|service| !service.proxied_ips.is_empty()),
        Aspect::NodePortWords => asks(&|entry| entry.word().is_some()),
        Aspect::NftablesLocalhost => {
            config.mode == Mode::Nftables && asks(&|entry| *entry == NodePortAddresses::Localhost)
        }
        Aspect::ModeIpvs | Aspect::IpvsDrift => config.mode == Mode::Ipvs,
        Aspect::ModeNftables => config.mode == Mode::Nftables,
        Aspect::UnsetMode => config.mode_source == ModeSource::Unset,
        Aspect::LocalInterfaces => {
            config.mode == Mode::Nftables
                && matches!(
                    config.detect_local,
                    DetectLocal::Bridge(_) | DetectLocal::InterfacePrefix(_)
                )
        }
        Aspect::UdpFlows => programmed.any(has_udp),
        // Each node has processors of its own.
        Aspect::ConntrackLimit => false,
        Aspect::ServiceNames => programmed.any(begins_with_a_digit),
        Aspect::SidecarPorts => asks_sidecars(cluster),
        Aspect::Addresses => spellings == Spellings::Old,
    }
}

fn has_udp(service: &Service) -> bool {
    let mut ports = service.ports.iter();
    ports.any(|port| port.protocol == Protocol::Udp)
}

/// Whether a Service asks for a port by a name that a sidecar in its namespace has.
fn asks_sidecars(cluster: &Cluster) -> bool {
    let ports = cluster.pods.iter().flat_map(|pod| {
        let sidecars = pod
            .ports
            .iter()
            .filter(|port| port.of == Container::Sidecar);
        sidecars.map(|port| (&pod.namespace, &port.name))
    });
    let ports: BTreeSet<_> = ports.collect();
    let mut services = cluster.services.iter();
    services.any(|service| {
        let mut asked = service.ports.iter();
        service.selector.is_some()
            && asked.any(|port| match &port.target {
                TargetPort::Name(name) => ports.contains(&(&service.key.namespace, name)),
                TargetPort::Number(_) => false,
            })
    })
}

fn begins_with_a_digit(service: &Service) -> bool {
    let name = service.key.name.as_str();
    name.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether kube-proxy would set a limit of connections that newer releases cap. Where the number of
/// processors is unknown, a configured number for each may reach it.
fn is_capped(config: &Config, processors: Option<u32>) -> bool {
    let Conntrack { max_per_core, min } = config.conntrack;
    // kube-proxy's default (`conntrack.maxPerCore`).
    const PER_CORE: u32 = 32_768;
    if max_per_core == Some(0) {
        return false;
    }
    let most = u64::from(MOST_CONNECTIONS);
    let by_core = match processors {
        Some(processors) => {
            u64::from(max_per_core.unwrap_or(PER_CORE)) * u64::from(processors) > most
        }
        None => max_per_core.is_some(),
    };
    by_core || min.is_some_and(|min| u64::from(min) > most)
}

impl NodeView {
    /// The differences between releases that matter to this node beside those of its cluster.
    pub fn concerns(&self, cluster: &Cluster) -> BTreeSet<Aspect> {
        let node = cluster.node(&self.ir.name);
        let processors = node.and_then(|node| node.processors);
        let capped = is_capped(&cluster.config, processors);
        capped
            .then_some(Aspect::ConntrackLimit)
            .into_iter()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_connections_matters_where_it_is_reached() {
        for (max_per_core, min, processors, expected) in [
            (None, None, None, false),
            (None, None, Some(32), false),
            (None, None, Some(33), true),
            (Some(0), Some(2_000_000), Some(64), false),
            (Some(65_536), None, None, true),
            (Some(65_536), None, Some(8), false),
            (Some(65_536), None, Some(17), true),
            (None, Some(1_048_576), Some(4), false),
            (None, Some(2_000_000), None, true),
        ] {
            let mut config = Config::defaults(None);
            config.conntrack = Conntrack { max_per_core, min };
            assert_eq!(
                is_capped(&config, processors),
                expected,
                "{max_per_core:?} {min:?} {processors:?}"
            );
        }
    }
}
