//! What a command was asked about, among all that its input holds.

use std::collections::BTreeSet;

use portolan_compiler::diag::{Diagnostic, Report};
use portolan_compiler::explain::{Asks, Destination};
use portolan_compiler::ir::{FrontendKind, Program};
use portolan_compiler::model::service::ServiceKey;
use portolan_compiler::plan::render::Heading;

/// The Services that a command is about: namespace and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::commands) struct Matter(BTreeSet<String>);

impl Matter {
    /// Those that packets to there may be for.
    pub(in crate::commands) fn of_flow(program: &Program, to: Destination) -> Self {
        let own = program.node.addresses.contains(&to.address);
        let ports = program.service_ports.iter().filter(|port| {
            port.frontends.iter().any(|frontend| match frontend.kind {
                FrontendKind::NodePort => {
                    own && to.asks == Asks::Port(port.key.protocol, frontend.port)
                }
                FrontendKind::ClusterIp(address)
                | FrontendKind::ExternalIp(address)
                | FrontendKind::LoadBalancer(address, _) => address == to.address,
            })
        });
        Self(ports.map(|port| port.key.service.to_string()).collect())
    }

    /// One, by its name.
    pub(in crate::commands) fn of_service(service: &ServiceKey) -> Self {
        Self(BTreeSet::from([service.to_string()]))
    }

    /// Those that a plan changes something of.
    pub(in crate::commands) fn of_headings(headings: impl IntoIterator<Item = Heading>) -> Self {
        let names = headings.into_iter().filter_map(|heading| match heading {
            Heading::Service(name) => Some(name.into()),
            Heading::Address(_) | Heading::Port(_) | Heading::Node => None,
        });
        Self(names.collect())
    }

    /// What a report says about these, and about no Service at all; and how many findings are about
    /// others.
    pub(in crate::commands) fn part(&self, report: &Report) -> (Report, usize) {
        let mut about = report.clone();
        about.diagnostics.retain(|one| self.concerns(one));
        let beside = report.diagnostics.len() - about.diagnostics.len();
        (about, beside)
    }

    fn concerns(&self, diagnostic: &Diagnostic) -> bool {
        let labels = diagnostic.also.iter().map(|label| &label.object);
        let mut objects = std::iter::once(&diagnostic.object).chain(labels).flatten();
        let Some(first) = objects.next() else {
            return true;
        };
        self.has(first) || objects.any(|object| self.has(object))
    }

    /// Whether an object is of one of these, or of no Service.
    fn has(&self, object: &str) -> bool {
        match object.split_once(' ') {
            Some(("Service", name)) => self.0.contains(name),
            // Slices are named after their Service.
            Some(("EndpointSlice" | "Endpoints", name)) => self
                .0
                .iter()
                .any(|service| name.starts_with(service.as_str())),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_about_other_services_are_beside_the_matter() {
        let matter = Matter(BTreeSet::from(["shop/cart".to_owned()]));
        for (object, has) in [
            ("Service shop/cart", true),
            ("Service shop/cart2", false),
            ("EndpointSlice shop/cart-x7", true),
            ("EndpointSlice shop/tea-x7", false),
            ("Node node-a", true),
            ("ConfigMap kube-system/kube-proxy", true),
        ] {
            assert_eq!(matter.has(object), has, "{object}");
        }
        assert!(!Matter::default().has("Service shop/cart"));
    }
}
