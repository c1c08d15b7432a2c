//! Which options a repository and the environment may stand for, and that no others are.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use golden_support::{Portolan, snapshot};
use portolan_runtime::app;
use portolan_runtime::report::Exit;

/// Verbs that look at manifests, whatever a node holds.
const READERS: [&str; 7] = [
    "compile", "config", "diff", "graph", "lint", "review", "what-if",
];

/// Options that consent to something, or that decide what a node loses.
const CONSENT: [&str; 12] = [
    "allow-empty",
    "confirm-timeout",
    "detailed-exitcode",
    "drain",
    "exclude-cidrs",
    "lock-timeout",
    "max-removal",
    "ownership",
    "state-dir",
    "takeover",
    "wait",
    "yes",
];

/// By verb: its options, each with the variable that its help names.
fn variables() -> BTreeMap<String, BTreeMap<String, Option<String>>> {
    let command = app::command();
    let verbs = command.get_subcommands().map(|verb| {
        let options = verb.get_arguments().filter_map(|argument| {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            let variable = help
                .split_once("[env: ")
                .and_then(|(_, rest)| rest.split_once(']'));
            Some((
                argument.get_long()?.to_owned(),
                variable.map(|(name, _)| name.to_owned()),
            ))
        });
        (verb.get_name().to_owned(), options.collect())
    });
    verbs.collect()
}

#[test]
fn only_verbs_that_touch_no_node_read_settings() {
    let with_variables: BTreeSet<String> = variables()
        .into_iter()
        .filter(|(_, options)| options.values().any(Option::is_some))
        .map(|(verb, _)| verb)
        .collect();
    assert_eq!(with_variables, BTreeSet::from(READERS.map(str::to_owned)));
    let with_config: BTreeSet<String> = variables()
        .into_iter()
        .filter(|(_, options)| options.contains_key("config") || options.contains_key("cluster"))
        .map(|(verb, _)| verb)
        .collect();
    assert_eq!(with_config, BTreeSet::from(READERS.map(str::to_owned)));
}

#[test]
fn no_variable_consents_to_anything() {
    let mut known = BTreeSet::new();
    for (verb, options) in variables() {
        for (option, variable) in options {
            if CONSENT.contains(&option.as_str()) {
                assert_eq!(variable, None, "{verb} --{option}");
                known.insert(option.clone());
            }
            if let Some(variable) = variable {
                let derived = format!("PORTOLAN_{}", option.replace('-', "_").to_uppercase());
                assert_eq!(variable, derived, "{verb} --{option}");
            }
        }
    }
    let all = CONSENT.map(str::to_owned);
    assert_eq!(known, BTreeSet::from(all), "an option is gone");
}

/// Each option that has a variable, and those that have none: one that is added has to be decided about.
#[test]
fn every_option_is_decided_about() {
    let readers = variables();
    let readers = readers
        .iter()
        .filter(|(verb, _)| READERS.contains(&verb.as_str()));
    let lines = readers.flat_map(|(verb, options)| {
        options.iter().map(move |(option, variable)| {
            let variable = variable.as_deref().unwrap_or("-");
            format!("{verb} --{option}: {variable}\n")
        })
    });
    let listed: String = lines.collect();
    snapshot("cli", "variables", listed);
}

#[test]
fn the_schema_is_checked_in() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/portolan.schema.json");
    let run = Portolan::new("config --schema").run();
    assert_eq!(run.exit, Exit::Done);
    assert_eq!(
        fs::read_to_string(path).unwrap_or_default(),
        run.text(),
        "docs/portolan.schema.json is not up to date; write it with: \
         cargo run -p portolan-runtime -- config --schema > docs/portolan.schema.json"
    );
}

/// Every key that the file takes is a setting, and every setting that may stand there is a key.
#[test]
fn settings_and_keys_are_the_same() {
    let schema: serde_json::Value =
        serde_json::from_str(Portolan::new("config --schema").run().text()).unwrap();
    let keys = |of: &serde_json::Value| -> BTreeSet<String> {
        of["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    let mut of_file = keys(&schema);
    assert!(of_file.remove("clusters"));
    assert_eq!(of_file, keys(&schema["$defs"]["Cluster"]));
    assert!(of_file.remove("lint"));
    let of_lint = keys(&schema["$defs"]["Lint"]).into_iter();
    of_file.extend(
        of_lint
            .filter(|key| key != "config")
            .map(|key| format!("lint.{key}")),
    );
    let shown: serde_json::Value =
        serde_json::from_str(Portolan::new("config --output json").run().text()).unwrap();
    let settings = shown["clusters"][0]["settings"].as_array().unwrap().iter();
    let settings = settings.filter(|setting| setting["inFile"] == true);
    let settings: BTreeSet<String> = settings
        .map(|setting| setting["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(settings, of_file);
}
