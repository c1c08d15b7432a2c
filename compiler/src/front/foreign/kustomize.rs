//! Instructions for kustomize: which files hold some, and which of them are what is deployed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Tree;

use crate::source::{Source, Sources};

/// Names that kustomize looks for in a folder.
/// Source: `RecognizedKustomizationFileNames` of `sigs.k8s.io/kustomize`.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Fields that name other files or folders to take in.
const LISTS: [&str; 3] = ["resources", "bases", "components"];

/// Fields that change what is taken in.
const CHANGES: [&str; 11] = [
    "bases",
    "commonLabels",
    "components",
    "labels",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
];

/// Further fields that only kustomizations have.
const OTHERS: [&str; 14] = [
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmCharts",
    "images",
    "metadata",
    "openapi",
    "replicas",
    "secretGenerator",
];

/// Whether a file holds instructions for kustomize, by its name.
pub(crate) fn is_kustomization(name: &str) -> bool {
    // A revision has a colon before its paths.
    let file = name.rsplit(['/', ':']).next().unwrap_or(name);
    NAMES.contains(&file)
}

/// Whether a document is a kustomization that does not say so, by its fields.
pub(super) fn is_body(text: &str) -> bool {
    let names = LISTS.iter().chain(&CHANGES);
    let mut names = names.filter(|name| text.contains(**name));
    if names.next().is_none() {
        return false;
    }
    let Ok(Tree::Object(tree)) = serde_yaml::from_str::<Tree>(text) else {
        return false;
    };
    let knows = |key: &str| {
        [&LISTS[..], &CHANGES, &OTHERS].concat().contains(&key) || key == "transformers"
    };
    let lists = LISTS
        .iter()
        .any(|key| tree.get(*key).is_some_and(Tree::is_array));
    let patches = ["patches", "patchesStrategicMerge", "patchesJson6902"];
    let patches = patches
        .iter()
        .any(|key| tree.get(*key).is_some_and(Tree::is_array));
    (lists || patches) && tree.keys().all(|key| knows(key))
}

/// Whether a kustomization does more than to name the files beside it.
pub(super) fn transforms(text: &str) -> bool {
    text.lines().any(|line| {
        let key = line.split(':').next().unwrap_or_default();
        CHANGES.contains(&key) && line.len() > key.len()
            || key == "transformers"
            || key == "helmCharts"
            || line.contains("../")
            || line.contains("://")
            || line.contains("github.com/")
    })
}

/// The kustomizations among sources, and which takes in which.
#[derive(Debug)]
pub(crate) struct Kustomizations<'s> {
    all: BTreeMap<&'s str, Kustomization<'s>>,
    /// Of each folder those that take it in.
    within: BTreeMap<String, Vec<&'s str>>,
}

#[derive(Debug)]
struct Kustomization<'s> {
    source: &'s Source,
    /// It is no Component, which is never built alone.
    stands_alone: bool,
}

/// A kustomization that no other takes in: what is deployed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deployed<'s> {
    /// Path of the folder, as sources are named.
    pub(crate) folder: &'s str,
    /// The kustomization's text.
    pub(crate) source: &'s Source,
}

impl Deployed<'_> {
    /// The command that builds it, given its folder as it is to be typed.
    pub(crate) fn program(&self, folder: &str) -> String {
        // Without the flag kustomize refuses charts.
        let charts = self
            .source
            .text
            .lines()
            .any(|line| line.starts_with("helmCharts:"));
        if charts {
            format!("kubectl kustomize --enable-helm {folder}")
        } else {
            format!("kubectl kustomize {folder}")
        }
    }
}

impl<'s> Kustomizations<'s> {
    pub(crate) fn of(sources: &'s Sources) -> Self {
        let mut all = BTreeMap::new();
        let mut within: BTreeMap<String, Vec<&'s str>> = BTreeMap::new();
        for (_, source) in sources
            .iter()
            .filter(|(_, source)| is_kustomization(&source.name))
        {
            let folder = folder_of(&source.name);
            let tree: Tree = serde_yaml::from_str(&source.text).unwrap_or_default();
            let listed = LISTS.iter().filter_map(|key| tree.get(*key)?.as_array());
            for path in listed.flatten().filter_map(Tree::as_str) {
                if let Some(target) = joined(folder, path) {
                    within.entry(target).or_default().push(folder);
                }
            }
            let stands_alone = tree.get("kind").and_then(Tree::as_str) != Some("Component");
            all.insert(
                folder,
                Kustomization {
                    source,
                    stands_alone,
                },
            );
        }
        Self { all, within }
    }

    /// Those that are deployed and take in what stands in these folders, themselves included.
    pub(crate) fn deployed<'f>(
        &self,
        folders: impl IntoIterator<Item = &'f str>,
    ) -> Vec<Deployed<'s>> {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut to_see: Vec<&str> = folders
            .into_iter()
            .filter_map(|folder| self.known(folder))
            .collect();
        let mut tops = BTreeSet::new();
        while let Some(folder) = to_see.pop() {
            if !seen.insert(folder) {
                continue;
            }
            match self.within.get(folder) {
                Some(above) => to_see.extend(above),
                None => {
                    tops.insert(folder);
                }
            }
        }
        let tops = tops
            .into_iter()
            .filter_map(|folder| self.all.get_key_value(folder));
        tops.filter(|(_, one)| one.stands_alone)
            .map(|(folder, one)| Deployed {
                folder,
                source: one.source,
            })
            .collect()
    }

    fn known(&self, folder: &str) -> Option<&'s str> {
        self.all.get_key_value(folder).map(|(folder, _)| *folder)
    }
}

/// The folder of a file, by its name.
pub(crate) fn folder_of(name: &str) -> &str {
    match name.rsplit_once('/') {
        Some((folder, _)) => folder,
        // A revision's top.
        None => name
            .rsplit_once(':')
            .map_or(".", |(revision, _)| &name[..=revision.len()]),
    }
}

/// A path from a folder; nothing where it leaves what can be told by names.
fn joined(folder: &str, path: &str) -> Option<String> {
    if path.contains("://") || path.starts_with('/') {
        return None;
    }
    let (before, start) = match folder.split_once(':') {
        Some((revision, rest)) => (&folder[..=revision.len()], rest),
        None if folder.starts_with('/') => ("/", &folder[1..]),
        None => ("", folder),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let leads = if folder.starts_with("./") { "./" } else { "" };
    Some(if parts.is_empty() && before.is_empty() {
        ".".to_owned()
    } else {
        format!("{before}{leads}{}", parts.join("/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kustomization_that_only_lists_files_changes_nothing() {
        for (text, expected) in [
            ("resources:\n- web.yaml\n", false),
            ("resources:\n- ../base\n", true),
            ("resources:\n- https://x/y\n", true),
            ("patches:\n- path: a.yaml\n", true),
            ("namespace: shop\n", true),
            ("namespaces\n", false),
        ] {
            assert_eq!(transforms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_kustomization_is_known_by_its_fields() {
        for (text, expected) in [
            ("resources:\n- ../base\nnamePrefix: a-\n", true),
            ("patches:\n- path: a.yaml\n", true),
            ("namespace: shop\n", false),
            ("resources: {limits: {cpu: 1}}\n", false),
            ("resources: [a]\nreplicaCount: 1\n", false),
            ("labels: {a: b}\n", false),
        ] {
            assert_eq!(is_body(text), expected, "{text}");
        }
    }

    #[test]
    fn paths_are_joined_by_their_names() {
        for (folder, path, expected) in [
            ("k/prod", "../base", Some("k/base")),
            (".", "prod", Some("prod")),
            ("prod", "..", Some(".")),
            ("./k/prod", "../base/", Some("./k/base")),
            ("/k/prod", "../base", Some("/k/base")),
            ("main:k/prod", "../base", Some("main:k/base")),
            ("../k/prod", "../../base", Some("../base")),
            ("k", "https://github.com/a/b", None),
        ] {
            assert_eq!(joined(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }

    #[test]
    fn what_is_deployed_is_taken_in_by_no_other() {
        let mut sources = Sources::default();
        for (name, text) in [
            ("k/base/kustomization.yaml", "resources: [a.yaml]"),
            (
                "k/more/kustomization.yml",
                "kind: Component\npatches: [{path: a}]",
            ),
            (
                "k/prod/kustomization.yaml",
                "resources: [../base]\ncomponents: [../more]",
            ),
            ("k/test/kustomization.yaml", "resources: [../base]"),
            ("alone/kustomization.yaml", "namespace: a"),
            ("ring/a/kustomization.yaml", "resources: [../b]"),
            ("ring/b/kustomization.yaml", "resources: [../a]"),
        ] {
            sources.add(name, text.to_owned());
        }
        let all = Kustomizations::of(&sources);
        for (folders, expected) in [
            (&["k/base"][..], &["k/prod", "k/test"][..]),
            (&["k/more"], &["k/prod"]),
            (&["k/prod", "alone"], &["alone", "k/prod"]),
            (&["ring/a"], &[]),
            (&["unknown"], &[]),
        ] {
            let found = all.deployed(folders.iter().copied());
            let found: Vec<_> = found.iter().map(|one| one.folder).collect();
            assert_eq!(found, expected, "{folders:?}");
        }
    }
}
