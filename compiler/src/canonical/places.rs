//! What is told apart by node once, so that a node need not look at the endpoints of others; and
//! addresses that releases treat differently.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::Own;
use super::addresses::{addresses, ranges};
use super::hints::{Hinted, Hints};
use super::list::{List, digests};
use super::service::counted;
use super::text::line;
use crate::bundle::Digest;
use crate::lower::{Alike, Gathered};
use crate::model::places::NodeIndex;
use crate::model::profile::{ExternalIps, LoadBalancerModes, ReusedAddresses};
use crate::model::service::{Service, TrafficPolicy};
use crate::model::slice::EndpointState;
use crate::model::{Cluster, IpFamily, Mode};

/// Endpoints by place and addresses by kind, digested.
#[derive(Debug)]
pub(super) struct Places {
    /// Endpoints on a node, where that decides something.
    local: BTreeMap<NodeIndex, Digest>,
    hints: Hints,
    external: Option<Digest>,
    /// Load balancer addresses of `ipMode: Proxy`, with the source ranges of their Services.
    proxied: Option<Digest>,
}

impl Places {
    pub(super) fn new(cluster: &Cluster, gathered: &Gathered, reused: ReusedAddresses) -> Self {
        let mut local: BTreeMap<NodeIndex, List> = BTreeMap::new();
        let mut hints = Hinted::default();
        for (at, port) in gathered.ports().enumerate() {
            let (service, _) = port.service(cluster);
            // A set of loops has all that are on the node.
            let asked = cluster.config.mode == Mode::Ipvs
                || service.internal_policy == TrafficPolicy::Local
                || service.external_policy_local();
            let counted = counted(cluster.config.mode, port, reused);
            let mut ready: Vec<(usize, Alike<'_>)> = Vec::new();
            for (position, alike) in counted.enumerate() {
                if asked {
                    let nodes = alike.endpoints(cluster).filter_map(|one| one.node);
                    for node in nodes {
                        local.entry(node).or_default().push(at, port, position);
                    }
                }
                // Hints of others are not looked at.
                if alike.state() == EndpointState::Ready {
                    ready.push((position, alike));
                }
            }
            hints.add(cluster, at, port, &ready);
        }
        let programmed = || {
            let services = cluster.services.iter();
            services.filter(|service| service.skipped.is_none())
        };
        let external = |service: &Service, family| {
            addresses(cluster.config.mode, &service.external_ips, family)
        };
        let proxied = |service: &Service, family| {
            addresses(cluster.config.mode, &service.proxied_ips, family)
        };
        let from =
            |service: &Service, family| ranges(cluster.config.mode, &service.source_ranges, family);
        Self {
            local: digests(local),
            external: of_addresses(programmed(), |service, family, out| {
                line(out, "ips", external(service, family))
            }),
            proxied: of_addresses(programmed(), |service, family, out| {
                let ips = proxied(service, family);
                if ips.is_empty() {
                    return Ok(());
                }
                line(out, "ips", ips)?;
                line(out, "from", from(service, family))
            }),
            hints: hints.digest(),
        }
    }

    /// The node's lines; of addresses and hints only what its release looks at.
    pub(super) fn write(&self, own: &Own<'_>, out: &mut impl Write) -> fmt::Result {
        let node = own.view.standpoint().node;
        if let ExternalIps::Served | ExternalIps::Deprecated = own.profile.external_ips {
            line(out, "external", self.external)?;
        }
        if let LoadBalancerModes::Ignored = own.profile.load_balancer_modes {
            line(out, "proxied", self.proxied)?;
        }
        line(out, "local", node.and_then(|node| self.local.get(&node)))?;
        self.hints.write(own, out)
    }
}

/// What Services have of some kind of address; `None` where none has any.
fn of_addresses<'c>(
    services: impl Iterator<Item = &'c Service>,
    write: impl Fn(&Service, IpFamily, &mut String) -> fmt::Result,
) -> Option<Digest> {
    let mut text = String::new();
    for service in services {
        let mut lines = String::new();
        for family in IpFamily::ALL {
            if service.cluster_ip(family).is_some() {
                // A string never refuses.
                let _ = write(service, family, &mut lines);
            }
        }
        if !lines.is_empty() {
            let _ = writeln!(text, "service {}", service.key);
            text.push_str(&lines);
        }
    }
    (!text.is_empty()).then(|| Digest::of(text.as_bytes()))
}
