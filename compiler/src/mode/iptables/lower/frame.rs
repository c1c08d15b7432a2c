//! The chains that every node has, the jumps into them, and what Services put there.

use super::node_ports;
use super::port::{FilterRules, PortRules};
use crate::ir::Program;
use crate::kernel::iptables::BuiltinChain;
use crate::kernel::iptables::build::{chain, comment, goto, jump, rule, sorted};
use crate::kernel::iptables::{
    Frame, Jump, Match, Negation, Rule, Ruleset, Table, TableName, Target,
};
use crate::mode::iptables::Options;
use crate::mode::kube_chain::{KubeChain, nat_jumps};
use crate::mode::masquerade::Masquerade;
use crate::model::IpFamily;

/// All rules of a family.
pub(super) fn ruleset(
    program: &Program,
    options: Options,
    family: IpFamily,
    masquerade: Masquerade,
    rules: PortRules,
) -> Ruleset {
    let PortRules {
        mut services,
        node_ports,
        mut chains,
        filter: filter_rules,
    } = rules;
    services.extend(node_ports::jumps(program, options, family));
    chains.extend([
        chain(KubeChain::Services, services),
        chain(KubeChain::NodePorts, node_ports),
        chain(KubeChain::Postrouting, masquerade.postrouting().into()),
        chain(KubeChain::MarkMasq, masquerade.mark_masq()),
        chain(KubeChain::Canary, Vec::new()),
    ]);
    let localnet = node_ports::serves_loopback(&program.node, options, family).then(block_localnet);
    Ruleset {
        tables: vec![
            Table {
                name: TableName::Nat,
                chains: sorted(chains),
                jumps: nat_jumps(),
            },
            filter(filter_rules, masquerade, localnet),
            Table {
                name: TableName::Mangle,
                chains: vec![chain(KubeChain::Canary, Vec::new())],
                jumps: Vec::new(),
            },
        ],
    }
}

fn filter(rules: FilterRules, masquerade: Masquerade, localnet: Option<Rule>) -> Table {
    Table {
        name: TableName::Filter,
        chains: sorted(vec![
            chain(KubeChain::Services, rules.services),
            chain(KubeChain::ExternalServices, rules.external),
            chain(KubeChain::ProxyFirewall, rules.firewall),
            chain(KubeChain::NodePorts, rules.node_ports),
            chain(KubeChain::Forward, forward(masquerade)),
            chain(KubeChain::Firewall, localnet.into_iter().collect()),
            chain(KubeChain::Canary, Vec::new()),
        ]),
        jumps: filter_jumps(),
    }
}

/// A packet of no valid connection is not translated back, and whoever got it would answer with a
/// reset.
pub(in crate::mode::iptables) fn forward(masquerade: Masquerade) -> Vec<Rule> {
    let mut rules = vec![rule([Match::Invalid], Target::Drop)];
    rules.extend(masquerade.forward());
    rules
}

/// What every node has of the rules, but for KUBE-FIREWALL and the jumps into it: kubelets have made
/// them too.
pub fn frames() -> Vec<Frame> {
    let kubelets = KubeChain::Firewall.into();
    let mut frames = whole_frames();
    for frame in &mut frames {
        frame.chains.retain(|chain| *chain != kubelets);
        let leads_there = |jump: &Jump| jump.rule.target == Target::Chain(kubelets.clone());
        frame.jumps.retain(|jump| !leads_there(jump));
    }
    frames
}

/// What every node has of the rules.
pub(in crate::mode::iptables) fn whole_frames() -> Vec<Frame> {
    let frame = |table, chains: &[KubeChain], jumps| Frame {
        table,
        chains: chains.iter().map(|chain| (*chain).into()).collect(),
        jumps,
    };
    let nat = [
        KubeChain::Canary,
        KubeChain::MarkMasq,
        KubeChain::NodePorts,
        KubeChain::Postrouting,
        KubeChain::Services,
    ];
    let filter = [
        KubeChain::Canary,
        KubeChain::ExternalServices,
        KubeChain::Firewall,
        KubeChain::Forward,
        KubeChain::NodePorts,
        KubeChain::ProxyFirewall,
        KubeChain::Services,
    ];
    vec![
        frame(TableName::Nat, &nat, nat_jumps()),
        frame(TableName::Filter, &filter, filter_jumps()),
        frame(TableName::Mangle, &[KubeChain::Canary], Vec::new()),
    ]
}

fn filter_jumps() -> Vec<Jump> {
    let portals = "kubernetes service portals";
    let external = "kubernetes externally-visible service portals";
    let firewall = "kubernetes load balancer firewall";
    vec![
        unexplained(BuiltinChain::Input, KubeChain::Firewall),
        at_first(BuiltinChain::Input, KubeChain::ProxyFirewall, firewall),
        jump(
            BuiltinChain::Input,
            KubeChain::NodePorts,
            "kubernetes health check service ports",
        ),
        at_first(BuiltinChain::Input, KubeChain::ExternalServices, external),
        at_first(BuiltinChain::Forward, KubeChain::ProxyFirewall, firewall),
        jump(
            BuiltinChain::Forward,
            KubeChain::Forward,
            "kubernetes forwarding rules",
        ),
        at_first(BuiltinChain::Forward, KubeChain::Services, portals),
        at_first(BuiltinChain::Forward, KubeChain::ExternalServices, external),
        unexplained(BuiltinChain::Output, KubeChain::Firewall),
        at_first(BuiltinChain::Output, KubeChain::ProxyFirewall, firewall),
        at_first(BuiltinChain::Output, KubeChain::Services, portals),
    ]
}

/// A jump for the first packet of a connection.
fn at_first(from: BuiltinChain, to: KubeChain, why: &str) -> Jump {
    let mut jump = jump(from, to, why);
    jump.rule.matches.insert(0, Match::New);
    jump
}

/// KUBE-FIREWALL was kubelet's, which explained nothing.
fn unexplained(from: BuiltinChain, to: KubeChain) -> Jump {
    Jump {
        from: from.into(),
        rule: rule([], goto(to)),
    }
}

/// `route_localnet` lets neighbours send to 127.0.0.0/8 (CVE-2020-8558).
pub(in crate::mode::iptables) fn block_localnet() -> Rule {
    let loopback = IpFamily::V4.loopback();
    rule(
        [
            Match::Source(Negation::Not, loopback),
            Match::Destination(Negation::Is, loopback),
            comment("block incoming localnet connections"),
            Match::Unsolicited,
        ],
        Target::Drop,
    )
}
