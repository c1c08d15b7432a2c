//! What only manifests know: names, and the policy inside the cluster.

use std::collections::BTreeMap;

use super::{Frontend, Listener, ListenerKind, Mirrored, NodeView, Owner, PortLabel, Subject};
use crate::diff::mode_difference::{mode_differences, mode_differences_of_list};
use crate::ir::{FrontendKind, Program, ServicePort, ServicePortKey};
use crate::mode::services::ServiceList;
use crate::model::service::TrafficPolicy;
use crate::model::{Port, TransportAddress};
use crate::{ir, kernel};

impl NodeView {
    /// The view of a node that mirrors this kube-proxy.
    #[must_use]
    pub fn mirroring(mut self, mirrored: Mirrored) -> Self {
        self.mirrored = Some(mirrored);
        self
    }

    /// The view with the names of the program that its state was lowered from.
    #[must_use]
    pub fn named(mut self, program: &Program) -> Self {
        self.mode_differences = mode_differences(program);
        let checks = program.service_ports.iter();
        let checks = checks.filter_map(|port| port.health_check_node_port.as_ref());
        self.health_checks = Some(checks.map(|check| check.value.get()).collect());
        for port in &program.service_ports {
            let owner = owner(port);
            for frontend in &port.frontends {
                let listener = listener(port, frontend);
                // Of two claims of one address the last one is served.
                if let Some(found) = self.frontends.get_mut(&listener) {
                    found.know(kind(frontend), frontend.policy);
                    self.owners.insert(listener, owner.clone());
                }
            }
            if let Some(check) = &port.health_check_node_port {
                let listener = Listener::HealthCheck(check.value.get());
                let port = PortLabel {
                    number: 0,
                    name: "".into(),
                    ..owner.port
                };
                let owner = Owner {
                    subject: owner.subject,
                    port,
                };
                self.owners.entry(listener).or_insert(owner);
            }
        }
        self
    }
}

impl NodeView {
    /// The view with the names that a compiled state has for what it serves.
    #[must_use]
    pub fn listed(mut self, list: &ServiceList) -> Self {
        let ports = first_ports(list);
        for ((at, kind), frontend) in &list.frontends {
            let listener = Listener::from(*at);
            if let Some(found) = self.frontends.get_mut(&listener) {
                found.know(*kind, frontend.policy);
                let number = ports.get(&frontend.port).map_or(0, |port| port.get());
                let owner = Owner {
                    subject: Subject::Service(frontend.port.service.to_string().into()),
                    port: PortLabel {
                        family: frontend.port.family,
                        number,
                        protocol: frontend.port.protocol,
                        name: frontend.port.port.as_str().into(),
                    },
                };
                self.owners.insert(listener, owner);
            }
        }
        // The set of mode ipvs has none where a node has no address; who answers does not depend on it.
        let checks = list.health_checks.keys().map(|at| at.port().get());
        self.health_checks = Some(checks.collect());
        for (at, check) in &list.health_checks {
            let owner = Owner {
                subject: Subject::Service(check.service.to_string().into()),
                port: PortLabel {
                    family: at.family(),
                    number: 0,
                    protocol: at.protocol(),
                    name: "".into(),
                },
            };
            let listener = Listener::HealthCheck(at.port().get());
            self.owners.entry(listener).or_insert(owner);
        }
        self.mode_differences = mode_differences_of_list(&self, list);
        self
    }
}

/// The number of each Service port: that of an address, which comes before its node port.
fn first_ports(list: &ServiceList) -> BTreeMap<&ServicePortKey, Port> {
    let mut ports = BTreeMap::new();
    for ((listener, _), frontend) in &list.frontends {
        ports.entry(&frontend.port).or_insert(listener.port());
    }
    ports
}

impl From<kernel::Listener> for Listener {
    fn from(listener: kernel::Listener) -> Self {
        match listener {
            kernel::Listener::Address(key) => Self::Address(key),
            kernel::Listener::NodePort(family, protocol, port) => {
                Self::NodePort(family, protocol, port)
            }
        }
    }
}

impl Frontend {
    fn know(&mut self, kind: ListenerKind, policy: TrafficPolicy) {
        self.policy.get_or_insert(policy);
        if self.kinds.is_empty() {
            self.kinds.push(kind);
        }
    }
}

fn kind(frontend: &ir::Frontend) -> ListenerKind {
    match frontend.kind {
        FrontendKind::ClusterIp(_) => ListenerKind::ClusterIp,
        FrontendKind::ExternalIp(_) => ListenerKind::ExternalIp,
        FrontendKind::LoadBalancer(..) => ListenerKind::LoadBalancer,
        FrontendKind::NodePort => ListenerKind::NodePort,
    }
}

pub(in crate::diff) fn owner(port: &ServicePort) -> Owner {
    let own = port
        .frontends
        .iter()
        .find(|frontend| frontend.kind != FrontendKind::NodePort);
    let any = own.or(port.frontends.first());
    Owner {
        subject: Subject::Service(port.key.service.to_string().into()),
        port: PortLabel {
            family: port.key.family,
            number: any.map_or(0, |frontend| frontend.port.get()),
            protocol: port.key.protocol,
            name: port.key.port.as_str().into(),
        },
    }
}

pub(in crate::diff) fn listener(port: &ServicePort, frontend: &ir::Frontend) -> Listener {
    match frontend.kind.address() {
        Some(address) => Listener::Address(TransportAddress {
            protocol: port.key.protocol,
            address,
            port: frontend.port,
        }),
        None => Listener::NodePort(port.key.family, port.key.protocol, frontend.port),
    }
}
