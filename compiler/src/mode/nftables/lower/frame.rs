//! What every node has, whatever its Services: the chains at the hooks, and those they lead to.

use super::local::{Scope, scope, sent_by, to_node_ports};
use crate::ir::{LocalTraffic, MasqueradeAll, Program};
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::{
    ChainName, Element, Expression, Key, Match, Rule, SetName, Statement, Table, Verdict,
};
use crate::mode::nftables::Options;
use crate::model::{IpFamily, Protocol};
use crate::source::Origins;

/// Elements that are the node's own.
pub(super) fn elements(program: &Program, options: &Options, table: &mut Table) {
    let family = table.family;
    let plain = || Element {
        value: None,
        comment: None,
        origins: Origins::new(),
    };
    if let Scope::Addresses(addresses) = scope(&program.node, family) {
        let keys = addresses.into_iter().map(Key::Address);
        let set = table.sets.entry(SetName::NodePortIps).or_default();
        set.extend(keys.map(|key| (key, plain())));
    }
    let ranges = options.service_ranges.iter().map(ipnet::IpNet::trunc);
    let of_family = ranges.filter(|net| IpFamily::of_net(*net) == family);
    let set = table.sets.entry(SetName::ServiceRanges).or_default();
    let widest = ipnet::IpNet::aggregate(&of_family.collect());
    set.extend(widest.into_iter().map(|net| (Key::Range(net), plain())));
}

/// All that the rules which every table has depend on.
pub(in crate::mode::nftables) struct Frame<'a> {
    /// Where node ports are served.
    pub(in crate::mode::nftables) scope: Scope,
    /// Whether everything that is sent to a cluster IP is masqueraded.
    pub(in crate::mode::nftables) all: MasqueradeAll,
    pub(in crate::mode::nftables) local: &'a LocalTraffic,
    /// What is to be masqueraded.
    pub(in crate::mode::nftables) mark: u32,
}

impl<'a> Frame<'a> {
    pub(super) fn of(program: &'a Program, family: IpFamily) -> Self {
        let masquerading = &program.masquerading;
        Self {
            scope: scope(&program.node, family),
            all: masquerading.all,
            local: masquerading.local_traffic(family),
            mark: masquerading.mark(),
        }
    }
}

/// Rules of a chain that every table has.
pub(in crate::mode::nftables) fn rules(name: ChainName, frame: &Frame<'_>) -> Vec<Rule> {
    let node_ports = || to_node_ports(&frame.scope);
    match name {
        ChainName::FilterPreroutingPreDnat | ChainName::FilterOutputPreDnat => {
            vec![at_first(ChainName::FirewallCheck)]
        }
        ChainName::FilterInput => vec![
            at_first(ChainName::NodePortEndpointsCheck),
            at_first(ChainName::ServiceEndpointsCheck),
        ],
        ChainName::FilterForward | ChainName::FilterOutput => vec![
            at_first(ChainName::ServiceEndpointsCheck),
            at_first(ChainName::ClusterIpsCheck),
        ],
        ChainName::NatPrerouting | ChainName::NatOutput => vec![jump([], ChainName::Services)],
        ChainName::NatInput => vec![jump([Match::Translated], ChainName::RecordAffinity)],
        // While the sender's address is still that of the client.
        ChainName::NatPostrouting => vec![
            jump([Match::Translated], ChainName::RecordAffinity),
            jump([], ChainName::Masquerading),
        ],
        ChainName::FirewallCheck => {
            let guarded = Match::InSet(Expression::Frontend, Negation::Is, SetName::FirewallIps);
            let stranger = Match::InSet(
                Expression::FrontendAndSource,
                Negation::Not,
                SetName::FirewallAllowed,
            );
            vec![rule([guarded, stranger], Statement::Verdict(Verdict::Drop))]
        }
        ChainName::ServiceEndpointsCheck => {
            vec![by_frontend(SetName::NoEndpointServices)]
        }
        ChainName::NodePortEndpointsCheck => {
            vec![rule(
                node_ports(),
                by_node_port(SetName::NoEndpointNodePorts),
            )]
        }
        ChainName::ClusterIpsCheck => vec![
            rule([to(SetName::ClusterIps)], Statement::Reject),
            rule(
                [to(SetName::ServiceRanges)],
                Statement::Verdict(Verdict::Drop),
            ),
        ],
        ChainName::RejectChain => vec![rule([], Statement::Reject)],
        ChainName::Services => services(frame, node_ports()),
        ChainName::NodePorts => [
            SetName::ExternalNodePorts,
            SetName::RecallNodePorts,
            SetName::ServiceNodePorts,
        ]
        .map(|map| rule([], by_node_port(map)))
        .into(),
        ChainName::LocalPolicy => local_policy(
            frame,
            [SetName::LocalRecallServices, SetName::LocalServiceIps].map(by_frontend),
        ),
        ChainName::NodePortLocalPolicy => local_policy(
            frame,
            [
                SetName::LocalRecallNodePorts,
                SetName::LocalServiceNodePorts,
            ]
            .map(|map| rule([], by_node_port(map))),
        ),
        ChainName::RecordAffinity => record_affinity(frame),
        ChainName::MarkForMasquerade => {
            vec![rule([], Statement::SetMark(frame.mark))]
        }
        ChainName::Masquerading => masquerading(frame.mark),
        ChainName::Balance(_) | ChainName::Recall(_) | ChainName::Remember(..) => Vec::new(),
    }
}

fn services(frame: &Frame<'_>, node_ports: Vec<Match>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let strangers = match frame.all {
        MasqueradeAll::Yes => Some(None),
        MasqueradeAll::No => sent_by(frame.local, Negation::Not).map(Some),
    };
    if let Some(strangers) = strangers {
        let matches: Vec<Match> = [to(SetName::ClusterIps)]
            .into_iter()
            .chain(strangers)
            .collect();
        rules.push(jump(matches, ChainName::MarkForMasquerade));
    }
    rules.push(by_frontend(SetName::ExternalServices));
    rules.push(by_frontend(SetName::RecallServices));
    rules.push(by_frontend(SetName::ServiceIps));
    rules.push(rule(
        node_ports,
        Statement::Verdict(Verdict::Goto(ChainName::NodePorts)),
    ));
    rules
}

/// Those that the policy does not apply to go back, and on to all endpoints: the node's pods as they
/// are, the node itself with its own address. What remains is under the policy, or without an
/// endpoint.
fn local_policy(frame: &Frame<'_>, rest: [Rule; 2]) -> Vec<Rule> {
    let pods = sent_by(frame.local, Negation::Is);
    let mut rules: Vec<Rule> = pods
        .map(|pods| rule([pods], Statement::Verdict(Verdict::Return)))
        .into_iter()
        .collect();
    let masquerade = Verdict::Goto(ChainName::MarkForMasquerade);
    rules.push(rule([Match::FromNode], Statement::Verdict(masquerade)));
    rules.extend(rest);
    rules.push(rule([], Statement::Verdict(Verdict::Accept)));
    rules
}

fn record_affinity(frame: &Frame<'_>) -> Vec<Rule> {
    let at_node = match frame.scope {
        // What else has the number of such a node port is noted and never looked up.
        Scope::All => None,
        Scope::Addresses(_) => Some(Match::InSet(
            Expression::OriginalDestination,
            Negation::Is,
            SetName::NodePortIps,
        )),
    };
    let mut rules = Vec::new();
    for protocol in Protocol::ALL {
        let map = Statement::VerdictMap(Expression::OriginalFrontend, SetName::AffinityServices);
        rules.push(rule([Match::Protocol(protocol)], map));
    }
    for protocol in Protocol::ALL {
        let map = Statement::VerdictMap(Expression::OriginalNodePort, SetName::AffinityNodePorts);
        let matches: Vec<Match> = [Match::Protocol(protocol)]
            .into_iter()
            .chain(at_node.clone())
            .collect();
        rules.push(rule(matches, map));
    }
    rules
}

fn masquerading(mark: u32) -> Vec<Rule> {
    let hairpin = Match::InSet(
        Expression::Connection,
        Negation::Is,
        SetName::HairpinConnections,
    );
    vec![
        jump([Match::Translated, hairpin], ChainName::MarkForMasquerade),
        rule([Match::Unmarked(mark)], Statement::Verdict(Verdict::Return)),
        // So that a packet that passes again is not masqueraded twice.
        rule([], Statement::FlipMark(mark)),
        rule([], Statement::Masquerade),
    ]
}

pub(super) fn rule(matches: impl Into<Vec<Match>>, statement: Statement) -> Rule {
    Rule {
        matches: matches.into(),
        statement,
    }
}

fn jump(matches: impl Into<Vec<Match>>, chain: ChainName) -> Rule {
    rule(matches, Statement::Verdict(Verdict::Jump(chain)))
}

/// A jump for the first packet of a connection.
fn at_first(chain: ChainName) -> Rule {
    jump([Match::New], chain)
}

fn to(set: SetName) -> Match {
    Match::InSet(Expression::Destination, Negation::Is, set)
}

fn by_frontend(map: SetName) -> Rule {
    rule([], Statement::VerdictMap(Expression::Frontend, map))
}

fn by_node_port(map: SetName) -> Statement {
    Statement::VerdictMap(Expression::NodePort, map)
}
