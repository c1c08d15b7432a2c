//! What upstream's own test tables say of kube-proxy, as facts: manifests in a short notation, and
//! what kube-proxy makes of them.
//!
//! A case that says `declared` differs from upstream on purpose (`docs/differences.md`); one that says
//! `inert` is taken where the API refuses it, because it programs no rules. Both must differ indeed:
//! what is declared without need is taken out.

mod artefact;
mod check;
mod notation;
mod portolan;

use libtest_mimic::Trial;
use serde_json::{Value, json};

use self::notation::merge;
use crate::Complaints;

/// A case with all that its file says of it.
struct Case {
    name: String,
    /// The case itself, over what its file says of all.
    facts: Value,
    setup: Value,
}

/// A test for each case of each file.
pub(crate) fn tests() -> Vec<Trial> {
    crate::files("upstream")
        .iter()
        .flat_map(|(file, text)| cases(file, text))
        .map(|case| crate::test(case.name.clone(), move || case.judge()))
        .collect()
}

fn cases(file: &str, text: &str) -> Vec<Case> {
    let file_facts: Value = serde_yaml::from_str(text).unwrap();
    let listed = file_facts["cases"]
        .as_array()
        .into_iter()
        .flatten()
        .cloned();
    let tables = file_facts["tables"].as_array().into_iter().flatten();
    listed
        .chain(tables.flat_map(rows))
        .map(|case| Case::new(file, &file_facts, &case))
        .collect()
}

/// The rows of a table of packets: `[name, from, to, expect, masquerade?, {…}?]`, the last of them
/// facts of the row's own, those of a mode below its name.
fn rows(table: &Value) -> Vec<Value> {
    let rows = table["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        let own = row.get(5).cloned().unwrap_or_else(|| json!({}));
        let mut case = merge(table, &own);
        let fields = case.as_object_mut().unwrap();
        fields.remove("rows");
        let id = format!(
            "{}-{}",
            table["prefix"].as_str().unwrap(),
            row[0].as_str().unwrap()
        );
        fields.insert("id".to_owned(), id.into());
        fields.insert(
            "flow".to_owned(),
            json!({"from": row[1], "to": row[2], "expect": row[3], "masq": row.get(4), "per": own}),
        );
        case
    })
    .collect()
}

impl Case {
    fn new(file: &str, file_facts: &Value, case: &Value) -> Self {
        let mut setup = merge(
            file_facts.get("setup").unwrap_or(&json!({})),
            case.get("setup").unwrap_or(&json!({})),
        );
        for (key, value) in case["replace"].as_object().into_iter().flatten() {
            setup[key] = value.clone();
        }
        let mut facts = case.clone();
        for key in ["modes", "versions", "declared", "inert", "src"] {
            if let (None, Some(value)) = (case.get(key), file_facts.get(key)) {
                facts[key] = value.clone();
            }
        }
        Self {
            name: format!("upstream::{file}::{}", case["id"].as_str().unwrap()),
            facts,
            setup,
        }
    }

    /// Modes that the case is about; or those that are usual for what it asks.
    fn modes(&self, usual: &[&str]) -> Vec<String> {
        let given = strings(self.facts.get("modes"));
        if given.is_empty() {
            usual.iter().map(|mode| (*mode).to_owned()).collect()
        } else {
            given
        }
    }

    fn judge(&self) -> Complaints {
        let mut versions = strings(self.facts.get("versions"));
        if versions.is_empty() {
            versions.push("1.37".to_owned());
        }
        let manifests = notation::manifests(&self.setup);
        let complaints: Complaints = versions
            .iter()
            .flat_map(|version| {
                let portolan = portolan::Portolan {
                    manifests: &manifests,
                    node: notation::node_name(&self.setup),
                    version,
                };
                check::all(self, &portolan)
            })
            .collect();
        let excuse = ["declared", "inert"]
            .iter()
            .find_map(|key| self.facts.get(*key)?.as_str());
        match excuse {
            None if complaints.is_empty() => complaints,
            None => {
                let source = self.facts["src"].as_str().unwrap_or_default();
                [complaints, vec![format!("source: {source}")]].concat()
            }
            Some(excuse) if complaints.is_empty() => {
                vec![format!(
                    "equals upstream, and says that it differs: {excuse}"
                )]
            }
            Some(_) => Complaints::new(),
        }
    }
}

/// The strings of a list, if it is there.
fn strings(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}
