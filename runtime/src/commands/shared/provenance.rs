//! Where rules came from, for people and for programs.

use serde_json::{Value, json};

use crate::trust::{Order, Provenance, Vouched};

/// After how they came: nothing of rules of which nothing is known.
pub(in crate::commands) fn after(how: &str, provenance: &Provenance) -> String {
    if *provenance == Provenance::UNKNOWN {
        how.to_owned()
    } else {
        format!("{how}: {provenance}")
    }
}

/// As a part of a document.
pub(in crate::commands) fn json(provenance: &Provenance) -> Value {
    let edition = provenance.edition.as_ref();
    let (vouched, key) = match provenance.vouched {
        Vouched::Signed(key) => ("signed", Some(key.to_string())),
        Vouched::Waived => ("unsigned", None),
        Vouched::NotAsked => ("not-asked", None),
    };
    json!({
        "cluster": edition.map(|edition| edition.cluster.as_str()),
        "counter": edition.map(|edition| edition.counter.get()),
        "older": provenance.order == Order::Older,
        "signedBy": key,
        "vouched": vouched,
    })
}
