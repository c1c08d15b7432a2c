//! Pages of `docs` with commands about the demo: they print what is shown.

use std::fs;

use crate::repository::{Repository, root};

/// The page's blocks in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let name = line.trim_start_matches('`');
        let fence = &line[..line.len() - name.len()];
        if fence.len() < 3 {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        if name == language {
            blocks.push(block.join("\n"));
        }
    }
    blocks
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap()
}

/// Runs a page's commands; says how many there are.
fn print_what_it_shows(page: &str, repository: &Repository) -> usize {
    let sessions = blocks(page, "console");
    for block in &sessions {
        let (command, shown) = block.split_once('\n').unwrap_or((block, ""));
        let command = command.strip_prefix("$ ").expect("a command first");
        let output = repository.run(&format!("{{ {command}\n}} 2>&1"));
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.trim_end(), shown.trim_end(), "{command}");
    }
    sessions.len()
}

#[test]
fn explain_prints_what_its_page_shows() {
    let sessions = print_what_it_shows(&page("explain.md"), &Repository::demo());
    assert_eq!(sessions, 2);
}

#[test]
fn the_commands_print_what_the_page_shows() {
    let page = page("pull-request.md");
    let repository = Repository::demo();
    let change = &blocks(&page, "diff")[0];
    fs::write(repository.path().join("change"), format!("{change}\n")).unwrap();
    repository.succeeds("git apply change && rm change");
    let sessions = print_what_it_shows(&page, &repository);
    assert!(sessions >= 4, "{sessions}");
    let workflow: serde_yaml::Value = serde_yaml::from_str(&blocks(&page, "yaml")[0]).unwrap();
    let steps = workflow["jobs"]["review"]["steps"].as_sequence().unwrap();
    let with = steps.last().unwrap()["with"].as_mapping().unwrap();
    let action = root().join(".github/actions/portolan/action.yml");
    let action: serde_yaml::Value =
        serde_yaml::from_str(&fs::read_to_string(action).unwrap()).unwrap();
    for input in with.keys() {
        assert!(action["inputs"].get(input).is_some(), "{input:?}");
    }
}
