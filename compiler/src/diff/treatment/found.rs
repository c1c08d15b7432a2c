//! What a node was found to keep, as a state that a packet can be followed through. Rules of others are
//! left out, as they are everywhere here.

use crate::kernel::iptables::{
    Chain, ChainName, Jump, Rule, Ruleset, Saved, SavedRule, SavedTable, Table, TableName, Target,
};
use crate::kernel::nftables::Looked;
use crate::kernel::sysctl::Sysctl;
use crate::mode::ipvs::sets::KubeSet;
use crate::mode::{IptablesState, IpvsState, NodeState, ProxyState, kube_proxy};
use crate::model::{IpFamily, Mode};
use crate::observed::Observed;
use crate::source::Origins;

/// The state, where it is to be held against another; `None` where kube-proxy serves by a table whose
/// content is not read, nobody looked for the tables that are asked for, or others have rules among its own. Settings that nobody looked at are taken to
/// be as asked for.
pub(super) fn state(observed: &Observed, asked: &NodeState) -> Option<NodeState> {
    let tables = observed.nftables.tables.iter().flatten();
    let unseen = observed.nftables.looked == Looked::Nowhere && asked.mode() == Mode::Nftables;
    let unread = unseen
        || observed.nftables.kube_proxy.iter().any(Option::is_some)
        || tables.into_iter().any(|found| !found.foreign.is_empty())
        || IpFamily::ALL
            .into_iter()
            .any(|family| has_strangers(observed.rules(family)));
    if unread {
        return None;
    }
    let proxy = match mode(observed, asked.mode()) {
        Mode::Ipvs => ProxyState::Ipvs(ipvs(observed)),
        Mode::Iptables => ProxyState::Iptables(iptables(observed)),
        Mode::Nftables => {
            let tables = observed.nftables.tables.iter().flatten();
            ProxyState::Nftables(tables.map(|found| found.table.clone()).collect())
        }
    };
    let sysctls = asked.sysctls.iter().map(|sysctl| Sysctl {
        key: sysctl.key,
        value: *observed.sysctl.get(&sysctl.key).unwrap_or(&sysctl.value),
    });
    Some(NodeState {
        modules: asked.modules.clone(),
        sysctls: sysctls.collect(),
        services: None,
        proxy,
    })
}

/// The mode that the node serves in, where it is the one that is asked for or shows by what is there.
fn mode(observed: &Observed, asked: Mode) -> Mode {
    if observed.shows(asked) {
        return asked;
    }
    observed.shown_mode().unwrap_or(asked)
}

fn ipvs(observed: &Observed) -> IpvsState {
    let mut virtual_servers = observed.ipvs.servers.clone();
    virtual_servers.sort_by_key(|server| server.key);
    let addresses = observed.dummy.addresses().iter();
    let sets = observed.ipset.sets.iter();
    IpvsState {
        timeouts: observed.timeouts,
        addresses: addresses.map(|one| (*one, Origins::new())).collect(),
        sets: sets
            .filter(|set| KubeSet::named(set.name.as_str()).is_some())
            .cloned()
            .collect(),
        rules: iptables(observed),
        virtual_servers,
    }
}

fn iptables(observed: &Observed) -> IptablesState {
    IptablesState {
        iptables: ruleset(observed.rules(IpFamily::V4)),
        ip6tables: ruleset(observed.rules(IpFamily::V6)),
    }
}

fn ruleset(saved: &Saved) -> Ruleset {
    let tables = TableName::ALL.into_iter();
    let tables = tables.filter_map(|name| Some(table(name, saved.table(name)?)));
    Ruleset {
        tables: tables.collect(),
    }
}

fn table(name: TableName, saved: &SavedTable) -> Table {
    let (mut chains, mut jumps) = (Vec::new(), Vec::new());
    for found in &saved.chains {
        let Some(chain) = ChainName::new(&found.name) else {
            continue;
        };
        let rules = found.rules.iter().filter_map(known);
        if kube_proxy::has_prefix(&found.name) {
            chains.push(Chain {
                name: chain,
                rules: rules.cloned().collect(),
            });
        } else if chain.is_builtin() {
            let leads = |rule: &&Rule| matches!(&rule.target, Target::Chain(target) if kube_proxy::has_prefix(target.as_str()));
            jumps.extend(rules.filter(leads).map(|rule| Jump {
                from: chain.clone(),
                rule: rule.clone(),
            }));
        }
    }
    chains.sort_by(|a, b| a.name.cmp(&b.name));
    Table {
        name,
        chains,
        jumps,
    }
}

/// Whether chains that kube-proxy alone fills have rules that it does not write: what these do is unknown.
fn has_strangers(saved: &Saved) -> bool {
    TableName::WITH_RULES.into_iter().any(|name| {
        let table = saved.table(name);
        let mut chains = table.iter().flat_map(|table| &table.chains);
        chains.any(|chain| {
            let own = kube_proxy::has_chain(name, &chain.name);
            own && chain.rules.iter().any(|rule| known(rule).is_none())
        })
    })
}

fn known(rule: &SavedRule) -> Option<&Rule> {
    match rule {
        SavedRule::Known(rule) => Some(rule),
        SavedRule::Foreign(_) => None,
    }
}
