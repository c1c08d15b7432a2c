//! Cases kept as data: what upstream's own test tables say of kube-proxy (`fixtures/upstream`), and
//! small inputs that people have in hand (`fixtures/trials`). Each is a test of its own.
//!
//! `cargo test -p portolan-runtime --test cases` takes filters and flags as any test does.

#![allow(
    clippy::unwrap_used,
    reason = "a test, which clippy does not see in a target with a main of its own"
)]

mod trials;
mod upstream;

use std::path::PathBuf;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

/// What is wrong in a case, a line each; nothing where it is as it should be.
type Complaints = Vec<String>;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut tests = upstream::tests();
    tests.extend(trials::tests());
    libtest_mimic::run(&arguments, tests).exit_code()
}

/// The YAML files of an area, sorted, each with its name and text.
fn files(area: &str) -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(area);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no cases", folder.display());
    files
}

/// A test that fails with what is wrong.
fn test(name: String, judge: impl FnOnce() -> Complaints + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let complaints = judge();
        if complaints.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(complaints.join("\n")))
        }
    })
}
