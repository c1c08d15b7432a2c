//! Readers of artefacts as the cases speak of them, apart from the project's own on purpose.

use std::collections::BTreeMap;

/// A rule's conditions and target by their names, whichever of the equal spellings it has.
pub(super) type Rule = BTreeMap<&'static str, String>;

/// The rules of each chain, by `table chain`.
pub(super) fn iptables(text: &str) -> BTreeMap<String, Vec<Rule>> {
    let mut chains: BTreeMap<String, Vec<Rule>> = BTreeMap::new();
    let mut table = "";
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if let Some(chain) = line.strip_prefix(':') {
            let chain = chain.split(' ').next().unwrap();
            chains.entry(format!("{table} {chain}")).or_default();
        } else if line.starts_with("-A ") || line.starts_with("-I ") {
            let words = words(line);
            let rules = chains.entry(format!("{table} {}", words[1])).or_default();
            let at = if words[0] == "-I" { 0 } else { rules.len() };
            rules.insert(at, rule(&words[2..]));
        }
    }
    chains
}

/// Words of a line, quoted ones whole.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words
}

fn rule(words: &[String]) -> Rule {
    let mut rule = Rule::new();
    let mut words = words.iter().map(String::as_str);
    let mut not = "";
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap().to_owned();
        let (key, text) = match word {
            "!" => {
                not = "!";
                continue;
            }
            "-m" | "--mask" | "--reject-with" | "--ports-range" => {
                value();
                continue;
            }
            "--rsource" => continue,
            "-s" => ("s", with_length(&value())),
            "-d" => ("d", with_length(&value())),
            "-p" => ("p", value()),
            "--dport" => ("dport", value()),
            "--dst-type" => ("dst-type", value()),
            "--src-type" => ("src-type", value()),
            "--ctstate" => ("ctstate", value()),
            "--comment" => ("comment", value()),
            "--to-destination" => ("to-destination", value()),
            "--seconds" => ("seconds", value()),
            "--name" => ("name", value()),
            "--mark" => ("mark", value()),
            "--mode" => ("mode", value()),
            "-i" => ("i", value()),
            "--physdev-in" => ("physdev-in", value()),
            "--probability" => (
                "probability",
                format!("{:.6}", value().parse::<f64>().unwrap()),
            ),
            "--match-set" => ("sets", format!("{} {}", value(), value())),
            "--or-mark" => ("setmark", format!("or {}", value())),
            "--set-xmark" => ("setmark", marked(&value())),
            "--xor-mark" => ("setmark", format!("xor {}", value())),
            "--set" => ("set", "yes".to_owned()),
            "--rcheck" => ("rcheck", "yes".to_owned()),
            "--reap" => ("reap", "yes".to_owned()),
            "--random-fully" => ("random-fully", "yes".to_owned()),
            "-j" | "-g" => ("j", value()),
            other => ("other", other.to_owned()),
        };
        rule.insert(key, format!("{not}{text}"));
        not = "";
    }
    rule
}

/// `VALUE/MASK` as what it does: all bits of the mask are cleared, then those of the value flipped.
fn marked(text: &str) -> String {
    let (value, mask) = text.split_once('/').unwrap();
    if value == mask {
        format!("or {value}")
    } else if mask == "0x0" {
        format!("xor {value}")
    } else {
        text.to_owned()
    }
}

fn with_length(address: &str) -> String {
    let length = if address.contains(':') { "/128" } else { "/32" };
    if address.contains('/') {
        address.to_owned()
    } else {
        format!("{address}{length}")
    }
}

/// A rule in the short notation of the cases.
pub(super) fn short(rule: &Rule, comments: Comments) -> String {
    const KEYS: [&str; 18] = [
        "p",
        "s",
        "d",
        "dport",
        "src-type",
        "dst-type",
        "ctstate",
        "mark",
        "probability",
        "name",
        "seconds",
        "set",
        "rcheck",
        "reap",
        "i",
        "physdev-in",
        "setmark",
        "random-fully",
    ];
    let mut words: Vec<String> = KEYS
        .iter()
        .chain(&["to-destination"])
        .filter_map(|key| rule.get(key).map(|value| format!("{key}={value}")))
        .collect();
    if comments == Comments::Compared {
        words.extend(rule.get("comment").map(|text| format!("c={text}")));
    }
    words.extend(rule.get("other").map(|word| format!("?{word}")));
    words.push("->".to_owned());
    words.extend(rule.get("j").cloned());
    words.join(" ")
}

/// Whether a case says which comments rules have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Comments {
    Compared,
    /// It does not.
    Ignored,
}

/// A virtual server: its options, and its destinations, sorted.
#[derive(Default)]
pub(super) struct Server {
    pub(super) options: String,
    pub(super) destinations: Vec<String>,
}

/// Virtual servers by `address:port/PROTOCOL`.
pub(super) fn virtual_servers(text: &str) -> BTreeMap<String, Server> {
    let mut servers: BTreeMap<String, Server> = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [verb, protocol, address, options @ ..] = words.as_slice() else {
            continue;
        };
        let protocol = match *protocol {
            "-t" => "TCP",
            "-u" => "UDP",
            "--sctp-service" => "SCTP",
            other => panic!("{other} names no protocol"),
        };
        let server = servers.entry(format!("{address}/{protocol}")).or_default();
        if *verb == "-A" {
            server.options = options.join(" ");
        } else {
            server.destinations.push(options[1].to_owned());
            server.destinations.sort();
        }
    }
    servers
}

/// Entries of sets by name, sorted.
pub(super) fn sets(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut sets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["create", name, ..] => drop(sets.entry((*name).to_owned()).or_default()),
            ["add", name, entry, ..] => {
                let entries = sets.entry((*name).to_owned()).or_default();
                entries.push((*entry).to_owned());
                entries.sort();
            }
            _ => {}
        }
    }
    sets
}
