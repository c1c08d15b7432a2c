//! A difference as one JSON document.

use serde_json::{Map, Value, json};

use super::outline::{Compared, half_served, modes};
use super::treatment;
use super::words::affinity;
use crate::diff::kernel::{KernelDiff, ObjectChange, ObjectOp};
use crate::diff::service::{At, Cause, Change, Facet, Fate, ServiceDiff};
use crate::diff::treatment::{Met, Source, Treatment};
use crate::diff::{Gathered, Listener, ListenerKind, Owner, PortLabel, SourceRanges, Subject};
use crate::escape;
use crate::model::IpFamily;

/// What changes for the users of Services.
pub fn service_json(diff: &ServiceDiff, sides: &Compared) -> String {
    escape::json(&Value::Object(service_document(diff, sides)))
}

/// The same, for who has more to say.
pub(crate) fn service_document(diff: &ServiceDiff, sides: &Compared) -> Map<String, Value> {
    let subjects = |subjects: &mut dyn Iterator<Item = &Subject>| -> Value {
        subjects
            .map(|subject| Value::from(subject.to_string()))
            .collect()
    };
    let totals = &diff.totals;
    let mut document = head(&diff.gathered, "service", sides);
    let notes = sides.notes.iter().cloned().chain(half_served(diff));
    let notes = notes.chain(modes(diff.modes));
    put_notes(&mut document, notes);
    if let Some(shown) = &sides.shown {
        document.insert("shown".to_owned(), shown.to_json());
    }
    let remarks = sides.of_services.iter();
    let remarks: Vec<Value> = remarks
        .map(|(subject, said)| json!({ "service": subject.to_string(), "remarks": said }))
        .collect();
    if !remarks.is_empty() {
        document.insert("remarks".to_owned(), remarks.into());
    }
    let services = json!({
        "come": subjects(&mut totals.come()),
        "go": subjects(&mut totals.go()),
        "change": subjects(&mut totals.change()),
        "untouched": totals.untouched(),
    });
    document.insert("services".to_owned(), services);
    if !totals.is_whole() {
        let unread = subjects(&mut totals.unread());
        document.insert("notCompared".to_owned(), unread);
    }
    let changes = diff.gathered.iter().flat_map(|(owner, groups)| {
        groups.into_iter().map(|group| {
            let mut value = owned(owner);
            value.insert("nodes".to_owned(), nodes(&diff.gathered, group.nodes));
            let changes: Value = group.changes.iter().map(|one| change(one)).collect();
            value.insert("changes".to_owned(), changes);
            Value::Object(value)
        })
    });
    document.insert("differences".to_owned(), changes.collect());
    if diff.beneath.objects > 0 {
        let beneath =
            json!({ "differences": diff.beneath.objects, "drift": diff.beneath.is_drift() });
        document.insert("kernel".to_owned(), beneath);
    }
    let releases = diff.releases.iter().flat_map(|(about, groups)| {
        groups.into_iter().flat_map(move |group| {
            let nodes = nodes(&diff.releases, group.nodes);
            group.changes.into_iter().map(move |change| {
                json!({
                    "about": about.words(),
                    "nodes": nodes,
                    "from": change.from,
                    "to": change.to,
                })
            })
        })
    });
    let releases: Value = releases.collect();
    if releases.as_array().is_some_and(|list| !list.is_empty()) {
        document.insert("kubeProxy".to_owned(), releases);
    }
    document
}

/// Object by object.
pub fn kernel_json(diff: &KernelDiff, sides: &Compared) -> String {
    let mut document = head(&diff.gathered, "kernel", sides);
    put_notes(&mut document, sides.notes.iter().cloned());
    let changes = diff.gathered.iter().flat_map(|((part, within), groups)| {
        groups.into_iter().map(move |group| {
            json!({
                "part": part.to_string(),
                "of": within,
                "nodes": nodes(&diff.gathered, group.nodes),
                "changes": group.changes.iter().map(|change| object(change)).collect::<Value>(),
            })
        })
    });
    document.insert("differences".to_owned(), changes.collect());
    escape::json(&Value::Object(document))
}

/// Files as text: names, and their unified diffs.
pub fn unified_json(files: &[(String, String)], sides: &Compared) -> String {
    let files = files.iter();
    let mut document = json!({
        "format": "portolan-diff",
        "formatVersion": "1.0",
        "view": "unified",
        "old": sides.old,
        "new": sides.new,
        "files": files.map(|(name, diff)| json!({ "name": name, "diff": diff })).collect::<Value>(),
    });
    if let Some(document) = document.as_object_mut() {
        put_notes(document, sides.notes.iter().cloned());
    }
    escape::json(&document)
}

fn put_notes(document: &mut Map<String, Value>, notes: impl Iterator<Item = String>) {
    let notes: Vec<Value> = notes.map(Value::from).collect();
    if !notes.is_empty() {
        document.insert("notes".to_owned(), notes.into());
    }
}

fn head<Key: Ord, Of: Ord>(
    gathered: &Gathered<Key, Of>,
    view: &str,
    sides: &Compared,
) -> Map<String, Value> {
    let names = |names: &[crate::model::name::NodeName]| -> Value {
        names
            .iter()
            .map(|name| Value::from(name.as_str()))
            .collect()
    };
    let Value::Object(document) = json!({
        "format": "portolan-diff",
        "formatVersion": "1.0",
        "view": view,
        "old": sides.old,
        "new": sides.new,
        "nodes": {
            "compared": names(&gathered.nodes),
            "new": names(&gathered.nodes_new),
            "gone": names(&gathered.nodes_gone),
        },
    }) else {
        return Map::new();
    };
    document
}

fn nodes<Key: Ord, Of: Ord>(gathered: &Gathered<Key, Of>, nodes: &[usize]) -> Value {
    let names = nodes.iter().map(|node| gathered.nodes[*node].as_str());
    names.map(Value::from).collect()
}

fn owned(owner: &Owner) -> Map<String, Value> {
    let mut value = Map::new();
    match &owner.subject {
        Subject::Everything => {}
        Subject::Service(name) => drop(value.insert("service".to_owned(), json!(name))),
        Subject::Address(address) => {
            value.insert("address".to_owned(), json!(address.to_string()));
        }
        Subject::Port(port) => drop(value.insert("nodePort".to_owned(), json!(port))),
    }
    if owner.port.number > 0 {
        value.insert("port".to_owned(), port(&owner.port));
    }
    value
}

fn port(port: &PortLabel) -> Value {
    json!({
        "name": port.name,
        "number": port.number,
        "protocol": port.protocol.as_str(),
        "family": match port.family {
            IpFamily::V4 => "IPv4",
            IpFamily::V6 => "IPv6",
        },
    })
}

fn change(change: &Change) -> Value {
    let mut value = facet(&change.facet);
    if let (At::Some(listeners), Some(value)) = (&change.at, value.as_object_mut()) {
        let listeners = listeners
            .iter()
            .map(|(listener, kinds)| listened(*listener, kinds));
        value.insert("at".to_owned(), listeners.collect());
    }
    value
}

fn listened(listener: Listener, of: &[ListenerKind]) -> Value {
    match listener {
        Listener::Address(key) => json!({
            "address": key.address.to_string(),
            "port": key.port.get(),
            "kinds": kinds(of),
        }),
        Listener::NodePort(_, _, port) => json!({ "port": port.get(), "kinds": kinds(of) }),
        Listener::HealthCheck(port) => json!({ "port": port }),
    }
}

/// All that a client may meet.
fn met(treatment: &Treatment) -> Value {
    let met = treatment.iter().map(|met| {
        let mut value = json!({ "meets": treatment::word(met) });
        if let Met::Answer { by, sees } = met {
            let by = by.iter().map(|one| treatment::whereabouts_word(*one));
            value["by"] = by.collect();
            value["sees"] = json!(match sees {
                Source::Kept => "client",
                Source::Masqueraded => "node",
            });
        }
        value
    });
    met.collect()
}

fn facet(facet: &Facet) -> Value {
    match facet {
        Facet::Declared(declared) => json!({
            "what": "declared",
            "about": declared.aspect.as_str(),
            "from": declared.from,
            "to": declared.to,
        }),
        Facet::Owner { from } => json!({ "what": "owner", "from": owned(from) }),
        Facet::Reachable {
            fate,
            endpoints,
            sources,
            by,
        } => {
            let mut value = json!({
                "what": match fate {
                    Fate::Comes => "reachable",
                    Fate::Goes => "unreachable",
                },
                "endpoints": texts(endpoints),
                "sources": ranges(sources),
            });
            if *by == Cause::Address {
                value["by"] = json!("addressOfKubeIpvs0");
            }
            value
        }
        Facet::HealthCheck(fate) => json!({
            "what": match fate {
                Fate::Comes => "healthCheckAdded",
                Fate::Goes => "healthCheckRemoved",
            },
        }),
        Facet::Kinds { from, to } => {
            json!({ "what": "kind", "from": kinds(from), "to": kinds(to) })
        }
        Facet::Addresses { gained, lost } => {
            json!({ "what": "nodeAddresses", "gained": texts(gained), "lost": texts(lost) })
        }
        Facet::Sources { from, to } => {
            json!({ "what": "sources", "from": ranges(from), "to": ranges(to) })
        }
        Facet::Endpoints {
            gained,
            lost,
            before,
        } => json!({
            "what": "endpoints",
            "gained": texts(gained),
            "lost": texts(lost),
            "before": before,
            "after": before + gained.len() - lost.len(),
        }),
        Facet::Treatment {
            clients, from, to, ..
        } => {
            let clients = clients.iter().map(|client| treatment::client_word(*client));
            json!({
                "what": "treatment",
                "clients": clients.collect::<Vec<_>>(),
                "from": met(from),
                "to": met(to),
            })
        }
        Facet::Weights(weights) => {
            let weights = weights.iter().map(|(socket, from, to)| {
                json!({ "endpoint": socket.to_string(), "from": from, "to": to })
            });
            json!({ "what": "weights", "endpoints": weights.collect::<Value>() })
        }
        Facet::Affinity { from, to } => {
            json!({ "what": "affinity", "from": affinity(*from), "to": affinity(*to) })
        }
        Facet::Policy { from, to } => {
            json!({ "what": "policy", "from": from.as_str(), "to": to.as_str() })
        }
        Facet::ModeDifference {
            mode_difference,
            from,
            to,
        } => json!({
            "what": "mode",
            "about": mode_difference.as_str(),
            "from": { "mode": from.as_str(), "does": mode_difference.of(*from) },
            "to": { "mode": to.as_str(), "does": mode_difference.of(*to) },
        }),
        Facet::Scheduler { from, to } => {
            json!({ "what": "scheduler", "from": from.to_string(), "to": to.to_string() })
        }
    }
}

fn kinds(kinds: &[ListenerKind]) -> Value {
    kinds
        .iter()
        .map(|kind| Value::from(kind.to_string()))
        .collect()
}

fn ranges(sources: &SourceRanges) -> Value {
    match sources {
        SourceRanges::Everyone => Value::from("everyone"),
        SourceRanges::Only(ranges) => texts(ranges),
    }
}

fn texts<'a, T: ToString + 'a>(all: impl IntoIterator<Item = &'a T>) -> Value {
    all.into_iter()
        .map(|one| Value::from(one.to_string()))
        .collect()
}

fn object(change: &ObjectChange) -> Value {
    let name = &change.object.name;
    match &change.op {
        ObjectOp::Add(is) => json!({ "op": "add", "object": name, "to": is }),
        ObjectOp::Remove(was) => json!({ "op": "remove", "object": name, "from": was }),
        ObjectOp::Change { from, to } => {
            json!({ "op": "change", "object": name, "from": from, "to": to })
        }
        ObjectOp::Move => json!({ "op": "move", "object": name }),
    }
}
