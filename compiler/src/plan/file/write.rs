//! Writes plan files.

use serde_json::{Map, Value, json};

use super::{PlanFile, Terms};
use crate::bundle::Digest;
use crate::escape;
use crate::plan::render::{self, Counts, Heading, Page, Services};
use crate::plan::{Durability, Interruption, Ownership, Plan, Step};

impl PlanFile {
    /// The file's text for nobody to read: without Services' names, and without what was left alone.
    pub fn text(&self) -> String {
        let plan = Plan::of(self.steps.clone());
        self.write(&Page {
            node: &self.node,
            target: self.target,
            plan: &plan,
            services: &Services::default(),
            notes: &[],
        })
    }

    /// The file's text: one line.
    pub fn write(&self, page: &Page<'_>) -> String {
        let counts = Counts::of(page);
        let steps: Vec<Value> = (1..)
            .zip(&self.steps)
            .map(|(id, one)| step(id, one, &page.services.heading(one)))
            .collect();
        let left_alone: Vec<Value> = page
            .plan
            .left_alone
            .iter()
            .map(|left| json!({"kind": left.kind(), "name": left.name()}))
            .collect();
        let files: Map<String, Value> = self
            .files
            .0
            .iter()
            .map(|(kind, text)| (kind.as_str().to_owned(), text.lines().collect()))
            .collect();
        let services: Map<String, Value> = self
            .services
            .iter()
            .map(|(key, name)| (key.to_string(), (**name).into()))
            .collect();
        let parts: Map<String, Value> = self
            .observed
            .parts
            .iter()
            .map(|(part, digest)| (part.id().to_owned(), digest.to_string().into()))
            .collect();
        let list = self.files.services().ok().flatten();
        let udp_flows = list.map(|list| list.udp_flows.as_str());
        let mut document = json!({
            "changes": !self.steps.is_empty(),
            "format": "portolan-plan",
            "formatVersion": "2.1",
            "input": self.input.to_string(),
            "kubeVersion": self.kube_version.map(|version| version.to_string()),
            "leftAlone": left_alone,
            "node": self.node.as_str(),
            "files": files,
            "observed": {
                "digest": self.observed.digest.to_string(),
                "machine": self.observed.machine.map(|digest| digest.to_string()),
                "parts": parts,
            },
            "services": services,
            "steps": steps,
            "summary": {
                "add": counts.add,
                "change": counts.change,
                "remove": counts.remove,
                "untouched": counts.untouched,
            },
            "target": self.target.to_string(),
            "udpFlows": udp_flows,
            "tool": env!("CARGO_PKG_VERSION"),
        });
        if let Some(terms) = &self.terms {
            document["terms"] = self::terms(terms);
        }
        if !page.notes.is_empty() {
            document["notes"] = page.notes.into();
        }
        if let Some(change) = render::mode_change(page) {
            document["modeChange"] = change;
        }
        document[DIGEST] = digest(&document).into();
        text(&document)
    }
}

/// Words for what may be taken away.
pub(super) const TRACKED: &str = "tracked";
pub(super) const EVERYTHING: &str = "everything";

/// The field that vouches for all others.
pub(super) const DIGEST: &str = "digest";

/// The digest of a document that has none yet.
pub(super) fn digest(document: &Value) -> String {
    Digest::of(text(document).as_bytes()).to_string()
}

/// Keys are sorted: `serde_json` keeps objects in a `BTreeMap`.
pub(super) fn text(document: &Value) -> String {
    escape::json_line(document)
}

fn terms(terms: &Terms) -> Value {
    let records = terms.records.to_string();
    match &terms.ownership {
        Ownership::Tracked => json!({"ownership": TRACKED, "records": records}),
        Ownership::Everything { exclude } => {
            let exclude: Vec<String> = exclude.iter().map(ToString::to_string).collect();
            json!({"exclude": exclude, "ownership": EVERYTHING, "records": records})
        }
    }
}

fn step(id: usize, step: &Step, heading: &Heading) -> Value {
    let mut entry = step.subject.encode();
    let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    set("id", id.into());
    set("op", step.subject.op().as_str().into());
    set("inverse", step.inverse().subject.op().as_str().into());
    set("phase", step.phase.as_str().into());
    set(
        "transitional",
        (step.durability == Durability::Transitional).into(),
    );
    set("interrupts", interruption(step.interruption));
    if let Heading::Service(name) = heading {
        set("service", (**name).into());
    }
    Value::Object(entry)
}

fn interruption(interruption: Interruption) -> Value {
    match interruption {
        Interruption::None => Value::Null,
        Interruption::Connections { protocol, count } => {
            json!({"connections": count, "protocol": protocol.as_str()})
        }
        Interruption::Flows(why) => json!({"flows": why.as_str()}),
        Interruption::Unguarded => json!({"guards": true}),
    }
}
