//! What earlier portolans wrote (`fixtures/written-before`) is read, and means what it meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::{NodeState, artefacts};
use portolan_compiler::observed;
use portolan_compiler::observed::{CaptureFile, Observed};
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::{ConntrackChange, Subject, fake, plan};

use serde_json::Value;

use crate::states::claims;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A folder of each version.
fn of_versions(name: &str) -> Vec<PathBuf> {
    let versions = entries(&fixtures().join("written-before")).into_iter();
    let folders = versions
        .filter(|path| path.is_dir())
        .map(|path| path.join(name));
    folders.flat_map(|folder| entries(&folder)).collect()
}

/// The node of a plan's case.
fn node(case: &str) -> Observed {
    let folder = fixtures().join("plan").join(case).join("observed");
    let files = CaptureFile::ALL.into_iter().filter_map(|file| {
        let text = fs::read_to_string(folder.join(file.as_str())).ok()?;
        Some((file, text))
    });
    observed::read(&files.collect()).unwrap()
}

#[test]
fn a_saved_plan_leads_where_it_led() {
    let mut kinds = BTreeSet::new();
    for path in of_versions("plans") {
        let case = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let file = PlanFile::read(&text).unwrap();
        let mut node = node(case);
        assert_eq!(file.observed.digest, node.digest(), "{case}");
        if let Err((at, refused)) = fake::execute_all(&mut node, &file.steps) {
            panic!("{case}, step {at}: {refused}");
        }
        let desired = file.files.state().unwrap();
        let mut rest = plan(&desired, &node, &claims(false, &desired))
            .unwrap()
            .steps;
        // What kube-proxy's rules beside ours sent is forgotten each time: nothing says that it was.
        rest.retain(|step| !matches!(step.subject, Subject::Conntrack(ConntrackChange(..))));
        assert!(rest.is_empty(), "{case}: {rest:#?}");
        let document: Value = serde_json::from_str(&text).unwrap();
        let steps = document["steps"].as_array().unwrap().iter();
        kinds.extend(steps.map(|step| step["kind"].as_str().unwrap().to_owned()));
    }
    assert!(kinds.len() >= 13, "only {kinds:?}");
}

#[test]
fn a_compiled_folder_is_the_state_that_it_was() {
    let folders = of_versions("folders");
    assert!(folders.len() >= 3);
    for folder in folders {
        let files: BTreeMap<ArtefactKind, Vec<u8>> = entries(&folder.join("nodes/node-a"))
            .into_iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap();
                let kind = ArtefactKind::ALL
                    .into_iter()
                    .find(|kind| kind.as_str() == name);
                (kind.unwrap(), fs::read(&path).unwrap())
            })
            .collect();
        let state = NodeState::from_artefacts(&files).unwrap();
        let again: BTreeMap<ArtefactKind, Vec<u8>> = artefacts(&state, KeepOrigins::No)
            .into_iter()
            .map(|file| (file.kind, file.bytes))
            .collect();
        assert!(again == files, "{}", folder.display());
    }
}
