//! Small inputs, and what the command says of them: configurations, repositories and captures as
//! people have them.
//!
//! A file is a list of cases: `id`, `about` (what is right, and why), `files` (text by name, a folder by
//! slashes), and `run` with what is expected of it, or `steps`, a list of these.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use libtest_mimic::Trial;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::Complaints;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    id: String,
    #[serde(rename = "about")]
    _about: String,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    steps: Vec<Step>,
    run: Option<String>,
    rc: Option<Exits>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    out: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// A command line and what is expected of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Without the program's name; words as a shell takes them, without quotes.
    run: String,
    /// Exit codes that are right; 0 where none is given.
    rc: Option<Exits>,
    /// Patterns that what it prints matches, on either stream.
    #[serde(default)]
    has: Vec<String>,
    /// Patterns that standard output matches.
    #[serde(default)]
    out: Vec<String>,
    /// Patterns that what it prints does not match, on either stream.
    #[serde(default)]
    lacks: Vec<String>,
    /// Variables of the environment.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Two files, and what they may not agree on.
    differ: Option<[String; 3]>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Exits {
    One(i32),
    Any(Vec<i32>),
}

impl Exits {
    fn list(self) -> Vec<i32> {
        match self {
            Self::One(code) => vec![code],
            Self::Any(codes) => codes,
        }
    }
}

/// A test for each case of each file.
pub(crate) fn tests() -> Vec<Trial> {
    let mut tests = Vec::new();
    for (file, text) in crate::files("trials") {
        let cases: Vec<Case> =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for case in cases {
            let name = format!("trials::{file}::{}", case.id);
            tests.push(crate::test(name, move || case.judge()));
        }
    }
    tests
}

impl Case {
    fn judge(mut self) -> Complaints {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in &self.files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        if let Some(run) = self.run {
            self.steps.push(Step {
                run,
                rc: self.rc,
                has: self.has,
                out: self.out,
                lacks: self.lacks,
                env: self.env,
                differ: None,
            });
        }
        assert!(!self.steps.is_empty(), "{} runs nothing", self.id);
        let steps = self.steps.into_iter();
        steps.flat_map(|step| step.judge(folder.path())).collect()
    }
}

impl Step {
    fn judge(self, folder: &Path) -> Complaints {
        let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
            .args(self.run.split_whitespace())
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .envs(&self.env)
            .output()
            .unwrap();
        let stdout = String::from_utf8_lossy(&output.stdout);
        let both = format!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
        let mut complaints = Complaints::new();
        let exit = output.status.code().unwrap_or(-1);
        let right = self.rc.map_or_else(|| vec![0], Exits::list);
        if !right.contains(&exit) {
            complaints.push(format!("exits with {exit}, not {right:?}"));
        }
        for (patterns, text, wrong) in [
            (&self.has, both.as_str(), Wrong::Missing),
            (&self.out, &stdout, Wrong::Missing),
            (&self.lacks, &both, Wrong::Present),
        ] {
            for text_pattern in patterns {
                let found = pattern(text_pattern).is_match(text);
                if found == (wrong == Wrong::Present) {
                    complaints.push(format!("{wrong:?}: /{text_pattern}/"));
                }
            }
        }
        if let Some([one, other, agree_on]) = &self.differ {
            let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
            let (one, other) = (read(one), read(other));
            let pattern = pattern(agree_on);
            let found = |text: &str| -> Vec<String> {
                let matches = pattern.find_iter(text).map(|m| m.as_str().to_owned());
                matches.collect()
            };
            if found(&one).is_empty() || found(&one) == found(&other) {
                complaints.push(format!("agree on /{agree_on}/: {:?}", found(&one)));
            }
        }
        if !complaints.is_empty() {
            complaints.insert(0, format!("`portolan {}`", self.run));
            complaints.push(format!("what it printed:\n{both}"));
        }
        complaints
    }
}

/// What is wrong about a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Missing,
    Present,
}

fn pattern(text: &str) -> Regex {
    let mut builder = RegexBuilder::new(text);
    builder
        .multi_line(true)
        .case_insensitive(true)
        .build()
        .unwrap()
}
