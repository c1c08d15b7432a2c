//! What the tables of `k8s.io/endpointslice` say of endpoints from Pods (`fixtures/upstream/endpoints`),
//! as facts: manifests, and the slices that the cluster's controller makes of them. Each case is a test
//! for each release that it is about.

#![allow(
    clippy::unwrap_used,
    reason = "a test, which clippy does not see in a target with a main of its own"
)]

mod case;
mod found;

use std::path::PathBuf;
use std::process::ExitCode;

use case::Table;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests: Vec<Trial> = tables()
        .into_iter()
        .flat_map(|(name, table)| table.tests(&name))
        .collect();
    assert!(tests.len() > 300, "only {} tests", tests.len());
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// The tables by their files' names, sorted.
fn tables() -> Vec<(String, Table)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/upstream/endpoints");
    let files = std::fs::read_dir(folder).unwrap();
    let mut tables: Vec<(String, Table)> = files
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let table = serde_yaml::from_str(&text);
            (
                name,
                table.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            )
        })
        .collect();
    tables.sort_by(|(a, _), (b, _)| a.cmp(b));
    tables
}
