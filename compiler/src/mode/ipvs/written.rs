//! Whether mode ipvs can have written a state.

use std::collections::BTreeSet;

use super::lower::{OutFilter, Writer, frames, modules, out_filter, sysctls};
use super::modules::scheduler_module;
use super::options::Options;
use super::sets::KubeSet;
use crate::bundle::ArtefactKind;
use crate::ir::MasqueradeAll;
use crate::kernel::dummy::INTERFACE;
use crate::kernel::ipset::{Entry, Set, SetHeader};
use crate::kernel::iptables::{Match, Rule, TableName};
use crate::kernel::ipvs::{self, Persistence};
use crate::kernel::text::{KeepOrigins, Text};
use crate::mode::kube_chain::KubeChain;
use crate::mode::masquerade::{CURRENT_IPTABLES, Masquerade};
use crate::mode::written::{NotWritten, Rules, Stranger, same_lines};
use crate::mode::{IpvsState, NodeState};
use crate::model::config::StrictArp;
use crate::model::{IpFamily, Release, Scheduler, TransportAddress};

/// Finds the first line that the mode cannot have written.
pub(in crate::mode) fn written(state: &NodeState, own: &IpvsState) -> Result<(), Box<Stranger>> {
    settings(state)?;
    addresses(own)?;
    sets(own)?;
    servers(own, scheduler_of(state, own))?;
    let mut out_filters = OutFilter::Empty;
    for family in IpFamily::ALL {
        if rules(state, own, family)? == OutFilter::Used {
            out_filters = OutFilter::Used;
        }
    }
    names_of_modules(state, own, out_filters)
}

/// On old kernels and new ones, with strict ARP and without.
fn settings(state: &NodeState) -> Result<(), Box<Stranger>> {
    let lines =
        |sysctls: &[_]| -> Vec<String> { sysctls.iter().map(ToString::to_string).collect() };
    let found = lines(&state.sysctls);
    let kernels = [(6, 1), (5, 4)].into_iter();
    let settings = kernels.flat_map(|(major, minor)| {
        [StrictArp::No, StrictArp::Yes].map(|strict_arp| {
            let kernel = Release {
                major,
                minor,
                patch: 0,
            };
            lines(&sysctls(&Options {
                strict_arp,
                kernel,
                ..any(Scheduler::Rr)
            }))
        })
    });
    let likeness = |own: &Vec<String>| own.iter().zip(&found).take_while(|(a, b)| a == b).count();
    let nearest = settings.max_by_key(|own| (*own == found, likeness(own)));
    same_lines(ArtefactKind::Sysctl, &found, &nearest.unwrap_or_default())
}

fn any(scheduler: Scheduler) -> Options {
    Options {
        scheduler,
        timeouts: None,
        strict_arp: StrictArp::No,
        kernel: Options::KERNEL,
        iptables: CURRENT_IPTABLES,
    }
}

/// Each once.
fn addresses(own: &IpvsState) -> Result<(), Box<Stranger>> {
    let mut pairs = own.addresses.windows(2);
    let twice = pairs.find_map(|pair| match pair {
        [(one, _), (other, _)] if one == other => Some(one),
        _ => None,
    });
    twice.map_or(Ok(()), |address| {
        let prefix = IpFamily::of(*address).host_prefix();
        let line = format!("address add {address}/{prefix} dev {INTERFACE}");
        let problem = NotWritten::Form("each address once");
        Err(Box::new(Stranger::line(
            ArtefactKind::Addresses,
            line,
            problem,
        )))
    })
}

/// All sets of both families, with kube-proxy's headers; what is bound is in KUBE-IPVS-IPS.
fn sets(own: &IpvsState) -> Result<(), Box<Stranger>> {
    let headers = IpFamily::ALL.into_iter().flat_map(|family| {
        KubeSet::ALL.map(|set| {
            let header = SetHeader::kube_proxy(set.set_type(), family);
            format!("create {} {header}", set.name(family))
        })
    });
    let found = own.sets.iter();
    let found = found.map(|set| format!("create {} {}", set.name, set.header));
    same_lines(
        ArtefactKind::Ipset,
        &found.collect::<Vec<_>>(),
        &headers.collect::<Vec<_>>(),
    )?;
    let bound = own.sets.iter().filter(|set| {
        let name = set.name.as_str();
        KubeSet::named(name) == Some(KubeSet::IpvsIps)
    });
    let is_bound = |entry: &Entry| {
        let has = |address| own.addresses.iter().any(|(own, _)| own == address);
        matches!(entry, Entry::Ip(address) if has(address))
    };
    for Set { name, entries, .. } in bound {
        if let Some((entry, _)) = entries.iter().find(|(entry, _)| !is_bound(entry)) {
            let line = format!("add {name} {entry}");
            let problem = NotWritten::Form("addresses of kube-ipvs0");
            return Err(Box::new(Stranger::line(ArtefactKind::Ipset, line, problem)));
        }
    }
    Ok(())
}

/// The scheduler of all virtual servers: the one whose module is loaded, or else the first one's.
fn scheduler_of(state: &NodeState, own: &IpvsState) -> Option<Scheduler> {
    let mut all = Scheduler::ALL.into_iter();
    let loaded = all.find(|one| state.modules.contains(&scheduler_module(*one)));
    loaded.or_else(|| Some(own.virtual_servers.first()?.scheduler))
}

/// All of one scheduler; a weight of 0 is given to what goes, and never asked for.
fn servers(own: &IpvsState, scheduler: Option<Scheduler>) -> Result<(), Box<Stranger>> {
    for server in &own.virtual_servers {
        let refused = |wanted: &dyn Fn(&str) -> bool, form| {
            let mut text = Text::new(KeepOrigins::No);
            ipvs::write(std::slice::from_ref(server), &mut text);
            let (text, _) = text.finish();
            let line = text.lines().find(|line| wanted(line)).unwrap_or_default();
            let problem = NotWritten::Form(form);
            Err(Box::new(Stranger::line(
                ArtefactKind::IpvsRules,
                line,
                problem,
            )))
        };
        if Some(server.scheduler) != scheduler {
            return refused(&|_| true, "the scheduler whose module it loads");
        }
        if !is_affinity(server.persistence) {
            return refused(&|_| true, "a persistence of 1 to 86400 seconds");
        }
        if let Some(odd) = server.destinations.iter().find(|one| one.weight != 1) {
            let weight = format!(" -w {}", odd.weight);
            return refused(&|line| line.ends_with(&weight), "destinations of weight 1");
        }
    }
    Ok(())
}

fn is_affinity(persistence: Persistence) -> bool {
    match persistence {
        Persistence::None => true,
        Persistence::Timeout(seconds) => (1..=86_400).contains(&seconds),
    }
}

/// The rules are those that go with the sets; tells whether any is about connections of the node.
fn rules(state: &NodeState, own: &IpvsState, family: IpFamily) -> Result<OutFilter, Box<Stranger>> {
    let found = Rules {
        family,
        ruleset: state.rules(family),
    };
    found.frame(&frames(), |_, _| false)?;
    let (nat, filter) = (TableName::Nat, TableName::Filter);
    let chain = |table, chain: KubeChain| found.chain(table, &chain.into());
    let out_filters = chain(filter, KubeChain::IpvsOutFilter);
    let keys: Vec<TransportAddress> = out_filters.iter().filter_map(blocked).collect();
    let local = state.local_traffic(family);
    let mut writer = Writer {
        family,
        masquerade: Masquerade::read_off(
            chain(nat, KubeChain::MarkMasq),
            chain(nat, KubeChain::Postrouting),
        ),
        all: MasqueradeAll::Yes,
        local: &local,
        used: used(&own.sets, family),
        blocked: keys.into_iter().map(out_filter).collect(),
    };
    let everything = writer.cluster_ip();
    if !chain(nat, KubeChain::Services).contains(&everything) {
        writer.all = MasqueradeAll::No;
    }
    for table in writer.ruleset().tables {
        for chain in &table.chains {
            found.same(table.name, &chain.name, &chain.rules)?;
        }
    }
    Ok(if out_filters.is_empty() {
        OutFilter::Empty
    } else {
        OutFilter::Used
    })
}

fn used(sets: &[Set], family: IpFamily) -> BTreeSet<KubeSet> {
    let filled = sets.iter().filter(|set| !set.entries.is_empty());
    let names = filled.map(|set| set.name.as_str());
    let of_family = names.filter(|name| KubeSet::family(name) == Some(family));
    of_family.filter_map(KubeSet::named).collect()
}

/// The virtual server that a rule of KUBE-IPVS-OUT-FILTER is about.
fn blocked(rule: &Rule) -> Option<TransportAddress> {
    rule.matches.iter().find_map(|part| match part {
        Match::VirtualServer {
            address,
            protocol,
            port,
        } => Some(TransportAddress {
            protocol: *protocol,
            address: *address,
            port: *port,
        }),
        _ => None,
    })
}

/// Those of some scheduler.
fn names_of_modules(
    state: &NodeState,
    own: &IpvsState,
    out_filter: OutFilter,
) -> Result<(), Box<Stranger>> {
    if state.modules.is_empty() {
        return Ok(());
    }
    let scheduler = scheduler_of(state, own).unwrap_or(Scheduler::Rr);
    let lines = |names: &[&str]| -> Vec<String> { names.iter().map(ToString::to_string).collect() };
    same_lines(
        ArtefactKind::ModulesLoad,
        &lines(&state.modules),
        &lines(&modules(&any(scheduler), out_filter)),
    )
}
