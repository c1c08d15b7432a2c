//! Whether input is taken or refused, under which code, and what is in the result.

use serde_json::Value;

use super::{Case, Portolan, compare};
use crate::Complaints;
use crate::upstream::strings;

pub(super) fn check(case: &Case, want: &Value, portolan: &Portolan<'_>) -> Complaints {
    let mut complaints = Complaints::new();
    for mode in case.modes(&["iptables", "ipvs", "nftables"]) {
        let what = format!("{mode} {}", portolan.version);
        let own = (mode != "own").then_some(mode.as_str());
        let run = portolan.compile(own, case.facts["only"].as_str());
        let answer = match run.exit {
            0 => "accept".to_owned(),
            65 => "refuse".to_owned(),
            exit => format!("exit {exit}"),
        };
        if answer != *want {
            complaints.push(format!(
                "{what}: {answer}, upstream: {want}; {}",
                run.errors()
            ));
        } else if let Some(code) = case.facts["code"].as_str() {
            let codes: Vec<String> = run
                .findings()
                .into_iter()
                .map(|(_, code, _)| code)
                .collect();
            complaints.extend(compare(&what, &codes.iter().any(|c| c == code), &true));
        }
        for text in strings(case.facts["contains"].get(&mode)) {
            if !run.stdout.contains(&text) {
                complaints.push(format!("{what}: the result lacks {text:?}"));
            }
        }
        for text in strings(case.facts["lacks"].get(&mode)) {
            if run.stdout.contains(&text) {
                complaints.push(format!("{what}: the result has {text:?}"));
            }
        }
    }
    complaints
}
