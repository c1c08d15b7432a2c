//! The iptables rules around the virtual servers (`writeIptablesRules` in
//! `pkg/proxy/ipvs/proxier.go`). Order matters and is kube-proxy's.

use crate::kernel::iptables::BuiltinChain;
use crate::mode::kube_chain::{KubeChain, nat_jumps};
use ipnet::IpNet;
use std::collections::BTreeSet;

use crate::ir::{LocalTraffic, MasqueradeAll};
use crate::kernel::ipset::SetName;
use crate::kernel::iptables::build::{chain, comment, goto, jump, rule, sorted};
use crate::kernel::iptables::{
    AddrType, Frame, Jump, Match, Negation, PortChoice, RejectWith, Rule, Ruleset, SetDirection,
    Table, TableName, Target,
};
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::masquerade::Masquerade;
use crate::model::{IpFamily, Protocol, TransportAddress};

/// What every node has of the rules.
pub fn frames() -> Vec<Frame> {
    let frame = |table, chains: &[KubeChain], jumps| Frame {
        table,
        chains: chains.iter().map(|chain| (*chain).into()).collect(),
        jumps,
    };
    vec![
        frame(
            TableName::Nat,
            &[
                KubeChain::LoadBalancer,
                KubeChain::MarkMasq,
                KubeChain::NodePort,
                KubeChain::Postrouting,
                KubeChain::Services,
            ],
            nat_jumps(),
        ),
        frame(
            TableName::Filter,
            &[
                KubeChain::Forward,
                KubeChain::IpvsFilter,
                KubeChain::IpvsOutFilter,
                KubeChain::NodePort,
                KubeChain::ProxyFirewall,
                KubeChain::SourceRanges,
            ],
            filter_jumps(),
        ),
    ]
}

fn filter_jumps() -> Vec<Jump> {
    vec![
        jump(
            BuiltinChain::Input,
            KubeChain::IpvsFilter,
            "kubernetes ipvs access filter",
        ),
        jump(
            BuiltinChain::Input,
            KubeChain::ProxyFirewall,
            "kube-proxy firewall rules",
        ),
        jump(
            BuiltinChain::Input,
            KubeChain::NodePort,
            "kubernetes health check rules",
        ),
        jump(
            BuiltinChain::Forward,
            KubeChain::ProxyFirewall,
            "kube-proxy firewall rules",
        ),
        jump(
            BuiltinChain::Forward,
            KubeChain::Forward,
            "kubernetes forwarding rules",
        ),
        jump(
            BuiltinChain::Output,
            KubeChain::IpvsOutFilter,
            "kubernetes ipvs access filter",
        ),
    ]
}

/// All that the rules of a family depend on.
pub(in crate::mode::ipvs) struct Writer<'a> {
    pub(in crate::mode::ipvs) family: IpFamily,
    pub(in crate::mode::ipvs) masquerade: Masquerade,
    /// Whether everything that is sent to a cluster IP is masqueraded.
    pub(in crate::mode::ipvs) all: MasqueradeAll,
    pub(in crate::mode::ipvs) local: &'a LocalTraffic,
    /// Sets that have entries.
    pub(in crate::mode::ipvs) used: BTreeSet<KubeSet>,
    /// What the node itself may not use.
    pub(in crate::mode::ipvs) blocked: Vec<Rule>,
}

impl Writer<'_> {
    pub(in crate::mode::ipvs) fn ruleset(self) -> Ruleset {
        Ruleset {
            tables: vec![self.nat(), self.filter()],
        }
    }

    fn nat(&self) -> Table {
        Table {
            name: TableName::Nat,
            chains: sorted(vec![
                chain(KubeChain::Services, self.services()),
                chain(KubeChain::NodePort, self.node_port()),
                chain(KubeChain::LoadBalancer, self.load_balancer()),
                chain(KubeChain::Postrouting, self.postrouting()),
                chain(KubeChain::MarkMasq, self.masquerade.mark_masq()),
            ]),
            jumps: nat_jumps(),
        }
    }

    fn filter(&self) -> Table {
        Table {
            name: TableName::Filter,
            chains: sorted(vec![
                chain(KubeChain::Forward, self.masquerade.forward().into()),
                chain(
                    KubeChain::NodePort,
                    vec![rule(
                        self.commented(KubeSet::HealthCheckNodePort, SetDirection::Dst),
                        Target::Accept,
                    )],
                ),
                chain(KubeChain::ProxyFirewall, self.proxy_firewall()),
                chain(KubeChain::SourceRanges, self.source_ranges()),
                chain(KubeChain::IpvsFilter, self.ipvs_filter()),
                chain(KubeChain::IpvsOutFilter, self.blocked.clone()),
            ]),
            jumps: filter_jumps(),
        }
    }

    fn services(&self) -> Vec<Rule> {
        let loopback = match self.family {
            IpFamily::V4 => "127.0.0.0/8",
            IpFamily::V6 => "::1/128",
        };
        let loopback: IpNet = loopback.parse().expect("a range");
        let mut rules = vec![rule(
            [Match::Source(Negation::Is, loopback)],
            Target::Return,
        )];
        rules.extend(self.if_any(
            KubeSet::LoadBalancer,
            SetDirection::DstDst,
            goto(KubeChain::LoadBalancer),
        ));
        if !self.is_unused(KubeSet::ClusterIp) {
            rules.push(self.cluster_ip());
        }
        for set in [KubeSet::ExternalIp, KubeSet::ExternalIpLocal] {
            if self.is_unused(set) {
                continue;
            }
            let matches = self.commented(set, SetDirection::DstDst);
            // With policy Local the sender's address stays.
            if set == KubeSet::ExternalIp {
                rules.push(rule(matches.clone(), goto(KubeChain::MarkMasq)));
            }
            let outside = [
                Match::NotFromBridge,
                Match::SourceType(Negation::Not, AddrType::Local),
            ];
            rules.push(rule(
                [matches.clone(), outside.to_vec()].concat(),
                Target::Accept,
            ));
            let local = Match::DestinationType(Negation::Is, AddrType::Local);
            rules.push(rule([matches, vec![local]].concat(), Target::Accept));
        }
        let local = Match::DestinationType(Negation::Is, AddrType::Local);
        rules.push(rule([local], goto(KubeChain::NodePort)));
        for set in [KubeSet::ClusterIp, KubeSet::LoadBalancer] {
            if !self.is_unused(set) {
                rules.push(rule([self.set(set, SetDirection::DstDst)], Target::Accept));
            }
        }
        rules
    }

    /// What is sent to a cluster IP and is masqueraded: everything, what does not come from a local
    /// pod, or at least what a cluster IP sends (the node itself, whose source is then some VIP).
    pub(in crate::mode::ipvs) fn cluster_ip(&self) -> Rule {
        let mut matches = Vec::new();
        let mut direction = SetDirection::DstDst;
        if self.all == MasqueradeAll::No {
            match self.local {
                LocalTraffic::Source(net) => matches.push(Match::Source(Negation::Not, *net)),
                LocalTraffic::Interface(name) => {
                    matches.push(Match::InInterface(Negation::Not, name.clone()));
                }
                LocalTraffic::InterfacePrefix(name) => {
                    matches.push(Match::InInterfacePrefix(Negation::Not, name.clone()));
                }
                LocalTraffic::Unknown => direction = SetDirection::SrcDst,
            }
        }
        matches.extend(self.commented(KubeSet::ClusterIp, direction));
        rule(matches, goto(KubeChain::MarkMasq))
    }

    fn node_port(&self) -> Vec<Rule> {
        let by_protocol = [
            (
                Protocol::Tcp,
                KubeSet::NodePortLocalTcp,
                KubeSet::NodePortTcp,
                SetDirection::Dst,
            ),
            (
                Protocol::Udp,
                KubeSet::NodePortLocalUdp,
                KubeSet::NodePortUdp,
                SetDirection::Dst,
            ),
            (
                Protocol::Sctp,
                KubeSet::NodePortLocalSctp,
                KubeSet::NodePortSctp,
                SetDirection::DstDst,
            ),
        ];
        let mut rules = Vec::new();
        for (protocol, local, all, direction) in by_protocol {
            for (set, target) in [(local, Target::Return), (all, goto(KubeChain::MarkMasq))] {
                if let Some(mut rule) = self.if_any(set, direction, target) {
                    rule.matches.insert(0, Match::Protocol(protocol));
                    rules.push(rule);
                }
            }
        }
        rules
    }

    fn load_balancer(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        rules.extend(self.if_any(
            KubeSet::LoadBalancerLocal,
            SetDirection::DstDst,
            Target::Return,
        ));
        rules.push(rule([], goto(KubeChain::MarkMasq)));
        rules
    }

    fn postrouting(&self) -> Vec<Rule> {
        let loop_back = self.if_any(
            KubeSet::LoopBack,
            SetDirection::DstDstSrc,
            Target::Masquerade(PortChoice::Default),
        );
        loop_back
            .into_iter()
            .chain(self.masquerade.postrouting())
            .collect()
    }

    fn proxy_firewall(&self) -> Vec<Rule> {
        let guarded = self.if_any(
            KubeSet::LoadBalancerFw,
            SetDirection::DstDst,
            goto(KubeChain::SourceRanges),
        );
        guarded.into_iter().collect()
    }

    fn source_ranges(&self) -> Vec<Rule> {
        let allowed = [
            KubeSet::LoadBalancerSourceCidr,
            KubeSet::LoadBalancerSourceIp,
        ]
        .into_iter()
        .filter_map(|set| self.if_any(set, SetDirection::DstDstSrc, Target::Return));
        allowed.chain([rule([], Target::Drop)]).collect()
    }

    /// Ports that no Service has are closed on addresses that only Services brought here
    /// (kubernetes/kubernetes#72236).
    fn ipvs_filter(&self) -> Vec<Rule> {
        let pass = |set, direction| rule([self.set(set, direction)], Target::Return);
        let reject = match self.family {
            IpFamily::V4 => RejectWith::IcmpPortUnreachable,
            IpFamily::V6 => RejectWith::Icmp6PortUnreachable,
        };
        vec![
            pass(KubeSet::LoadBalancer, SetDirection::DstDst),
            pass(KubeSet::ClusterIp, SetDirection::DstDst),
            pass(KubeSet::ExternalIp, SetDirection::DstDst),
            pass(KubeSet::ExternalIpLocal, SetDirection::DstDst),
            pass(KubeSet::HealthCheckNodePort, SetDirection::Dst),
            rule(
                [Match::New, self.set(KubeSet::IpvsIps, SetDirection::Dst)],
                Target::Reject(reject),
            ),
        ]
    }

    fn is_unused(&self, set: KubeSet) -> bool {
        !self.used.contains(&set)
    }

    /// A rule on a set, where the set has entries.
    fn if_any(&self, set: KubeSet, direction: SetDirection, target: Target) -> Option<Rule> {
        (!self.is_unused(set)).then(|| rule(self.commented(set, direction), target))
    }

    fn commented(&self, set: KubeSet, direction: SetDirection) -> Vec<Match> {
        vec![comment(set.comment()), self.set(set, direction)]
    }

    fn set(&self, set: KubeSet, direction: SetDirection) -> Match {
        let name: SetName = set.name(self.family);
        Match::Set(name, direction)
    }
}

/// Keeps what the node sends to a load balancer that it may not use from coming back.
pub(in crate::mode::ipvs) fn out_filter(key: TransportAddress) -> Rule {
    let matches = vec![
        Match::Source(Negation::Is, IpNet::from(key.address)),
        Match::VirtualServer {
            address: key.address,
            protocol: key.protocol,
            port: key.port,
        },
    ];
    rule(matches, Target::Drop)
}
