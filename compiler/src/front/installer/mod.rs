//! What installs clusters and says in its own configuration how kube-proxy is started.

mod table;
mod text;

use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_json::Value as Tree;

use super::kube_proxy::is_k3s;
use crate::source::{FieldPath, Segment};
pub use table::Unset;
use table::{Form, INSTALLERS, Installer, Off, Sign};

/// What an installer's configuration says of kube-proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallerManifest {
    /// Settings, as far as it says some.
    pub told: Vec<Told>,
    /// The field with which no kube-proxy runs.
    pub off: Option<FieldPath>,
    /// What the mode is where none is told.
    pub unset: Unset,
}

/// Settings that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The field that holds them.
    pub path: FieldPath,
    /// What they set of kube-proxy.
    pub settings: Settings,
}

/// Settings of kube-proxy as an installer has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settings {
    /// Those of k3s: flags of kube-proxy without their dashes, and its own ranges of pods.
    K3s {
        /// `kube-proxy-arg`, those last that count.
        flags: Vec<String>,
        /// `cluster-cidr`: k3s hands it to kube-proxy.
        ranges: Vec<String>,
    },
    /// Words of k3s's own command line.
    K3sWords(Vec<String>),
    /// Flags of kube-proxy, with their dashes.
    Flags(Vec<String>),
    /// Fields, as the flags that they stand for.
    Fields(Vec<String>),
}

/// An installer's configuration, and what it is called.
pub(super) struct Found {
    pub(super) what: &'static str,
    pub(super) manifest: InstallerManifest,
}

/// Whether a text could be an installer's configuration that says something of kube-proxy; a cheap look.
pub(super) fn may_tell(text: &str) -> bool {
    // Base64 has one of three words for it, by where it stands in a group of three bytes.
    // What Cluster API keeps for a node has it twice where files in it are encoded too.
    static NAMES: LazyLock<[Finder<'static>; 6]> = LazyLock::new(|| {
        let secret = "cluster.x-k8s.io/secret";
        ["roxy", "podSubnet", "cm94e", "JveH", "yb3h5", secret].map(Finder::new)
    });
    NAMES
        .iter()
        .any(|name| name.find(text.as_bytes()).is_some())
}

/// Whether an installer's configuration is of this `kind.group`.
pub(super) fn is_kind(kind: &str) -> bool {
    let has = |sign: &Sign| matches!(sign, Sign::Kinds(kinds) if kinds.contains(&kind));
    INSTALLERS.iter().any(|installer| has(&installer.known_by))
}

/// What an object of this `kind.group` says; `None` where it says nothing of kube-proxy.
pub(super) fn of_kind(kind: &str, tree: &Tree) -> Option<Found> {
    let has = |sign: &Sign| matches!(sign, Sign::Kinds(kinds) if kinds.contains(&kind));
    let installer = INSTALLERS.iter().find(|one| has(&one.known_by))?;
    let found = installer.read(tree);
    let says = !found.manifest.told.is_empty() || found.manifest.off.is_some();
    says.then_some(found)
}

/// What a text without a kind says, if it is an installer's configuration.
pub(super) fn of_text(text: &str, tree: &Tree) -> Option<Found> {
    let installer = INSTALLERS.iter().find(|one| match &one.known_by {
        Sign::Kinds(_) => false,
        Sign::K3sKeys => tree.is_object() && is_k3s(text),
        Sign::Field(path) => !at(tree, path).is_empty(),
    })?;
    Some(installer.read(tree))
}

impl Installer {
    fn read(&self, tree: &Tree) -> Found {
        let mut manifest = InstallerManifest {
            told: Vec::new(),
            off: None,
            unset: self.unset,
        };
        for read in self.reads {
            let mut k3s_words = Vec::new();
            for (path, value) in at(tree, read.path) {
                match read.form {
                    Form::K3s => k3s(path, value, &mut manifest),
                    Form::Text => text::text(&path, value, &mut manifest),
                    Form::Base64 => text::base64(&path, value, &mut manifest),
                    Form::File => text::file(&path, value, &mut manifest),
                    Form::K3sWord => {
                        if let Some(word) = value.as_str() {
                            k3s_words.push((path, word.to_owned()));
                        }
                    }
                    Form::Flags => manifest.tell(path, Settings::Flags, flags(value)),
                    Form::Fields(table) => {
                        manifest.tell(path, Settings::Fields, fields(value, table));
                    }
                    Form::Chosen(flag, choices) => {
                        let is_there =
                            |field: &&&str| value.get(**field).is_some_and(|one| !one.is_null());
                        let chosen = choices.iter().find(is_there);
                        let chosen = chosen.map(|choice| format!("--{flag}={choice}"));
                        manifest.tell(path, Settings::Fields, chosen.into_iter().collect());
                    }
                    Form::Off(off) => {
                        if off.is_met(value) {
                            manifest.off = Some(path);
                        }
                    }
                }
            }
            let off = ["--disable-kube-proxy", "--disable-kube-proxy=true"];
            if let Some((path, _)) = k3s_words
                .iter()
                .find(|(_, word)| off.contains(&word.as_str()))
            {
                manifest.off = Some(path.clone());
            }
            if let Some((first, _)) = k3s_words.first() {
                let path = first.clone();
                let words = k3s_words.into_iter().map(|(_, word)| word).collect();
                manifest.tell(path, Settings::K3sWords, words);
            }
        }
        if manifest.off.is_some() {
            manifest.told.clear();
        }
        Found {
            what: self.what,
            manifest,
        }
    }
}

impl InstallerManifest {
    fn tell(&mut self, path: FieldPath, settings: fn(Vec<String>) -> Settings, words: Vec<String>) {
        if !words.is_empty() {
            let settings = settings(words);
            self.told.push(Told { path, settings });
        }
    }
}

impl Off {
    fn is_met(self, value: &Tree) -> bool {
        match self {
            Self::Is(expected) => value.as_bool() == Some(expected),
            Self::Word(word) => value.as_str() == Some(word),
            Self::Lists(word) => {
                let list = value.as_array();
                list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(word)))
            }
        }
    }
}

/// The configuration of k3s or RKE2.
fn k3s(path: FieldPath, value: &Tree, manifest: &mut InstallerManifest) {
    let words = |key: &str| value.get(key).map(list).unwrap_or_default();
    if value.get("disable-kube-proxy").and_then(Tree::as_bool) == Some(true) {
        manifest.off = Some(path.key("disable-kube-proxy"));
        return;
    }
    let (own, more) = (words("kube-proxy-arg"), words("kube-proxy-arg+"));
    let key = match (own.as_slice(), more.as_slice()) {
        ([], []) => return,
        ([], _) => "kube-proxy-arg+",
        _ => "kube-proxy-arg",
    };
    let settings = Settings::K3s {
        flags: [own, more].concat(),
        ranges: words("cluster-cidr"),
    };
    let path = path.key(key);
    manifest.told.push(Told { path, settings });
}

/// Fields of a mapping, as the flags that a table has for them.
fn fields(tree: &Tree, table: &[(&str, &str)]) -> Vec<String> {
    let flags = table.iter().flat_map(|(field, flag)| {
        let found = at(tree, field).into_iter();
        found.filter_map(move |(_, value)| flag_of(flag, value))
    });
    flags.collect()
}

/// Flags from a list of them, or from a mapping of their values.
fn flags(value: &Tree) -> Vec<String> {
    let dashed = |word: &str| format!("--{}", word.trim_start_matches('-'));
    match value {
        Tree::Object(map) => {
            let values = map.iter().flat_map(|(name, value)| {
                let values = match value {
                    Tree::Array(values) => values.as_slice(),
                    value => std::slice::from_ref(value),
                };
                values.iter().filter_map(move |value| flag_of(name, value))
            });
            values.collect()
        }
        value => list(value).iter().map(|word| dashed(word)).collect(),
    }
}

/// A flag with its value; lists and mappings as kube-proxy's flags take them.
fn flag_of(name: &str, value: &Tree) -> Option<String> {
    let value = match value {
        Tree::Array(_) => list(value).join(","),
        Tree::Object(map) => {
            let pairs = map
                .iter()
                .filter_map(|(key, value)| Some(format!("{key}={}", scalar(value)?)));
            pairs.collect::<Vec<_>>().join(",")
        }
        value => scalar(value)?,
    };
    // What a template fills in is not known here.
    let is_known = !value.is_empty() && !value.contains("{{") && !value.contains("{%");
    is_known.then(|| format!("--{}={value}", name.trim_start_matches('-')))
}

/// A word, or a list of words.
fn list(value: &Tree) -> Vec<String> {
    match value {
        Tree::Array(values) => values.iter().filter_map(scalar).collect(),
        value => scalar(value).into_iter().collect(),
    }
}

fn scalar(value: &Tree) -> Option<String> {
    match value {
        Tree::String(text) => Some(text.clone()),
        Tree::Bool(_) | Tree::Number(_) => Some(value.to_string()),
        Tree::Null | Tree::Array(_) | Tree::Object(_) => None,
    }
}

/// All that stands at a path of the table.
fn at<'t>(tree: &'t Tree, path: &str) -> Vec<(FieldPath, &'t Tree)> {
    let mut found = vec![(Vec::new(), tree)];
    for key in path.split('.').filter(|key| !key.is_empty()) {
        let mut next = Vec::new();
        for (path, tree) in found {
            let mut add = |segment: Segment, value: &'t Tree| {
                let mut path: Vec<Segment> = path.clone();
                path.push(segment);
                next.push((path, value));
            };
            match (key, tree) {
                ("*", Tree::Array(values)) => {
                    for (index, value) in values.iter().enumerate() {
                        add(Segment::Index(index), value);
                    }
                }
                ("*", Tree::Object(values)) => {
                    for (key, value) in values {
                        add(Segment::Key(key.clone().into()), value);
                    }
                }
                (key, tree) => {
                    if let Some(value) = tree.get(key) {
                        add(Segment::Key(key.to_owned().into()), value);
                    }
                }
            }
        }
        found = next;
    }
    let found = found.into_iter();
    found
        .map(|(path, value)| (path.into_iter().collect(), value))
        .collect()
}

#[cfg(test)]
mod tests;
