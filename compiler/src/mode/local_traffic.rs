//! What the rules of a state take for traffic of the node's own pods.

use super::{HashedChain, NodeState};
use crate::ir::LocalTraffic;
use crate::kernel::iptables::{Match, Negation, Ruleset, TableName};
use crate::kernel::nftables;
use crate::model::IpFamily;

impl NodeState {
    /// What its rules take for traffic of the node's own pods. It is unknown where no rule tells that from
    /// other traffic: who detects none, masquerades all or has no Service makes none that would.
    pub fn local_traffic(&self, family: IpFamily) -> LocalTraffic {
        let tables = self.tables().iter();
        let mut tables = tables.filter(|table| table.family == family);
        let of_tables = tables.find_map(of_table);
        let told = of_tables.or_else(|| of_rules(self.rules(family)));
        told.unwrap_or(LocalTraffic::Unknown)
    }
}

/// All other ranges of this mode are elements of sets.
fn of_table(table: &nftables::Table) -> Option<LocalTraffic> {
    use nftables::Match;
    let rules = table.chains.values().flatten();
    let mut matches = rules.flat_map(|rule| &rule.matches);
    matches.find_map(|part| match part {
        Match::Source(_, net) => Some(LocalTraffic::Source(*net)),
        Match::InInterface(_, name) => Some(LocalTraffic::Interface(name.clone())),
        Match::InInterfacePrefix(_, name) => Some(LocalTraffic::InterfacePrefix(name.clone())),
        _ => None,
    })
}

/// `! -s 10.244.0.0/16 … -j KUBE-MARK-MASQ`, or where policy Local does not hold for pods `-s …`: other
/// chains name so their endpoints and the source ranges of load balancers.
fn of_rules(rules: &Ruleset) -> Option<LocalTraffic> {
    let tables = rules.tables.iter();
    let nat = tables.filter(|table| table.name == TableName::Nat);
    nat.flat_map(|table| &table.chains).find_map(|chain| {
        let is_external = HashedChain::of(chain.name.as_str()) == Some(HashedChain::External);
        let mut matches = chain.rules.iter().flat_map(|rule| &rule.matches);
        matches.find_map(|part| match part {
            Match::Source(Negation::Not, net) => Some(LocalTraffic::Source(*net)),
            Match::Source(Negation::Is, net) if is_external => Some(LocalTraffic::Source(*net)),
            Match::InInterface(_, name) => Some(LocalTraffic::Interface(name.clone())),
            Match::InInterfacePrefix(_, name) => Some(LocalTraffic::InterfacePrefix(name.clone())),
            _ => None,
        })
    })
}
