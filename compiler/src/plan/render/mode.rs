//! A change of the mode in a sentence: what stays served, and whose connections end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Heading, Page};
use crate::diag::some;
use crate::english::{agree, count};
use crate::model::Protocol;
use crate::plan::{Frontends, Interruption, ModeChange};

/// Connections of a protocol that a plan ends.
#[derive(Debug, Default)]
struct Ending {
    /// Those that were counted.
    counted: u64,
    /// Whether there may be others.
    uncounted: bool,
    /// Whose they are.
    of: BTreeSet<Heading>,
}

fn endings(page: &Page<'_>) -> BTreeMap<Protocol, Ending> {
    let mut endings: BTreeMap<Protocol, Ending> = BTreeMap::new();
    for step in &page.plan.steps {
        let Interruption::Connections { protocol, count } = step.interruption else {
            continue;
        };
        if count == Some(0) {
            continue;
        }
        let ending = endings.entry(protocol).or_default();
        match count {
            Some(count) => ending.counted += count,
            None => ending.uncounted = true,
        }
        ending.of.insert(page.services.heading(step));
    }
    endings
}

/// `ipvs -> nftables: 17 frontends stay served; 4 open TCP connections end (shop/front)`, as text that is not
/// escaped; `None` where the mode stays.
pub(super) fn sentence(page: &Page<'_>) -> Option<String> {
    let ModeChange {
        from,
        to,
        frontends,
    } = page.plan.mode_change?;
    let endings = endings(page);
    let mut parts = vec![served(frontends)];
    parts.extend(
        endings
            .iter()
            .map(|(protocol, ending)| said(*protocol, ending)),
    );
    if endings.is_empty() {
        parts.push("no connection ends".to_owned());
    }
    let (from, to) = (from.as_str(), to.as_str());
    Some(format!("{from} -> {to}: {}", parts.join("; ")))
}

fn served(frontends: Frontends) -> String {
    let Frontends {
        kept,
        stopped,
        started,
    } = frontends;
    let mut parts = vec![format!(
        "{} {} served",
        count(kept, "frontend"),
        agree(kept, "stays", "stay")
    )];
    if stopped > 0 {
        parts.push(format!(
            "{stopped} {} served no more",
            agree(stopped, "is", "are")
        ));
    }
    if let Some(started @ 1..) = started {
        parts.push(format!("{started} {} new", agree(started, "is", "are")));
    }
    parts.join(", ")
}

fn said(protocol: Protocol, ending: &Ending) -> String {
    let of = some(ending.of.iter().map(ToString::to_string));
    match (ending.counted, ending.uncounted) {
        (0, _) => format!("open {protocol} connections end, how many is not known ({of})"),
        (1, false) => format!("1 open {protocol} connection ends ({of})"),
        (many, false) => format!("{many} open {protocol} connections end ({of})"),
        (many, true) => format!(
            "{many} open {protocol} connections end, and others that were not counted ({of})"
        ),
    }
}

/// The same for machines.
pub(in crate::plan) fn value(page: &Page<'_>) -> Option<Value> {
    let change = page.plan.mode_change?;
    let ends: Vec<Value> = endings(page)
        .iter()
        .map(|(protocol, ending)| {
            let of: Vec<String> = ending.of.iter().map(ToString::to_string).collect();
            json!({
                "connections": (!ending.uncounted).then_some(ending.counted),
                "of": of,
                "protocol": protocol.as_str(),
            })
        })
        .collect();
    Some(json!({
        "ends": ends,
        "from": change.from.as_str(),
        "frontends": {
            "kept": change.frontends.kept,
            "started": change.frontends.started,
            "stopped": change.frontends.stopped,
        },
        "to": change.to.as_str(),
    }))
}
