//! Every case of `fixtures/conformance` and the demo: lint looks at what real clusters look like, and
//! finds nothing there that is not so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use golden_support::lint::options;
use golden_support::{fixture, snapshot};
use portolan_compiler::compile::{Input, Silent};
use portolan_compiler::lint::lint;

use super::AREA;

#[test]
fn real_clusters_lint() {
    let mut folders: Vec<String> = fs::read_dir(fixture("conformance"))
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .map(|path| path.display().to_string())
        .collect();
    folders.sort();
    assert!(folders.len() >= 54);
    folders.push(fixture("demo"));
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for folder in &folders {
        let mut input = Input::default();
        for file in ["cluster.yaml", "kube-proxy.yaml", "facts.yaml"] {
            if let Ok(text) = fs::read_to_string(Path::new(folder).join(file)) {
                input.sources.add(file, text);
            }
        }
        assert!(input.sources.iter().next().is_some(), "{folder}");
        let report = lint(&input, &options(), &Silent);
        let name = Path::new(folder).file_name().and_then(|name| name.to_str());
        for finding in &report.findings {
            let cases = found.entry(finding.kind.id()).or_default();
            let name = name.expect("UTF-8").to_owned();
            if cases.last() != Some(&name) {
                cases.push(name);
            }
        }
    }
    let mut text = String::new();
    for (rule, cases) in found {
        let shown: Vec<&str> = cases.iter().map(String::as_str).take(6).collect();
        let _ = writeln!(text, "{rule} in {}: {}", cases.len(), shown.join(", "));
    }
    snapshot(AREA, "conformance", text);
}
