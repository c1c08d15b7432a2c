//! The iptables rules around the virtual servers (`writeIptablesRules` in
//! `pkg/proxy/ipvs/proxier.go`). Order matters and is kube-proxy's.

use ipnet::IpNet;

use super::family::Blocked;
use crate::ir::{LocalTraffic, MasqueradeAll, Program};
use crate::kernel::ipset::SetName;
use crate::kernel::iptables::build::{
    chain, chain_name, comment, goto, jump, rule, rule_of, sorted,
};
use crate::kernel::iptables::{
    AddrType, Frame, Jump, Match, Negation, PortChoice, RejectWith, Rule, Ruleset, SetDirection,
    Table, TableName, Target,
};
use crate::mode::ipvs::options::Options;
use crate::mode::ipvs::sets::{KubeSet, SetBuilder};
use crate::mode::masquerade::Masquerade;
use crate::model::{IpFamily, Protocol};

const SERVICES: &str = "KUBE-SERVICES";
const POSTROUTING: &str = "KUBE-POSTROUTING";
const NODE_PORT: &str = "KUBE-NODE-PORT";
const LOAD_BALANCER: &str = "KUBE-LOAD-BALANCER";
const MARK_MASQ: &str = "KUBE-MARK-MASQ";
const FORWARD: &str = "KUBE-FORWARD";
const PROXY_FIREWALL: &str = "KUBE-PROXY-FIREWALL";
const SOURCE_RANGES: &str = "KUBE-SOURCE-RANGES-FIREWALL";
const IPVS_FILTER: &str = "KUBE-IPVS-FILTER";
const IPVS_OUT_FILTER: &str = "KUBE-IPVS-OUT-FILTER";

/// What every node has of the rules.
pub fn frames() -> Vec<Frame> {
    let frame = |table, chains: &[&str], jumps| Frame {
        table,
        chains: chains.iter().map(|name| chain_name(name)).collect(),
        jumps,
    };
    vec![
        frame(
            TableName::Nat,
            &[LOAD_BALANCER, MARK_MASQ, NODE_PORT, POSTROUTING, SERVICES],
            nat_jumps(),
        ),
        frame(
            TableName::Filter,
            &[
                FORWARD,
                IPVS_FILTER,
                IPVS_OUT_FILTER,
                NODE_PORT,
                PROXY_FIREWALL,
                SOURCE_RANGES,
            ],
            filter_jumps(),
        ),
    ]
}

fn nat_jumps() -> Vec<Jump> {
    vec![
        jump("PREROUTING", SERVICES, "kubernetes service portals"),
        jump("OUTPUT", SERVICES, "kubernetes service portals"),
        jump("POSTROUTING", POSTROUTING, "kubernetes postrouting rules"),
    ]
}

fn filter_jumps() -> Vec<Jump> {
    vec![
        jump("INPUT", IPVS_FILTER, "kubernetes ipvs access filter"),
        jump("INPUT", PROXY_FIREWALL, "kube-proxy firewall rules"),
        jump("INPUT", NODE_PORT, "kubernetes health check rules"),
        jump("FORWARD", PROXY_FIREWALL, "kube-proxy firewall rules"),
        jump("FORWARD", FORWARD, "kubernetes forwarding rules"),
        jump("OUTPUT", IPVS_OUT_FILTER, "kubernetes ipvs access filter"),
    ]
}

pub(super) fn rules(
    program: &Program,
    options: &Options,
    family: IpFamily,
    sets: &SetBuilder,
    blocked: &[Blocked],
) -> Ruleset {
    let writer = Writer {
        program,
        masquerade: Masquerade::new(&program.masquerading, options.iptables),
        family,
        sets,
    };
    Ruleset {
        tables: vec![writer.nat(), writer.filter(blocked)],
    }
}

struct Writer<'a> {
    program: &'a Program,
    masquerade: Masquerade,
    family: IpFamily,
    sets: &'a SetBuilder,
}

impl Writer<'_> {
    fn nat(&self) -> Table {
        Table {
            name: TableName::Nat,
            chains: sorted(vec![
                chain(SERVICES, self.services()),
                chain(NODE_PORT, self.node_port()),
                chain(LOAD_BALANCER, self.load_balancer()),
                chain(POSTROUTING, self.postrouting()),
                chain(MARK_MASQ, self.masquerade.mark_masq()),
            ]),
            jumps: nat_jumps(),
        }
    }

    fn filter(&self, blocked: &[Blocked]) -> Table {
        Table {
            name: TableName::Filter,
            chains: sorted(vec![
                chain(FORWARD, self.masquerade.forward().into()),
                chain(
                    NODE_PORT,
                    vec![rule(
                        self.commented(KubeSet::HealthCheckNodePort, SetDirection::Dst),
                        Target::Accept,
                    )],
                ),
                chain(PROXY_FIREWALL, self.proxy_firewall()),
                chain(SOURCE_RANGES, self.source_ranges()),
                chain(IPVS_FILTER, self.ipvs_filter()),
                chain(IPVS_OUT_FILTER, blocked.iter().map(out_filter).collect()),
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
            goto(LOAD_BALANCER),
        ));
        if !self.sets.is_empty(KubeSet::ClusterIp) {
            rules.push(self.cluster_ip());
        }
        for set in [KubeSet::ExternalIp, KubeSet::ExternalIpLocal] {
            if self.sets.is_empty(set) {
                continue;
            }
            let matches = self.commented(set, SetDirection::DstDst);
            // With policy Local the sender's address stays.
            if set == KubeSet::ExternalIp {
                rules.push(rule(matches.clone(), goto(MARK_MASQ)));
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
        rules.push(rule([local], goto(NODE_PORT)));
        for set in [KubeSet::ClusterIp, KubeSet::LoadBalancer] {
            if !self.sets.is_empty(set) {
                rules.push(rule([self.set(set, SetDirection::DstDst)], Target::Accept));
            }
        }
        rules
    }

    /// What is sent to a cluster IP and is masqueraded: everything, what does not come from a local
    /// pod, or at least what a cluster IP sends (the node itself, whose source is then some VIP).
    fn cluster_ip(&self) -> Rule {
        let masquerading = &self.program.masquerading;
        let mut matches = Vec::new();
        let mut direction = SetDirection::DstDst;
        if masquerading.all == MasqueradeAll::No {
            match masquerading.local_traffic(self.family) {
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
        rule(matches, goto(MARK_MASQ))
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
            for (set, target) in [(local, Target::Return), (all, goto(MARK_MASQ))] {
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
        rules.push(rule([], goto(MARK_MASQ)));
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
            goto(SOURCE_RANGES),
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

    /// A rule on a set, where the set has entries.
    fn if_any(&self, set: KubeSet, direction: SetDirection, target: Target) -> Option<Rule> {
        (!self.sets.is_empty(set)).then(|| rule(self.commented(set, direction), target))
    }

    fn commented(&self, set: KubeSet, direction: SetDirection) -> Vec<Match> {
        vec![comment(set.comment()), self.set(set, direction)]
    }

    fn set(&self, set: KubeSet, direction: SetDirection) -> Match {
        let name: SetName = set.name(self.family);
        Match::Set(name, direction)
    }
}

fn out_filter(blocked: &Blocked) -> Rule {
    let Blocked { key, origin } = *blocked;
    let matches = vec![
        Match::Source(Negation::Is, IpNet::from(key.address)),
        Match::VirtualServer {
            address: key.address,
            protocol: key.protocol,
            port: key.port,
        },
    ];
    rule_of(origin, matches, Target::Drop)
}
