//! Mode ipvs: virtual servers, sets and the chains around them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Portolan, compare};
use crate::Complaints;
use crate::upstream::artefact::{self, Rule};
use crate::upstream::strings;

pub(super) fn check(want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let checks = [servers, sets, chains, addresses];
    let found = checks.iter().map(|check| check(want, portolan));
    found
        .flat_map(|found| found.unwrap_or_else(|refusal| vec![refusal]))
        .collect()
}

/// The fields of an object, if it is there.
fn fields<'a>(want: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    want[key].as_object().into_iter().flatten()
}

fn sorted(value: &Value) -> Vec<String> {
    let mut list = strings(Some(value));
    list.sort();
    list
}

fn servers(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    let what = format!("ipvs {}", portolan.version);
    let servers = artefact::virtual_servers(&portolan.artefact("ipvs", "ipvs.rules")?);
    let mut complaints = Complaints::new();
    if want.get("servers").is_some() {
        let upstream: BTreeMap<&str, Vec<String>> = fields(want, "servers")
            .map(|(key, destinations)| (key.as_str(), sorted(destinations)))
            .collect();
        let only_some = want["subset"] == true;
        let ours: BTreeMap<&str, Vec<String>> = servers
            .iter()
            .filter(|(key, _)| !only_some || upstream.contains_key(key.as_str()))
            .map(|(key, server)| (key.as_str(), server.destinations.clone()))
            .collect();
        complaints.extend(compare(&what, &ours, &upstream));
    }
    for (key, flags) in fields(want, "flags") {
        let options = servers.get(key).map_or("", |server| &server.options);
        if !options.contains(flags.as_str().unwrap()) {
            complaints.push(format!("{what}: {key} has {options:?}, upstream {flags}"));
        }
    }
    Ok(complaints)
}

fn sets(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    if want.get("sets").is_none() {
        return Ok(Complaints::new());
    }
    let mut sets = artefact::sets(&portolan.artefact("ipvs", "ipset.restore")?);
    Ok(fields(want, "sets")
        .flat_map(|(name, entries)| {
            let ours = sets.remove(name).unwrap_or_default();
            compare(
                &format!("ipvs {}, set {name}", portolan.version),
                &ours,
                &sorted(entries),
            )
        })
        .collect())
}

fn chains(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    let mut complaints = Complaints::new();
    for (key, file) in [
        ("chains", "iptables.restore"),
        ("chains6", "ip6tables.restore"),
    ] {
        if want.get(key).is_none() {
            continue;
        }
        let chains = artefact::iptables(&portolan.artefact("ipvs", file)?);
        for (chain, rules) in fields(want, key) {
            let ours: Vec<String> = chains
                .get(chain)
                .into_iter()
                .flatten()
                .map(target)
                .collect();
            let what = format!("ipvs {}, {chain}", portolan.version);
            complaints.extend(compare(&what, &ours, &strings(Some(rules))));
        }
    }
    Ok(complaints)
}

/// `TARGET [SET] [-s SENDER]`.
fn target(rule: &Rule) -> String {
    let set = rule.get("sets").and_then(|sets| sets.split(' ').next());
    let set = set.map(|set| format!(" {set}")).unwrap_or_default();
    let sender = rule
        .get("s")
        .map(|from| format!(" -s {from}"))
        .unwrap_or_default();
    format!("{}{set}{sender}", rule["j"])
}

fn addresses(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    let wanted = strings(want.get("addresses"));
    if wanted.is_empty() {
        return Ok(Complaints::new());
    }
    let addresses = portolan.artefact("ipvs", "addresses")?;
    let missing = wanted.iter().filter(|text| !addresses.contains(*text));
    Ok(missing
        .map(|text| format!("ipvs: addresses lack {text:?}"))
        .collect())
}
