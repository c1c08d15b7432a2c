//! Everything that one service port causes.

use crate::mode::kube_chain::{HashedChain, KubeChain};
use ipnet::IpNet;

use super::endpoints::Comments;
use super::names::Names;
use super::{endpoints, external, filter};
use crate::ir::{
    Frontend, FrontendKind, LocalTraffic, MasqueradeAll, Masquerading, ServicePort, SourceFilter,
};
use crate::kernel::iptables::build::{comment, goto, rule_of};
use crate::kernel::iptables::{Chain, ChainName, Match, Negation, Rule, Target};
use crate::mode::traffic::{Served, external_policy, served};
use crate::model::Protocol;
use crate::model::service::TrafficPolicy;

/// Rules in the chains that all Services share, and chains of their own.
#[derive(Debug, Default)]
pub(super) struct PortRules {
    /// Of KUBE-SERVICES in table nat.
    pub(super) services: Vec<Rule>,
    /// Of KUBE-NODEPORTS in table nat.
    pub(super) node_ports: Vec<Rule>,
    /// In table nat.
    pub(super) chains: Vec<Chain>,
    pub(super) filter: FilterRules,
}

/// Rules in the shared chains of table filter.
#[derive(Debug, Default)]
pub(super) struct FilterRules {
    /// Of KUBE-SERVICES: what is sent to cluster IPs in vain.
    pub(super) services: Vec<Rule>,
    /// Of KUBE-EXTERNAL-SERVICES: what is sent to other addresses in vain.
    pub(super) external: Vec<Rule>,
    /// Of KUBE-PROXY-FIREWALL: what a source range kept away.
    pub(super) firewall: Vec<Rule>,
    /// Of KUBE-NODEPORTS: health checks.
    pub(super) node_ports: Vec<Rule>,
}

impl PortRules {
    pub(super) fn append(&mut self, mut more: Self) {
        self.services.append(&mut more.services);
        self.node_ports.append(&mut more.node_ports);
        self.chains.append(&mut more.chains);
        self.filter.services.append(&mut more.filter.services);
        self.filter.external.append(&mut more.filter.external);
        self.filter.firewall.append(&mut more.filter.firewall);
        self.filter.node_ports.append(&mut more.filter.node_ports);
    }
}

/// A service port on its way.
pub(super) struct Lowering<'a> {
    pub(super) port: &'a ServicePort,
    pub(super) masquerading: &'a Masquerading,
    pub(super) comments: Comments,
    pub(super) names: Names,
    /// The service port as comments name it: `shop/cart:http`.
    pub(super) label: String,
}

pub(super) fn lower(
    port: &ServicePort,
    masquerading: &Masquerading,
    comments: Comments,
) -> PortRules {
    let lowering = Lowering {
        port,
        masquerading,
        comments,
        names: Names::new(&port.key),
        label: port.key.to_string(),
    };
    let mut rules = PortRules {
        filter: filter::rules(&lowering),
        ..PortRules::default()
    };
    for frontend in &port.frontends {
        let Some(chain) = lowering.entrance(frontend) else {
            continue;
        };
        let rule = lowering.capture(frontend, Target::Chain(chain));
        match frontend.kind {
            FrontendKind::NodePort => rules.node_ports.push(rule),
            _ => rules.services.push(rule),
        }
    }
    rules.chains = endpoints::chains(&lowering);
    lowering.add_masquerading(&mut rules.chains);
    rules.chains.extend(external::chains(&lowering));
    rules
}

impl Lowering<'_> {
    pub(super) fn protocol(&self) -> Protocol {
        self.port.key.protocol
    }

    /// The chain that takes a frontend's traffic; none where it is not taken at all.
    fn entrance(&self, frontend: &Frontend) -> Option<ChainName> {
        let served = served(self.port, frontend.policy);
        let kind = match (&frontend.kind, served) {
            (_, Served::Nowhere) | (FrontendKind::ClusterIp(_), Served::NotHere) => return None,
            (FrontendKind::ClusterIp(_), Served::ByEndpoints) => balancing(frontend.policy),
            (FrontendKind::LoadBalancer(_, SourceFilter::Ranges { .. }), _) => {
                HashedChain::Firewall
            }
            // With none here it still serves the node and its pods.
            (
                FrontendKind::ExternalIp(_)
                | FrontendKind::LoadBalancer(_, SourceFilter::Everyone)
                | FrontendKind::NodePort,
                _,
            ) => HashedChain::External,
        };
        Some(self.names.chain(kind))
    }

    /// A rule on what is sent to a frontend.
    fn capture(&self, frontend: &Frontend, target: Target) -> Rule {
        let label = &self.label;
        let text = match frontend.kind {
            FrontendKind::ClusterIp(_) => format!("{label} cluster IP"),
            FrontendKind::ExternalIp(_) => format!("{label} external IP"),
            FrontendKind::LoadBalancer(..) => format!("{label} loadbalancer IP"),
            FrontendKind::NodePort => label.clone(),
        };
        let matches = self.sent_to(frontend, &text, []);
        rule_of(frontend.origin, matches, target)
    }

    /// What is sent to a frontend's address, if it has one, and port.
    pub(super) fn sent_to<const N: usize>(
        &self,
        frontend: &Frontend,
        text: &str,
        further: [Match; N],
    ) -> Vec<Match> {
        let protocol = self.protocol();
        let address = frontend.kind.address().map(IpNet::from);
        let mut matches: Vec<Match> = address
            .map(|address| Match::Destination(Negation::Is, address))
            .into_iter()
            .collect();
        matches.extend([Match::Protocol(protocol), comment(text)]);
        matches.extend(further);
        matches.push(Match::Transport(protocol, Some(frontend.port)));
        matches
    }

    /// Puts the rule before others that masquerades what others than local pods send to the cluster
    /// IP.
    fn add_masquerading(&self, chains: &mut [Chain]) {
        let cluster_ips = self.port.frontends.iter();
        for frontend in cluster_ips.filter(|f| matches!(f.kind, FrontendKind::ClusterIp(_))) {
            let family = self.port.key.family;
            let mut rule = self.capture(frontend, goto(KubeChain::MarkMasq));
            if self.masquerading.all == MasqueradeAll::No {
                match sent_by(self.masquerading.local_traffic(family), Negation::Not) {
                    None => continue,
                    Some(source @ Match::Source(..)) => rule.matches.insert(0, source),
                    Some(interface) => rule.matches.insert(1, interface),
                }
            }
            let Some(name) = self.entrance(frontend) else {
                continue;
            };
            if let Some(chain) = chains.iter_mut().find(|chain| chain.name == name) {
                chain.rules.insert(0, rule);
            }
        }
    }

    /// The policy of the frontends that outsiders use, if there are any and endpoints at all.
    pub(super) fn external_policy(&self) -> Option<TrafficPolicy> {
        external_policy(self.port).filter(|policy| served(self.port, *policy) != Served::Nowhere)
    }
}

/// The chain that balances between the endpoints of a policy.
pub(super) fn balancing(policy: TrafficPolicy) -> HashedChain {
    match policy {
        TrafficPolicy::Cluster => HashedChain::Cluster,
        TrafficPolicy::Local => HashedChain::Local,
    }
}

/// What local pods send, or what they do not; `None` where they cannot be told apart.
pub(super) fn sent_by(local: &LocalTraffic, not: Negation) -> Option<Match> {
    Some(match local {
        LocalTraffic::Unknown => return None,
        LocalTraffic::Source(net) => Match::Source(not, *net),
        LocalTraffic::Interface(name) => Match::InInterface(not, name.clone()),
        LocalTraffic::InterfacePrefix(name) => Match::InInterfacePrefix(not, name.clone()),
    })
}
