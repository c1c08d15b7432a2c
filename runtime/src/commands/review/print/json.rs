//! One JSON document, for machines.

use portolan_compiler::bundle::Manifest;
use portolan_compiler::{escape, lint};
use serde_json::{Value, json};

use crate::commands::review::Reviewed;
use crate::commands::review::judge::{Edit, Judge};
use crate::commands::review::part::ReviewPart;
use crate::commands::review::verdict::Verdict;

pub(super) fn json(judge: &Judge, reviewed: &[Reviewed], verdict: &Verdict) -> String {
    let edit = match &judge.edit {
        Edit::None => Value::Null,
        Edit::New { path } => json!({ "path": path, "change": "new" }),
        Edit::Gone { path } => json!({ "path": path, "change": "gone" }),
        Edit::Nearer { path, before } => {
            json!({ "path": path, "change": "nearer", "before": before })
        }
        Edit::Link { path } => json!({ "path": path, "change": "link" }),
        Edit::Changed { path, old, new } => {
            json!({ "path": path, "change": "edited", "old": old, "new": new })
        }
    };
    let clusters: Vec<Value> = reviewed.iter().map(of_cluster).collect();
    escape::json(&json!({
        "format": "portolan-review",
        "formatVersion": "1.0",
        "against": judge.revision.name,
        "mergeBaseWith": judge.revision.base_of,
        "settings": judge.repository.as_ref().map(|repository| &repository.name),
        "settingsChange": edit,
        "notes": judge.notes(),
        "clusters": clusters,
        "exit": verdict.exit.code(),
        "verdict": verdict.said,
    }))
}

fn of_cluster(one: &Reviewed) -> Value {
    let rules = of_part(&one.golden, |golden| {
        let artefacts = golden.differences.artefacts();
        let artefacts = artefacts.map(|(kind, change, of)| (kind.as_str(), change, of.nodes()));
        let manifests = golden.differences.manifests();
        let manifests = manifests.map(|(change, nodes)| (Manifest::FILE_NAME, change, nodes));
        let differ = artefacts.chain(manifests).map(|(file, change, nodes)| {
            json!({
                "artefact": file,
                "change": change.to_string(),
                "nodes": nodes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        });
        let differ: Vec<Value> = differ.collect();
        json!({
            "folder": golden.folder,
            "filesThatDiffer": golden.files,
            "differ": differ,
            "command": golden.command,
        })
    });
    let services = of_part(&one.services, |changed| {
        json!({
            "diff": parsed(&changed.json),
            "beyondBlastRadius": changed.beyond,
        })
    });
    let findings = of_part(&one.findings, |findings| {
        json!({
            "new": parsed(&lint::render::json(&findings.new)),
            "asBefore": findings.as_before,
            "gone": findings.gone,
            "newlySuppressed": findings.newly_suppressed,
            "settingsChange": findings.edit.said(),
        })
    });
    json!({
        "cluster": one.cluster,
        "note": one.standing.said(),
        "rules": rules,
        "services": services,
        "lint": findings,
    })
}

fn of_part<T>(part: &ReviewPart<T>, told: impl Fn(&T) -> Value) -> Value {
    match part {
        ReviewPart::Done(done) => told(done),
        ReviewPart::Failed { why, exit } => json!({ "error": why.trim_end(), "exit": exit.code() }),
        ReviewPart::None(why) => json!({ "notLookedAt": why }),
    }
}

/// A document of ours within another.
fn parsed(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or_default()
}
