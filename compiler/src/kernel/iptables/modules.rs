//! Kernel modules that rules need.

use std::collections::BTreeSet;

use super::{Match, Rule, Ruleset, Target};
use crate::model::{IpFamily, Protocol};

/// Every module that rules may need, sorted.
pub const MODULES: [&str; 17] = [
    "ip6t_MASQUERADE",
    "ip6t_REJECT",
    "ipt_MASQUERADE",
    "ipt_REJECT",
    "nf_conntrack",
    "xt_addrtype",
    "xt_comment",
    "xt_conntrack",
    "xt_ipvs",
    "xt_mark",
    "xt_nat",
    "xt_physdev",
    "xt_recent",
    "xt_sctp",
    "xt_set",
    "xt_statistic",
    "xt_tcpudp",
];

/// The modules of both families' rules, sorted.
pub fn modules(v4: &Ruleset, v6: &Ruleset) -> Vec<&'static str> {
    let mut modules = BTreeSet::from(["nf_conntrack"]);
    for (family, ruleset) in [(IpFamily::V4, v4), (IpFamily::V6, v6)] {
        for table in &ruleset.tables {
            let chains = table.chains.iter().flat_map(|chain| &chain.rules);
            for rule in chains.chain(table.jumps.iter().map(|jump| &jump.rule)) {
                of_rule(rule, family, &mut modules);
            }
        }
    }
    modules.into_iter().collect()
}

fn of_rule(rule: &Rule, family: IpFamily, modules: &mut BTreeSet<&'static str>) {
    modules.extend(rule.matches.iter().filter_map(of_match));
    modules.extend(of_target(&rule.target, family));
}

fn of_match(part: &Match) -> Option<&'static str> {
    Some(match part {
        Match::Source(..)
        | Match::Destination(..)
        | Match::InInterface(..)
        | Match::InInterfacePrefix(..)
        | Match::Protocol(_) => return None,
        Match::Comment(_) => "xt_comment",
        Match::Set(..) => "xt_set",
        Match::Mark(..) => "xt_mark",
        Match::RelatedEstablished | Match::New | Match::Invalid | Match::Unsolicited => {
            "xt_conntrack"
        }
        Match::Transport(Protocol::Tcp | Protocol::Udp, _) => "xt_tcpudp",
        Match::Transport(Protocol::Sctp, _) => "xt_sctp",
        Match::Random(_) => "xt_statistic",
        Match::Recent { .. } => "xt_recent",
        Match::NotFromBridge => "xt_physdev",
        Match::SourceType(..) | Match::DestinationType(..) => "xt_addrtype",
        Match::VirtualServer { .. } => "xt_ipvs",
    })
}

fn of_target(target: &Target, family: IpFamily) -> Option<&'static str> {
    Some(match (target, family) {
        (
            Target::Chain(_) | Target::Accept | Target::Drop | Target::Return | Target::Continue,
            _,
        ) => return None,
        (Target::Reject(_), IpFamily::V4) => "ipt_REJECT",
        (Target::Reject(_), IpFamily::V6) => "ip6t_REJECT",
        (Target::Mark(_), _) => "xt_mark",
        (Target::Masquerade(_), IpFamily::V4) => "ipt_MASQUERADE",
        (Target::Masquerade(_), IpFamily::V6) => "ip6t_MASQUERADE",
        (Target::Dnat(_), _) => "xt_nat",
    })
}
