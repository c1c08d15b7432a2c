//! The schema of NodeFacts is checked in, for editors and validators.

use golden_support::Portolan;
use portolan_runtime::report::Exit;

#[test]
fn the_schema_in_docs_is_that_of_the_type() {
    let run = Portolan::new("facts --schema").run();
    assert_eq!(run.exit, Exit::Done);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/node-facts.schema.json");
    let checked_in = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        run.text() == checked_in,
        "docs/node-facts.schema.json is not up to date; write it with: \
         cargo run -p portolan-runtime -- facts --schema > docs/node-facts.schema.json"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_facts_of_this_machine_name_the_node_asked_for() {
    let run = Portolan::new("facts --node node-a").run();
    assert_eq!((run.exit, run.stderr.as_str()), (Exit::Done, ""));
    let start = "apiVersion: portolan.dev/v1alpha1\nkind: NodeFacts\nmetadata:\n  name: node-a\n";
    assert!(run.text().starts_with(start), "{run}");
    assert!(!run.text().contains("name: lo\n"), "{run}");
}
