//! Chains of mode iptables, rule by rule.

use serde_json::Value;

use super::{Case, Portolan, compare};
use crate::Complaints;
use crate::upstream::artefact::{self, Comments, Rule};
use crate::upstream::strings;

/// Chains that Services and endpoints have of their own.
const OWN: [&str; 5] = [
    "KUBE-SVC-",
    "KUBE-SVL-",
    "KUBE-EXT-",
    "KUBE-FW-",
    "KUBE-SEP-",
];

pub(super) fn check(case: &Case, want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let file = case.facts["artefact"]
        .as_str()
        .unwrap_or("iptables.restore");
    let chains = match portolan.artefact("iptables", file) {
        Ok(text) => artefact::iptables(&text),
        Err(refusal) => return vec![refusal],
    };
    let rules = |chain: &str| chains.get(chain).map_or(&[][..], Vec::as_slice);
    let mut complaints = Complaints::new();
    for (name, wanted) in want.as_object().unwrap() {
        let what = format!("iptables {}, {name}", portolan.version);
        complaints.extend(match name.as_str() {
            "endpoint-comments" => {
                let named = |prefix: &str| -> Vec<&Rule> {
                    let of_chains = chains.iter().filter(|(chain, _)| chain.starts_with(prefix));
                    of_chains.flat_map(|(_, rules)| rules).collect()
                };
                compare(
                    &what,
                    &comments(&named("nat KUBE-SEP-"), &named("nat KUBE-SVC-")),
                    wanted,
                )
            }
            "chains-nat" => {
                let ours: Vec<String> = chains
                    .keys()
                    .filter_map(|chain| chain.strip_prefix("nat "))
                    .filter(|chain| OWN.iter().any(|prefix| chain.starts_with(prefix)))
                    .map(str::to_owned)
                    .collect();
                let mut upstream = strings(Some(wanted));
                upstream.sort();
                compare(&what, &ours, &upstream)
            }
            chain => {
                let upstream = strings(Some(wanted));
                let says_comments = upstream
                    .iter()
                    .any(|rule| format!(" {rule}").contains(" c="));
                let comments = if says_comments {
                    Comments::Compared
                } else {
                    Comments::Ignored
                };
                let short = |rule: &Rule| artefact::short(rule, comments);
                let ours: Vec<String> = rules(chain).iter().map(short).collect();
                compare(&what, &ours, &upstream)
            }
        });
    }
    complaints
}

/// How many DNAT rules endpoints have, how many of these have a comment, and how many jumps to
/// endpoints have one.
fn comments(endpoints: &[&Rule], jumps: &[&Rule]) -> Value {
    let translating: Vec<_> = endpoints
        .iter()
        .filter(|rule| rule["j"] == "DNAT")
        .collect();
    let commented = translating
        .iter()
        .filter(|rule| rule.contains_key("comment"));
    let to_endpoints = jumps
        .iter()
        .filter(|rule| rule["j"].starts_with("KUBE-SEP-"));
    serde_json::json!({
        "rules": translating.len(),
        "commented": commented.count(),
        "jumps-commented": to_endpoints.filter(|rule| rule.contains_key("comment")).count(),
    })
}
