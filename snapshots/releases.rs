//! `docs/releases.md` says what the profile of each release knows, in these words.

use std::collections::BTreeMap;

use portolan_compiler::model::KubeVersion;
use portolan_compiler::model::profile::{Aspect, Gate, Lock, Profile, Stage, Standing, Switch};

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/releases.md");
    std::fs::read_to_string(path).expect("the page")
}

#[track_caller]
fn assert_on_the_page(table: &str) {
    assert!(page().contains(table), "docs/releases.md lacks:\n{table}");
}

/// `1.30`, or `1.31 to 1.33`.
fn range(releases: &[KubeVersion]) -> String {
    match releases {
        [only] => only.to_string(),
        [first, .., last] => format!("{first} to {last}"),
        [] => String::new(),
    }
}

#[test]
fn each_difference_is_documented() {
    let releases: Vec<KubeVersion> = KubeVersion::all().collect();
    let mut table = String::from("| what | releases | how | source |\n|---|---|---|---|\n");
    for aspect in Aspect::ALL {
        let of = |version: &KubeVersion| aspect.of(&Profile::new(*version, &BTreeMap::new()));
        let mut source = aspect.source();
        for alike in releases.chunk_by(|a, b| of(a) == of(b)) {
            let (about, how) = (aspect.as_str(), of(&alike[0]));
            table.extend([format!(
                "| {about} | {} | {how} | {source} |\n",
                range(alike)
            )]);
            source = "";
        }
    }
    assert_on_the_page(&table);
}

#[test]
fn each_gate_is_documented() {
    let releases: Vec<KubeVersion> = KubeVersion::all().collect();
    let mut table = String::from("| gate | releases | stage | default |\n|---|---|---|---|\n");
    for gate in Gate::ALL {
        let standing = |version: &KubeVersion| gate.standing(*version);
        for alike in releases.chunk_by(|a, b| standing(a) == standing(b)) {
            let Some(known) = standing(&alike[0]) else {
                continue;
            };
            let Standing {
                stage,
                default,
                lock,
            } = known;
            let stage = match stage {
                Stage::Alpha => "alpha",
                Stage::Beta => "beta",
                Stage::Stable => "stable",
                Stage::Deprecated => "deprecated",
            };
            let default = match (default, lock) {
                (Switch::Off, Lock::Free) => "off",
                (Switch::On, Lock::Free) => "on",
                (Switch::Off, Lock::Locked) => "off, locked",
                (Switch::On, Lock::Locked) => "on, locked",
            };
            let name = gate.as_str();
            table.extend([format!(
                "| `{name}` | {} | {stage} | {default} |\n",
                range(alike)
            )]);
        }
    }
    assert_on_the_page(&table);
}
