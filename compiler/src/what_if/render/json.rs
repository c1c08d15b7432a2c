//! What becomes of Services, as one JSON document.

use serde_json::{Map, Value, json};

use crate::diff::PortLabel;
use crate::diff::render::{Compared, service_document};
use crate::diff::service::ServiceDiff;
use crate::escape;
use crate::model::name::{NodeName, Zone};
use crate::what_if::impact::Scope;
use crate::what_if::{
    Counts, Fallback, Impact, LocalLoss, Loss, PortShares, Question, Row, Rows, Share, Unit,
};

/// The document of a difference, with `whatIf` in it.
pub fn json(
    diff: &ServiceDiff,
    sides: &Compared,
    question: &Question,
    counts: &Counts,
    impact: &Impact,
) -> String {
    let mut document = service_document(diff, sides);
    let scaled = question.scaled.iter();
    let scaled = scaled
        .map(|(target, number)| json!({ "workload": target.to_string(), "replicas": number }));
    let mut asked = impact_value(impact);
    asked.insert(
        "question".to_owned(),
        json!({
            "drained": names(question.drained.iter()),
            "lost": names(question.lost.iter()),
            "scaled": scaled.collect::<Value>(),
            "reschedule": question.evicted == crate::what_if::Evicted::Placed,
        }),
    );
    asked.insert("counts".to_owned(), counts_value(counts));
    let shares = impact.shares.iter().map(shares_value);
    asked.insert("shares".to_owned(), shares.collect());
    document.insert("whatIf".to_owned(), asked.into());
    escape::json(&Value::Object(document))
}

/// A row for each unit.
pub fn each_json(rows: &Rows, input: &str, notes: &[String]) -> String {
    let all = rows.rows.iter().map(row_value);
    let document = json!({
        "format": "portolan-what-if",
        "formatVersion": "1.0",
        "input": input,
        "each": rows.of.noun(),
        "happens": rows.happens.as_str(),
        "rows": all.collect::<Value>(),
        "withoutZone": names(rows.without_zone.iter()),
        "notes": notes,
    });
    escape::json(&document)
}

fn row_value(row: &Row) -> Value {
    let mut value = impact_value(&row.impact);
    match &row.unit {
        Unit::Node(name, zone) => {
            value.insert("node".to_owned(), json!(name.as_str()));
            let zone = zone.as_ref().map(Zone::as_str);
            value.insert("zone".to_owned(), json!(zone));
        }
        Unit::Zone(name, nodes) => {
            value.insert("zone".to_owned(), json!(name.as_str()));
            value.insert("nodes".to_owned(), names(nodes.iter()));
        }
    }
    value.insert("counts".to_owned(), counts_value(&row.counts));
    Value::Object(value)
}

fn impact_value(impact: &Impact) -> Map<String, Value> {
    let lost = impact.lost.iter().map(|(service, loss)| {
        let mut value = json!({ "service": service.to_string() });
        if let Loss::Ports(ports) = loss {
            value["ports"] = ports.iter().map(port).collect();
        }
        value
    });
    let local = impact.local.iter().map(|(service, loss)| {
        let LocalLoss {
            outside,
            left,
            inside,
        } = loss;
        json!({
            "service": service.to_string(),
            "outside": names(outside.iter()),
            "stillAnswering": names(left.iter()),
            "inside": names(inside.iter()),
        })
    });
    let withdrawn = impact.withdrawn.iter().map(|(service, withdrawal)| {
        json!({
            "service": service.to_string(),
            "nodes": names(withdrawal.nodes.iter()),
            "stillAnswering": names(withdrawal.left.iter()),
        })
    });
    let hints = impact.fallbacks.iter().map(|(service, fallbacks)| {
        let fallbacks = fallbacks.iter().map(fallback);
        json!({ "service": service.to_string(), "fallbacks": fallbacks.collect::<Value>() })
    });
    let surge = impact.surge.as_ref().map(|surge| {
        json!({
            "service": surge.service.to_string(),
            "port": port(&surge.port),
            "endpoint": surge.endpoint.to_string(),
            "before": number(surge.before),
            "after": number(surge.after),
            "times": number(surge.times),
        })
    });
    let mut value = Map::new();
    value.insert("lostServices".to_owned(), lost.collect());
    value.insert("lostLocal".to_owned(), local.collect());
    value.insert("localWithNode".to_owned(), withdrawn.collect());
    value.insert("lostHints".to_owned(), hints.collect());
    value.insert("busiest".to_owned(), json!(surge));
    value
}

fn fallback(fallback: &Fallback) -> Value {
    let scope = |scope| match scope {
        Scope::Node => "node",
        Scope::Zone => "zone",
        Scope::Everywhere => "everywhere",
    };
    json!({
        "zone": fallback.zone.as_ref().map(Zone::as_str),
        "nodes": fallback.nodes,
        "from": scope(fallback.from),
        "to": scope(fallback.to),
    })
}

fn shares_value(shares: &PortShares) -> Value {
    let zone = |zone: &Option<_>| json!(zone.as_ref().map(Zone::as_str));
    let node = |node: &Option<NodeName>| json!(node.as_ref().map(NodeName::as_str));
    json!({
        "service": shares.service.to_string(),
        "port": port(&shares.port),
        "zones": each(&shares.zones, "zone", zone),
        "nodes": each(&shares.nodes, "node", node),
        "endpoints": each(&shares.endpoints, "endpoint", |one| json!(one.to_string())),
        "unanswered": {
            "before": shares.unanswered.before.map(number),
            "after": shares.unanswered.after.map(number),
        },
    })
}

fn each<Of>(shares: &[Share<Of>], key: &str, name: impl Fn(&Of) -> Value) -> Value {
    let shares = shares.iter().map(|share| {
        let mut value = json!({
            "before": share.before.map(number),
            "after": share.after.map(number),
        });
        value[key] = name(&share.of);
        value
    });
    shares.collect()
}

fn counts_value(counts: &Counts) -> Value {
    json!({
        "endpoints": counts.endpoints,
        "endpointsWithoutPod": counts.alone,
        "endpointsInVain": counts.vain,
        "podsLeaving": counts.leaving,
        "podsGone": counts.gone,
        "podsMoved": counts.moved,
        "podsUnplaced": counts.unplaced,
        "podsStaying": counts.stay,
        "podsRemoved": counts.removed,
        "podsAdded": counts.added,
    })
}

fn port(label: &PortLabel) -> Value {
    json!({
        "name": label.name,
        "number": label.number,
        "protocol": label.protocol.as_str(),
        "family": label.family.to_string(),
    })
}

fn names<'n>(all: impl Iterator<Item = &'n NodeName>) -> Value {
    all.map(|name| Value::from(name.as_str())).collect()
}

/// As many digits as say something.
fn number(share: f64) -> f64 {
    (share * 1_000_000.0).round() / 1_000_000.0
}
