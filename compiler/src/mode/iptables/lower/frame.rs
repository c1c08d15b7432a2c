//! The chains that every node has, the jumps into them, and what Services put there.

use super::node_ports;
use super::port::{FilterRules, PortRules};
use crate::ir::Program;
use crate::kernel::iptables::build::{chain, chain_name, comment, goto, jump, rule, sorted};
use crate::kernel::iptables::{
    Frame, Jump, Match, Negation, Rule, Ruleset, Table, TableName, Target,
};
use crate::mode::iptables::Options;
use crate::mode::masquerade::Masquerade;
use crate::model::IpFamily;

const SERVICES: &str = "KUBE-SERVICES";
const NODE_PORTS: &str = "KUBE-NODEPORTS";
const POSTROUTING: &str = "KUBE-POSTROUTING";
const MARK_MASQ: &str = "KUBE-MARK-MASQ";
const EXTERNAL_SERVICES: &str = "KUBE-EXTERNAL-SERVICES";
const FORWARD: &str = "KUBE-FORWARD";
const PROXY_FIREWALL: &str = "KUBE-PROXY-FIREWALL";
const FIREWALL: &str = "KUBE-FIREWALL";

/// Empty, and in every table: kube-proxy watches whether it is still there.
const CANARY: &str = "KUBE-PROXY-CANARY";

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
        chain(SERVICES, services),
        chain(NODE_PORTS, node_ports),
        chain(POSTROUTING, masquerade.postrouting().into()),
        chain(MARK_MASQ, masquerade.mark_masq()),
        chain(CANARY, Vec::new()),
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
                chains: vec![chain(CANARY, Vec::new())],
                jumps: Vec::new(),
            },
        ],
    }
}

fn filter(rules: FilterRules, masquerade: Masquerade, localnet: Option<Rule>) -> Table {
    // A packet of no valid connection is not translated back, and whoever got it would answer with a
    // reset.
    let mut forward = vec![rule([Match::Invalid], Target::Drop)];
    forward.extend(masquerade.forward());
    Table {
        name: TableName::Filter,
        chains: sorted(vec![
            chain(SERVICES, rules.services),
            chain(EXTERNAL_SERVICES, rules.external),
            chain(PROXY_FIREWALL, rules.firewall),
            chain(NODE_PORTS, rules.node_ports),
            chain(FORWARD, forward),
            chain(FIREWALL, localnet.into_iter().collect()),
            chain(CANARY, Vec::new()),
        ]),
        jumps: filter_jumps(),
    }
}

/// What every node has of the rules, but for KUBE-FIREWALL and the jumps into it: kubelets have made
/// them too.
pub fn frames() -> Vec<Frame> {
    let frame = |table, chains: &[&str], jumps| Frame {
        table,
        chains: chains.iter().map(|name| chain_name(name)).collect(),
        jumps,
    };
    let nat = [CANARY, MARK_MASQ, NODE_PORTS, POSTROUTING, SERVICES];
    let filter = [
        CANARY,
        EXTERNAL_SERVICES,
        FORWARD,
        NODE_PORTS,
        PROXY_FIREWALL,
        SERVICES,
    ];
    let kubelets = goto(FIREWALL);
    let mut jumps = filter_jumps();
    jumps.retain(|jump| jump.rule.target != kubelets);
    vec![
        frame(TableName::Nat, &nat, nat_jumps()),
        frame(TableName::Filter, &filter, jumps),
        frame(TableName::Mangle, &[CANARY], Vec::new()),
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
    let portals = "kubernetes service portals";
    let external = "kubernetes externally-visible service portals";
    let firewall = "kubernetes load balancer firewall";
    vec![
        unexplained("INPUT", FIREWALL),
        at_first("INPUT", PROXY_FIREWALL, firewall),
        jump("INPUT", NODE_PORTS, "kubernetes health check service ports"),
        at_first("INPUT", EXTERNAL_SERVICES, external),
        at_first("FORWARD", PROXY_FIREWALL, firewall),
        jump("FORWARD", FORWARD, "kubernetes forwarding rules"),
        at_first("FORWARD", SERVICES, portals),
        at_first("FORWARD", EXTERNAL_SERVICES, external),
        unexplained("OUTPUT", FIREWALL),
        at_first("OUTPUT", PROXY_FIREWALL, firewall),
        at_first("OUTPUT", SERVICES, portals),
    ]
}

/// A jump for the first packet of a connection.
fn at_first(from: &str, to: &str, why: &str) -> Jump {
    let mut jump = jump(from, to, why);
    jump.rule.matches.insert(0, Match::New);
    jump
}

/// KUBE-FIREWALL was kubelet's, which explained nothing.
fn unexplained(from: &str, to: &str) -> Jump {
    Jump {
        from: chain_name(from),
        rule: rule([], goto(to)),
    }
}

/// `route_localnet` lets neighbours send to 127.0.0.0/8 (CVE-2020-8558).
fn block_localnet() -> Rule {
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
