//! Which endpoints policies Cluster and Local reach.

use serde_json::Value;

use super::{Case, Portolan, compare, flow};
use crate::Complaints;
use crate::upstream::{artefact, strings};

pub(super) fn check(case: &Case, want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let mut complaints = Complaints::new();
    for mode in case.modes(&["iptables", "ipvs", "nftables"]) {
        let found = match mode.as_str() {
            "iptables" => chains(want, portolan),
            "ipvs" => virtual_servers(want, portolan),
            _ => Ok(flows(want, portolan)),
        };
        complaints.extend(found.unwrap_or_else(|refusal| vec![refusal]));
    }
    complaints
}

fn sorted(value: Option<&Value>) -> Vec<String> {
    let mut list = strings(value);
    list.sort();
    list
}

/// Mode iptables: the endpoints behind `KUBE-SVC-…` and `KUBE-SVL-…`.
fn chains(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    let chains = artefact::iptables(&portolan.artefact("iptables", "iptables.restore")?);
    let destination = |chain: &str| {
        let rules = chains.get(&format!("nat {chain}"))?;
        rules
            .iter()
            .find_map(|rule| rule.get("to-destination").cloned())
    };
    let mut complaints = Complaints::new();
    for (policy, prefix) in [("cluster", "nat KUBE-SVC-"), ("local", "nat KUBE-SVL-")] {
        let of_policy = chains.iter().filter(|(chain, _)| chain.starts_with(prefix));
        let mut endpoints: Vec<String> = of_policy
            .flat_map(|(_, rules)| rules)
            .filter_map(|rule| rule.get("j").filter(|to| to.starts_with("KUBE-SEP-")))
            .filter_map(|to| destination(to))
            .collect();
        endpoints.sort();
        endpoints.dedup();
        let what = format!("iptables {}, policy {policy}", portolan.version);
        complaints.extend(compare(&what, &endpoints, &sorted(want.get(policy))));
    }
    Ok(complaints)
}

fn virtual_servers(want: &Value, portolan: &Portolan<'_>) -> Result<Complaints, String> {
    let mut servers = artefact::virtual_servers(&portolan.artefact("ipvs", "ipvs.rules")?);
    let wanted = want["ipvs"].as_object().into_iter().flatten();
    Ok(wanted
        .flat_map(|(key, endpoints)| {
            let ours = servers.remove(key).map(|server| server.destinations);
            let upstream = endpoints.is_array().then(|| sorted(Some(endpoints)));
            compare(
                &format!("ipvs {}, {key}", portolan.version),
                &ours,
                &upstream,
            )
        })
        .collect())
}

/// Mode nftables by its packets: `from>to` and the endpoints that these reach.
fn flows(want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let wanted = want["nft"].as_object().into_iter().flatten();
    wanted
        .flat_map(|(flow, fate)| {
            let (from, to) = flow.split_once('>').unwrap();
            flow::compare_fate(portolan, "nftables", from, to, fate, None)
        })
        .collect()
}
