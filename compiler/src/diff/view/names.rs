//! What only manifests know: names, and the policy inside the cluster.

use super::{Frontend, Kind, Listener, NodeView, Owner, PortLabel, Subject};
use crate::back::ipvs::VirtualServerKey;
use crate::diff::habit::habits;
use crate::ir::{self, FrontendKind, Program, ServicePort};
use crate::model::Mode;

impl NodeView {
    /// The view with the names of the program that its state was lowered from, for a mode.
    #[must_use]
    pub fn named(mut self, program: &Program, mode: Mode) -> Self {
        self.habits = Some((mode, habits(program)));
        let checks = program.service_ports.iter();
        let checks = checks.filter_map(|port| port.health_check_node_port.as_ref());
        self.health_checks = Some(checks.map(|check| check.value.get()).collect());
        for port in &program.service_ports {
            let owner = owner(port);
            for frontend in &port.frontends {
                let listener = listener(port, frontend);
                // Of two claims of one address the last one is served.
                if let Some(found) = self.frontends.get_mut(&listener) {
                    found.know(frontend);
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

impl Frontend {
    fn know(&mut self, frontend: &ir::Frontend) {
        self.policy.get_or_insert(frontend.policy);
        if self.kinds.is_empty() {
            self.kinds.push(match frontend.kind {
                FrontendKind::ClusterIp(_) => Kind::ClusterIp,
                FrontendKind::ExternalIp(_) => Kind::ExternalIp,
                FrontendKind::LoadBalancer(..) => Kind::LoadBalancer,
                FrontendKind::NodePort => Kind::NodePort,
            });
        }
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
        Some(address) => Listener::Address(VirtualServerKey {
            protocol: port.key.protocol,
            address,
            port: frontend.port,
        }),
        None => Listener::NodePort(port.key.family, port.key.protocol, frontend.port),
    }
}
