//! Data flows one way: no layer names one that comes after it.
//!
//! A scan of the text, which sees `crate::…` and, in a layer's first file, `super::…`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A crate, and its layers from the lowest up.
struct House {
    sources: &'static str,
    layers: &'static [&'static str],
}

const HOUSES: [House; 2] = [
    House {
        sources: "compiler/src",
        layers: &[
            "closed_set",
            "english",
            "nearest",
            "source",
            "escape",
            "diag",
            "front",
            "model",
            "ir",
            "lower",
            "valid",
            "kernel",
            "bundle",
            "mode",
            "target",
            "canonical",
            "endpoints",
            "base",
            "pipeline",
            "compile",
            "lint",
            "observed",
            "explain",
            "diff",
            "what_if",
            "plan",
            "apply",
            "source_map",
        ],
    },
    House {
        sources: "runtime/src",
        layers: &[
            "report",
            "input",
            "settings",
            "out",
            "rules",
            "trust",
            "host",
            "doctor",
            "transaction",
            "commands",
            "app",
        ],
    },
];

#[test]
fn no_layer_names_a_later_one() {
    for house in &HOUSES {
        let root = root().join(house.sources);
        let place = |layer: &str| house.layers.iter().position(|one| *one == layer);
        let mut files = Vec::new();
        rust_files(&root, &mut files);
        let mut named: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        let mut absent: BTreeSet<&str> = house.layers.iter().copied().collect();
        for file in files {
            let path = file
                .strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let layer = path.split('/').next().unwrap().trim_end_matches(".rs");
            if ["lib", "main"].contains(&layer) {
                continue;
            }
            assert!(
                place(layer).is_some(),
                "{}/{layer} has no place among the layers",
                house.sources
            );
            absent.remove(layer);
            let text = fs::read_to_string(&file).unwrap();
            for other in modules_named(&text, is_first(&path, layer)) {
                if place(layer) < place(&other) {
                    let edge = (layer.to_owned(), other);
                    named.entry(edge).or_default().insert(path.clone());
                }
            }
        }
        assert!(absent.is_empty(), "no such layers: {absent:?}");
        assert!(named.is_empty(), "layers name later ones: {named:#?}");
    }
}

#[test]
fn names_of_modules_are_found() {
    let text = "//!\nuse super::{high, low::Thing};\nuse crate::{a::B,\n    c};\n// crate::d\nlet x = crate::e::f();\n";
    let found = |nesting| Vec::from_iter(modules_named(text, nesting));
    assert_eq!(found(Nesting::First), ["a", "c", "e", "high", "low"]);
    assert_eq!(found(Nesting::Within), ["a", "c", "e"]);
}

/// Where `super` leads from a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting {
    /// To the other layers.
    First,
    /// Into the layer itself.
    Within,
}

fn is_first(path: &str, layer: &str) -> Nesting {
    if path == format!("{layer}.rs") || path == format!("{layer}/mod.rs") {
        Nesting::First
    } else {
        Nesting::Within
    }
}

/// The modules of the crate that a file names.
fn modules_named(text: &str, nesting: Nesting) -> BTreeSet<String> {
    let comment = |line: &&str| line.trim_start().starts_with("//");
    let code: Vec<&str> = text.lines().filter(|line| !comment(line)).collect();
    let code = format!("\n{}", code.join("\n"));
    let mut paths: Vec<&str> = code.split("crate::").skip(1).collect();
    if nesting == Nesting::First {
        paths.extend(code.split("\nuse super::").skip(1));
    }
    let mut names = BTreeSet::new();
    for path in paths {
        match path.strip_prefix('{').and_then(|list| list.split_once('}')) {
            Some((list, _)) => names.extend(list.split(',').map(first_name)),
            None => {
                names.insert(first_name(path));
            }
        }
    }
    names.into_iter().map(str::to_owned).collect()
}

fn first_name(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    &path[..end.unwrap_or(path.len())]
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
