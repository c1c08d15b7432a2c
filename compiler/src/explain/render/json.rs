//! An explanation as one JSON document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::origin::Lines;
use super::{Page, sender};
use crate::escape;
use crate::explain::{Arrival, Effect, Fate, Hop, Source, StepId, Verdict};
use crate::source::Origins;

/// The explanation as JSON: the steps, each with the one before it, and the ends.
pub fn json(page: &Page<'_>) -> String {
    let explanation = page.explanation;
    let manifests = Lines::new(explanation, page.manifests);
    let mut used: BTreeMap<StepId, usize> = BTreeMap::new();
    for branch in &explanation.branches {
        used.extend(explanation.trace(branch).into_iter().map(|step| (step, 0)));
    }
    for (number, (_, index)) in used.iter_mut().enumerate() {
        *index = number;
    }
    let steps = used.keys().map(|step| {
        let before = explanation.steps[step.0].before;
        let mut value = hop(explanation.hop(*step), &manifests);
        value["before"] = before.map_or(Value::Null, |before| json!(used[&before]));
        value
    });
    let branches = explanation.branches.iter().map(|branch| {
        let assumptions = branch.assumptions.iter();
        let assumptions =
            assumptions.map(|(what, so)| json!({ "what": what.to_string(), "so": so }));
        let mut value = outcome(Fate::from(branch.verdict));
        if let Verdict::Reaches(endpoint, _) = branch.verdict {
            value["answerLost"] = json!(page.lost.contains(&endpoint));
        }
        value["permille"] = json!(branch.share.permille());
        value["returning"] = json!(branch.returning);
        value["assumptions"] = assumptions.collect();
        if let Some(step) = branch.last {
            value["last"] = json!(used[&step]);
        }
        if let Some(seconds) = branch.affinity {
            value["affinitySeconds"] = json!(seconds);
        }
        value
    });
    let from = match &explanation.flow.arrival {
        Arrival::Interface { from, .. } | Arrival::Node { from: Some(from) } => {
            json!(from.to_string())
        }
        Arrival::Node { from: None } => Value::Null,
    };
    escape::json(&json!({
        "format": "portolan-explanation",
        "formatVersion": "1.0",
        "node": page.node.as_str(),
        "mode": explanation.mode.as_str(),
        "from": from,
        "sender": sender(page),
        "to": explanation.flow.to.to_string(),
        "steps": steps.collect::<Value>(),
        "branches": branches.collect::<Value>(),
    }))
}

fn hop(hop: &Hop, manifests: &Lines<'_>) -> Value {
    let evidence = hop.evidence.iter().map(|one| {
        json!({
            "set": one.set,
            "entry": one.entry,
            "from": origins(&one.origins, manifests),
        })
    });
    let mut value = json!({
        "hook": hop.hook.lower(),
        "table": hop.place.table(),
        "what": hop.what,
        "evidence": evidence.collect::<Value>(),
        "effect": effect(&hop.effect),
        "from": origins(&hop.origins, manifests),
    });
    if let Some(chain) = hop.place.chain() {
        value["chain"] = json!(chain);
    }
    match &hop.effect {
        Effect::Enters(chain) => value["to"] = json!(chain),
        Effect::Remembers(seconds) => value["seconds"] = json!(seconds),
        Effect::SendsTo(endpoint) => value["to"] = json!(endpoint.to_string()),
        _ => {}
    }
    value
}

fn effect(effect: &Effect) -> &'static str {
    match effect {
        Effect::Enters(_) => "enters",
        Effect::Returns => "returns",
        Effect::Accepts => "accepts",
        Effect::Continues => "continues",
        Effect::Marks => "marks",
        Effect::Unmarks => "unmarks",
        Effect::SendsTo(_) => "sendsTo",
        Effect::Masquerades => "masquerades",
        Effect::Remembers(_) => "remembers",
        Effect::Drops => "drops",
        Effect::Rejects => "rejects",
    }
}

fn outcome(outcome: Fate) -> Value {
    let source = |source| match source {
        Source::Kept => "sender",
        Source::Masqueraded => "node",
    };
    match outcome {
        Fate::Reaches(endpoint, seen) => {
            json!({ "end": "endpoint", "endpoint": endpoint.to_string(), "sees": source(seen) })
        }
        Fate::Refused => json!({ "end": "refused" }),
        Fate::Silence => json!({ "end": "dropped" }),
        Fate::NodeItself => json!({ "end": "node" }),
        Fate::RoutedOn(seen) => json!({ "end": "routedOn", "sees": source(seen) }),
    }
}

fn origins(origins: &Origins, manifests: &Lines<'_>) -> Value {
    let lines = origins.iter().filter_map(|origin| manifests.get(*origin));
    let lines = lines.map(|line| {
        json!({ "file": line.file, "line": line.number, "object": line.object, "field": line.field })
    });
    lines.collect()
}
