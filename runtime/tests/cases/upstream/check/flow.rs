//! What becomes of a packet.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Case, Portolan, compare};
use crate::Complaints;

pub(super) fn check(case: &Case, want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let mut complaints = Complaints::new();
    for mode in case.modes(&["iptables"]) {
        let own = &want["per"][&mode];
        let fact = |key: &str| own.get(key).unwrap_or(&want[key]);
        let (from, to) = (want["from"].as_str().unwrap(), want["to"].as_str().unwrap());
        let masquerade = fact("masq").as_bool();
        complaints.extend(compare_fate(
            portolan,
            &mode,
            from,
            to,
            fact("expect"),
            masquerade,
        ));
    }
    complaints
}

/// Compares a packet's fate with upstream's: endpoints, `REJECT`, `DROP`, or `ACCEPT` and nothing for a
/// packet that no rule of Services is about.
pub(super) fn compare_fate(
    portolan: &Portolan<'_>,
    mode: &str,
    from: &str,
    to: &str,
    expected: &Value,
    masquerade: Option<bool>,
) -> Complaints {
    let what = format!("{mode} {}: {from} to {to}", portolan.version);
    let explanation = match portolan.explain(mode, from, to) {
        Ok(explanation) => explanation,
        Err(refusal) => return vec![format!("{what}: {refusal}")],
    };
    let branches = explanation["branches"].as_array().unwrap();
    let ends: BTreeSet<&str> = branches
        .iter()
        .map(|branch| match branch["end"].as_str().unwrap() {
            "endpoint" => branch["endpoint"].as_str().unwrap(),
            "refused" => "REJECT",
            "dropped" => "DROP",
            _ => "",
        })
        .collect();
    let expected = expected.as_str().unwrap();
    let wanted: BTreeSet<&str> = match expected {
        "ACCEPT" | "" => BTreeSet::from([""]),
        list => list.split(',').map(str::trim).collect(),
    };
    let mut complaints = compare(&what, &ends, &wanted);
    let reaches_endpoint = !["REJECT", "DROP", "ACCEPT", ""].contains(&expected);
    if let Some(masquerade) = masquerade.filter(|_| complaints.is_empty() && reaches_endpoint) {
        let sees: BTreeSet<&str> = branches.iter().filter_map(|b| b["sees"].as_str()).collect();
        let wanted = BTreeSet::from([if masquerade { "node" } else { "sender" }]);
        complaints = compare(&format!("{what}, whose address is seen"), &sees, &wanted);
    }
    complaints
}
