//! A table of upstream's, as the file has it.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;
use serde_json::Value;
use similar::TextDiff;

use crate::found;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Where the facts were read.
    #[serde(rename = "source")]
    _source: String,
    /// The releases that they hold for.
    releases: Vec<String>,
    /// Manifests of every case.
    #[serde(default)]
    objects: Vec<Value>,
    cases: Vec<Case>,
}

/// A case: manifests, and the slices made of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    #[serde(rename = "about")]
    _about: Option<String>,
    #[serde(rename = "source")]
    _source: Option<String>,
    /// In place of the table's.
    releases: Option<Vec<String>>,
    /// Beside the table's.
    #[serde(default)]
    objects: Vec<Value>,
    slices: Vec<Slice>,
}

/// The endpoints that have the same ports and family.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slice {
    #[serde(default = "usual_service")]
    service: String,
    family: String,
    ports: Vec<Port>,
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Port {
    name: String,
    protocol: String,
    #[serde(rename = "port")]
    number: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    address: String,
    node: Option<String>,
    ready: bool,
    serving: bool,
    terminating: bool,
    /// Zones it is meant for; `None` where nothing says so.
    zones: Option<Vec<String>>,
    /// Nodes it is meant for.
    nodes: Option<Vec<String>>,
}

/// What most tables call their Service.
fn usual_service() -> String {
    "foo".to_owned()
}

impl Table {
    /// A test for each case and release.
    pub(crate) fn tests(self, file: &str) -> Vec<Trial> {
        let Self {
            releases,
            objects,
            cases,
            ..
        } = self;
        let mut tests = Vec::new();
        for case in cases {
            for release in case.releases.as_ref().unwrap_or(&releases) {
                let name = format!("{file}::{}::{release}", case.id);
                let (case, release) = (case.clone(), release.clone());
                let objects: Vec<Value> = objects.iter().chain(&case.objects).cloned().collect();
                tests.push(Trial::test(name, move || case.judge(&objects, &release)));
            }
        }
        tests
    }
}

impl Case {
    fn judge(&self, objects: &[Value], release: &str) -> Result<(), Failed> {
        let expected = found::text(self.slices.iter().map(Slice::lines).collect());
        let found = found::slices(objects, release.parse().unwrap())?;
        if expected == found {
            return Ok(());
        }
        let diff = TextDiff::from_lines(&expected, &found);
        let hunks = diff
            .unified_diff()
            .header("upstream", "portolan")
            .to_string();
        Err(hunks.into())
    }
}

impl Slice {
    fn lines(&self) -> (String, Vec<String>) {
        let ports: BTreeMap<_, _> = self.ports.iter().map(|one| (&one.name, one)).collect();
        let ports = ports
            .values()
            .map(|one| format!("{}:{}/{}", one.name, one.number, one.protocol));
        let ports: Vec<String> = ports.collect();
        let head = found::head(&self.service, &self.family, &ports);
        (head, self.endpoints.iter().map(Endpoint::line).collect())
    }
}

impl Endpoint {
    fn line(&self) -> String {
        // As `EndpointState` and `Termination` say it, without their code.
        let state = match (self.ready, self.serving, self.terminating) {
            (true, _, _) => "Ready",
            (false, true, true) => "Draining",
            (false, true, false) => "Unready",
            (false, false, _) => "Gone",
        };
        let termination = if self.terminating {
            "Terminating"
        } else {
            "Running"
        };
        let state = format!("{state} {termination}");
        found::endpoint(
            &self.address,
            self.node.as_deref(),
            &state,
            self.zones.as_deref(),
            self.nodes.as_deref(),
        )
    }
}
