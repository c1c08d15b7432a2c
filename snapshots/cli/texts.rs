//! Texts that name an option, a command or a page: it exists.
//!
//! Read are the strings of the sources, the help pages' among them, and the documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use portolan_runtime::app;

/// Options of other programs that texts of ours name.
const FOREIGN: &[(&str, &[&str])] = &[
    ("apt-get", &["no-install-recommends"]),
    (
        "cargo",
        &[
            "all-targets",
            "example",
            "locked",
            "nocapture",
            "release",
            "test",
            "workspace",
        ],
    ),
    ("git", &["depth", "no-filter", "refetch", "unshallow"]),
    ("ipset", &["timeout"]),
    (
        "iptables",
        &[
            "comment",
            "ctstate",
            "dport",
            "dst-type",
            "mark",
            "mask",
            "match-set",
            "name",
            "noflush",
            "physdev-is-in",
            "probability",
            "random-fully",
            "rcheck",
            "reap",
            "reject-with",
            "rsource",
            "seconds",
            "set",
            "set-xmark",
            "src-type",
            "to-destination",
            "vaddr",
            "vport",
            "vproto",
        ],
    ),
    (
        "ipvsadm",
        &[
            "add-service",
            "pe",
            "protocol",
            "sctp-service",
            "stats",
            "tun-csum",
            "tun-nocsum",
            "tun-port",
            "tun-remcsum",
            "tun-type",
        ],
    ),
    ("kube-proxy", &["cleanup"]),
    ("kubectl", &["enable-helm"]),
    ("kubelet", &["node-ip"]),
    ("rustup", &["component", "profile"]),
    ("systemctl", &["now"]),
];

/// A place and a text that stands there.
struct Text {
    place: String,
    text: String,
}

#[test]
fn options_commands_and_pages_exist() {
    let command = app::command();
    let texts = texts();
    let mut wrong = Vec::new();
    let options = options(&command);
    let mut foreign: BTreeSet<&str> = FOREIGN
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    for Text { place, text } in &texts {
        for option in options_named(text) {
            if !options.contains(option)
                && !FOREIGN.iter().any(|(_, names)| names.contains(&option))
            {
                wrong.push(format!("{place}: --{option} is no option of ours"));
            }
            foreign.remove(option);
        }
        for line in commands_named(text) {
            wrong.extend(complaint(&command, line).map(|what| format!("{place}: {what}")));
        }
        for page in pages_named(text) {
            if !root().join(page).exists() {
                wrong.push(format!("{place}: {page} is not there"));
            }
        }
    }
    for page in ["CONTRIBUTING.md", "docs/architecture.md", "README.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        let gone = places_named(&text).filter(|place| !root().join(place).exists());
        wrong.extend(gone.map(|place| format!("{page}: {place} is not there")));
    }
    wrong.extend(
        foreign
            .iter()
            .map(|option| format!("no text names --{option}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Long options of all commands, other spellings included.
fn options(command: &clap::Command) -> BTreeSet<String> {
    let own = command.get_arguments().flat_map(|argument| {
        let long = argument.get_long().into_iter();
        long.chain(argument.get_all_aliases().into_iter().flatten())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let below = command.get_subcommands().flat_map(options);
    own.chain(below)
        .chain(["help", "version"].map(str::to_owned))
        .collect()
}

/// What is wrong with a command line of ours, as far as names tell.
fn complaint(command: &clap::Command, line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip(1);
    let verb = words.find(|word| !word.starts_with('-'))?;
    if verb.chars().all(|c| c.is_ascii_uppercase() || c == '…') {
        return None;
    }
    if verb == "help" {
        return None;
    }
    let Some(found) = command.find_subcommand(verb) else {
        return Some(format!("`{line}`: there is no command {verb}"));
    };
    let known: BTreeSet<String> = options(found)
        .into_iter()
        .chain(
            command
                .get_arguments()
                .filter_map(|a| a.get_long())
                .map(str::to_owned),
        )
        .collect();
    let mut named = options_named(line);
    named
        .find(|option| !known.contains(*option))
        .map(|option| format!("`{line}`: {verb} has no option --{option}"))
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn options_named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("--").filter_map(move |(at, _)| {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| is_part(c) || matches!(c, '_' | '/' | '<' | '!' | '|')) {
            return None;
        }
        let name = &text[at + 2..];
        let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
        let name = name[..end].trim_end_matches('-');
        name.starts_with(|c: char| c.is_ascii_lowercase())
            .then_some(name)
    })
}

/// Command lines of ours: between backticks, or a line of a block of code for a shell.
fn commands_named(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| !code.contains('\n'));
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    let lines = blocks
        .flat_map(str::lines)
        .map(|line| line.trim_start().trim_start_matches("$ "));
    quoted
        .chain(lines)
        .filter(|code| code.starts_with("portolan "))
        .map(|line| {
            // Up to a comment, a pipe, or what another command makes of it.
            let stops = [" | ", " > ", "; ", " # ", " && ", "  "];
            let end = stops.iter().filter_map(|stop| line.find(stop)).min();
            &line[..end.unwrap_or(line.len())]
        })
}

fn pages_named(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("docs/").filter_map(move |(at, _)| {
        let page = &text[at..];
        let end = page.find(|c: char| !(is_part(c) || matches!(c, '/' | '.' | '_')))?;
        let page = page[..end].trim_end_matches('.');
        page.rsplit_once('.').is_some().then_some(page)
    })
}

/// Files and folders of the project that a page names between backticks.
fn places_named(text: &str) -> impl Iterator<Item = &str> {
    const TOP: &[&str] = &["compiler/", "runtime/", "snapshots/", "fixtures/", ".ci/"];
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|words| TOP.iter().any(|top| words.starts_with(top)) && !words.contains(' '))
}

/// All texts of the project.
fn texts() -> Vec<Text> {
    let mut texts = Vec::new();
    for folder in ["compiler/src", "runtime/src"] {
        // Files of tests alone hold what programs print.
        let of_tests = |path: &PathBuf| {
            path.ends_with("tests.rs")
                || path.components().any(|part| {
                    ["tests", "captured"]
                        .map(std::ffi::OsStr::new)
                        .contains(&part.as_os_str())
                })
        };
        for path in files(&root().join(folder), "rs")
            .into_iter()
            .filter(|path| !of_tests(path))
        {
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for (line, text) in strings(code) {
                texts.push(Text {
                    place: format!("{}:{line}", shown(&path)),
                    text,
                });
            }
        }
    }
    let mut documents = files(&root().join("docs"), "md");
    let top = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ];
    documents.extend(top.map(|page| root().join(page)));
    documents.extend(files(&root().join(".github"), "yml"));
    documents.extend(files(&root().join("runtime/systemd"), "service"));
    documents.push(root().join(".pre-commit-hooks.yaml"));
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        texts.push(Text {
            place: shown(&path),
            text,
        });
    }
    assert!(texts.len() > 1000, "only {} texts were found", texts.len());
    texts
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Prose in a source: its string literals that have several words, and what help pages are made of,
/// the comments of a command's arguments. Each with its line.
fn strings(code: &str) -> Vec<(usize, String)> {
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    let mut rest = code;
    let line = |rest: &str| code[..code.len() - rest.len()].matches('\n').count() + 1;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let from = &rest[at..];
        if from.starts_with("//") {
            rest = from.find('\n').map_or("", |end| &from[end..]);
        } else if let Some(character) = from.strip_prefix('\'') {
            // A character, or a lifetime.
            let skip = match character.char_indices().nth(1) {
                _ if character.starts_with('\\') => {
                    character[1..].find('\'').map_or(1, |end| end + 2)
                }
                Some((end, '\'')) => end + 1,
                _ => 0,
            };
            rest = &character[skip..];
        } else if let Some(body) = from.strip_prefix('"') {
            let end = end_of_string(body);
            let text = body[..end].replace("\\n", "\n").replace("\\\n", "");
            if text.contains(' ') {
                found.insert(line(from), text);
            }
            rest = &body[(end + 1).min(body.len())..];
        } else {
            rest = &from[1..];
        }
    }
    found.into_iter().collect()
}

fn end_of_string(body: &str) -> usize {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    body.len()
}
