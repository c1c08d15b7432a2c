//! What the YAML parser says of the file, in words for whoever wrote it.

use portolan_compiler::escape;
use portolan_compiler::nearest::{self, Slips};
use portolan_compiler::source::FieldPath;
use portolan_compiler::source::span_in;

use super::error::SettingsError;

/// What others call settings, and the keys that they have.
const SYNONYMS: [(&str, &str); 23] = [
    ("files", "inputs"),
    ("filename", "inputs"),
    ("filenames", "inputs"),
    ("input", "inputs"),
    ("manifests", "inputs"),
    ("paths", "inputs"),
    ("sources", "inputs"),
    ("config", "kubeProxy"),
    ("configuration", "kubeProxy"),
    ("kubeProxyConfig", "kubeProxy"),
    ("kubeProxyConfiguration", "kubeProxy"),
    ("nodeFacts", "facts"),
    ("release", "kubeVersion"),
    ("version", "kubeVersion"),
    ("kubernetes", "kubeVersion"),
    ("kubernetesVersion", "kubeVersion"),
    ("golden", "out"),
    ("output", "out"),
    ("outputFolder", "out"),
    ("rules", "out"),
    ("excludes", "exclude"),
    ("ignore", "exclude"),
    ("cluster", "clusters"),
];

/// Keys that are missed on purpose, by the options that there are, and why.
const REFUSED: [(&str, &str); 10] = [
    ("yes", CONSENT),
    ("takeover", CONSENT),
    ("maxRemoval", CONSENT),
    ("allowEmpty", CONSENT),
    ("ownership", CONSENT),
    ("confirmTimeout", CONSENT),
    ("drain", CONSENT),
    ("wait", CONSENT),
    ("stateDir", CONSENT),
    (
        "followLinks",
        "a change could read with it what is not the repository's: pass --follow-links, or set PORTOLAN_FOLLOW_LINKS",
    ),
];

const CONSENT: &str = "what a command does to a node is said where it is run, and nowhere else";

/// The parser's complaint about a text.
pub(super) fn explain(name: &str, text: &str, error: &serde_yaml::Error) -> SettingsError {
    let said = error.to_string();
    let said = said.find(" at line ").map_or(&*said, |end| &said[..end]);
    let (line, column) = error
        .location()
        .map_or((1, 1), |place| (place.line(), place.column()));
    let content = |(line, column), message: String, help: String| SettingsError::Content {
        file: name.to_owned(),
        line,
        column,
        message,
        help,
    };
    let (path, message) = match said.split_once(": ") {
        Some((path, rest)) if is_path(path) => (path, rest),
        _ => ("", said),
    };
    if let Some(rest) = message.strip_prefix("unknown field `")
        && let Some((key, expected)) = rest.split_once("`, ")
    {
        let place = path.split('.').filter(|part| !part.is_empty());
        let place = place.fold(FieldPath::root(), |path, key| path.key(key.to_owned()));
        let at = span_in(text, &place.key(key.to_owned())).start;
        let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
        let within = match path {
            "" => String::new(),
            path => format!("{}: ", escape::visible(path)),
        };
        let (line, column) = line_column(text, at);
        let in_line = text.lines().nth(line - 1).and_then(|text| text.find(key));
        let column = in_line.map_or(column, |at| at + 1);
        return content(
            (line, column),
            format!("{within}there is no key {:?}", escape::visible(key)),
            way_out(key, &known),
        );
    }
    if let Some(key) = message
        .strip_prefix("duplicate field `")
        .or_else(|| message.strip_prefix("duplicate entry with key "))
        .map(|key| key.trim_end_matches('`').trim_matches('"'))
    {
        let place = twice(text, key).unwrap_or((line, column));
        return content(
            place,
            format!("the key {:?} is there twice", escape::visible(key)),
            "keep one of them".to_owned(),
        );
    }
    if text.contains("{{") {
        return content(
            (line, column),
            "this is a template, or has one in it: braces that are no YAML".to_owned(),
            "render it before it is committed: nothing here is filled in".to_owned(),
        );
    }
    let message = &*in_words(message);
    let message = match path {
        "" => escape::visible(message),
        path => escape::visible(&format!("{path}: {message}")),
    };
    content(
        (line, column),
        message,
        "`portolan config --schema` tells the type of each key".to_owned(),
    )
}

/// Names of the parser's, and what they are for people.
const NAMES: [(&str, &str); 5] = [
    ("struct File", "a mapping of settings"),
    ("struct Cluster", "a mapping of settings"),
    ("struct Lint", "a mapping of settings"),
    ("field identifier", "a key"),
    ("invalid type: sequence", "invalid type: list"),
];

fn in_words(message: &str) -> String {
    let names = NAMES.iter();
    names.fold(message.to_owned(), |said, (name, words)| {
        said.replace(name, words)
    })
}

/// Where a key is for the second time among its like, line and column from 1: of keys on lines of their own.
pub(super) fn twice(text: &str, key: &str) -> Option<(usize, usize)> {
    let mut before: Vec<usize> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        before.retain(|other| *other <= indent);
        let named = body.trim_start_matches(['"', '\'']);
        let rest = named.strip_prefix(key);
        let rest = rest.map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        if rest.is_some_and(|rest| rest.starts_with(':')) {
            if before.contains(&indent) {
                return Some((number + 1, indent + 1));
            }
            before.push(indent);
        }
    }
    None
}

/// Whether what stands before a complaint is where it is from.
fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-[]".contains(c))
        && !text.starts_with("invalid")
}

fn way_out(key: &str, known: &[&str]) -> String {
    let camel = camel(key);
    if let Some((_, why)) = REFUSED.iter().find(|(refused, _)| *refused == camel) {
        return (*why).to_owned();
    }
    match meant(&camel, known) {
        Some(near) => format!("{near} is one"),
        None => format!("there are: {}", known.join(", ")),
    }
}

/// The key that is meant, where one is near.
fn meant<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let is = |known: &&&'k str, name: &str| known.eq_ignore_ascii_case(name);
    let same = known.iter().find(|known| is(known, key));
    let synonym = || {
        let (_, meant) = SYNONYMS
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(key))?;
        known.iter().find(|known| is(known, meant))
    };
    let near = || nearest::one(key, known.iter().copied(), Slips::OneInOrOne(3));
    same.or_else(synonym).copied().or_else(near)
}

/// `kube-version` and `kube_version` as they would be written here.
fn camel(key: &str) -> String {
    let mut parts = key.trim_start_matches('-').split(['-', '_']);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |key, part| {
        let mut letters = part.chars();
        let head = letters.next().map(|c| c.to_ascii_uppercase());
        key + &head.into_iter().chain(letters).collect::<String>()
    })
}

/// Line and column of an offset, from 1.
pub(super) fn line_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at.min(text.len())];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        before.matches('\n').count() + 1,
        before[start..].chars().count() + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Repository, Top};
    use std::path::Path;

    #[test]
    fn the_nearest_key_is_named() {
        let known = [
            "inputs",
            "base",
            "kubeProxy",
            "kubeVersion",
            "mode",
            "out",
            "clusters",
        ];
        for (key, expected) in [
            ("bases", "base is one"),
            ("release", "kubeVersion is one"),
            ("kube-version", "kubeVersion is one"),
            ("KubeProxy", "kubeProxy is one"),
            ("Mode", "mode is one"),
            ("output", "out is one"),
            ("manifests", "inputs is one"),
            ("yes", CONSENT),
            ("max-removal", CONSENT),
            (
                "color",
                "there are: inputs, base, kubeProxy, kubeVersion, mode, out, clusters",
            ),
        ] {
            assert_eq!(way_out(key, &known), expected, "{key}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let root = Path::new("/repo");
        for (text, expected) in [
            (
                "mode: ipvs\nbse: x\n",
                "portolan.yaml:2:1: there is no key \"bse\"",
            ),
            (
                "clusters:\n  prod:\n    mod: ipvs\n",
                "portolan.yaml:3:5: clusters.prod: there is no key \"mod\"",
            ),
            (
                "clusters:\n  prod:\n    clusters: {}\n",
                "portolan.yaml:3:5: clusters.prod: there is no key \"clusters\"",
            ),
            (
                "inputs:\n  a: b\n",
                "portolan.yaml:2:3: inputs: invalid type: map, expected text or a list of texts",
            ),
            (
                "[a, b]\n",
                "portolan.yaml:1:1: invalid type: list, expected a mapping of settings",
            ),
            (
                "mode: ipvs\nmode: nftables\n",
                "portolan.yaml:2:1: the key \"mode\" is there twice",
            ),
            (
                "clusters:\n  a: {}\n  b:\n    mode: ipvs\n    # mode\n    mode: ipvs\n",
                "portolan.yaml:6:5: the key \"mode\" is there twice",
            ),
            (
                "clusters:\n  a: {}\n  a: {}\n",
                "portolan.yaml:3:3: the key \"a\" is there twice",
            ),
            (
                "inputs: {{ folder }}\n",
                "portolan.yaml:1:9: this is a template, or has one in it: braces that are no YAML",
            ),
            (
                "recursive: maybe\n",
                "portolan.yaml:1:12: recursive: invalid type: string \"maybe\", expected a boolean",
            ),
            (
                "inputs: [a, ../x]\n",
                "portolan.yaml:1:13: inputs: the path \"../x\" leads out of the repository",
            ),
            (
                "base: /etc/passwd\n",
                "portolan.yaml:1:7: base: the path \"/etc/passwd\" is absolute",
            ),
            (
                "lint:\n  config:\n    rules: {PTL999: off}\n",
                "portolan.yaml:3:21: no rule of the catalogue, which is PTL001 to PTL047",
            ),
            (
                "lint:\n  config:\n    rule: {}\n",
                "portolan.yaml:3:5: lint.config: there is no key \"rule\"",
            ),
            (
                "clusters: {'a b': {}}\n",
                "portolan.yaml:1:12: \"a b\" is no name of a cluster",
            ),
        ] {
            let read = Repository::read(Top::new(root, root, root), "portolan.yaml", text);
            let said = read.unwrap_err().to_string();
            let said = said.split(", which is PTL001").next().unwrap();
            let expected = expected.split(", which is PTL001").next().unwrap();
            assert_eq!(said, expected, "{text}");
        }
    }
}
