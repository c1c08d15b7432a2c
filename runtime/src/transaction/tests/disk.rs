//! A disk that is full, once or for good, and a node that refuses.

use std::path::Path;

use portolan_compiler::plan::Inventory;

use super::fake::Fate;
use super::world::{both, new};
use crate::report::{Exit, Explain as _};
use crate::transaction::store::{RealDisk, Store, StoreError};
use crate::transaction::{Never, Recovered, TransactionError};

/// As `--state-dir st`: the folder is made, and found again from elsewhere.
#[test]
fn a_folder_may_be_named_from_where_we_are() {
    let place = tempfile::tempdir_in(".").unwrap();
    let name = place.path().file_name().unwrap().to_owned();
    place.close().unwrap();
    assert!(Store::existing(Path::new(&name)).unwrap().is_none());
    let store = Store::open(Path::new(&name), Box::new(RealDisk)).unwrap();
    let root = store.root().to_owned();
    store.set_inventory(&Inventory::default()).unwrap();
    let found = Store::existing(Path::new(&name)).unwrap();
    std::fs::remove_dir_all(&root).unwrap();
    assert!(
        root.is_absolute() && root.ends_with(&name),
        "{}",
        root.display()
    );
    assert_eq!(found.unwrap().root(), root);
}

/// A record that another portolan wrote names that one, and what is damaged does not.
#[test]
fn records_of_another_portolan_are_told_from_damaged_ones() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("st");
    let store = Store::open(&root, Box::new(RealDisk)).unwrap();
    let folder = root.join("generations/1");
    std::fs::create_dir_all(&folder).unwrap();
    for (record, expected, help) in [
        (
            r#"{"format": "portolan-generation 3", "tool": "9.1.0", "epoch": 1}"#,
            r#"portolan 9.1.0 wrote it in the format "portolan-generation 3", and this portolan, 0.1.0, reads "portolan-generation 2""#,
            "use portolan 9.1.0;",
        ),
        (
            r#"{"format": "portolan-generation 1", "tool": "0.2.0", "epoch": 1}"#,
            "portolan 0.2.0 wrote it in the format",
            "use portolan 0.2.0;",
        ),
        (
            r#"{"format": "portolan-generation 3"}"#,
            r#"its format is "portolan-generation 3""#,
            "a newer portolan",
        ),
        (
            r#"{"format": "portolan-generation 1", "tool": "0.1.0", "epoch": 1}"#,
            "unknown field `epoch`",
            "a newer portolan",
        ),
        ("{", "EOF", "a newer portolan"),
    ] {
        std::fs::write(folder.join("generation.json"), record).unwrap();
        let error = store.generation(1).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(expected), "{record}: {text}");
        let found = error.help().unwrap();
        assert!(found.starts_with(help), "{record}: {found}");
    }
}

#[test]
fn a_read_only_disk_has_a_way_out() {
    let error = StoreError::Io {
        action: "make",
        path: "/var/lib/portolan".into(),
        source: std::io::ErrorKind::ReadOnlyFilesystem.into(),
    };
    assert!(error.help().unwrap().contains("--state-dir"));
}

#[test]
fn whatever_fails_the_exit_code_says_what_the_node_holds() {
    let (world, before, after) = both();
    for fate in [Fate::Fail, Fate::FailFrom] {
        let mut exits = std::collections::BTreeSet::new();
        for at in 0.. {
            let node = world.fork();
            node.counter.set(at, fate);
            let done = node.apply(&new(), &Never);
            node.counter.clear();
            let name = format!("{fate:?} {at}: {done:?}");
            let Err(error) = done else {
                assert_eq!(node.holds(), after, "{name}");
                // A disk that is full for good keeps what is left of the journal.
                if fate == Fate::Fail || node.store().journal().unwrap().is_none() {
                    break;
                }
                continue;
            };
            exits.insert(error.exit());
            match error.exit() {
                // Nothing was touched, or everything was undone.
                Exit::Io | Exit::RolledBack => assert_eq!(node.holds(), before, "{name}"),
                // It is in place with some of the old, and cannot be undone.
                Exit::Unfinished if matches!(error, TransactionError::Ahead { .. }) => {
                    assert_eq!(fate, Fate::FailFrom, "{name}");
                    let recovered = node.fork().recover(None).unwrap();
                    assert!(matches!(recovered, Recovered::Finished { .. }), "{name}");
                }
                // It is in place, but not recorded.
                Exit::Unfinished => assert_eq!(node.holds(), after, "{name}"),
                // Neither: nobody could undo it, as everything fails.
                Exit::Dirty => assert_eq!(fate, Fate::FailFrom, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            // Once it works again, recovery ends in one of the two, and in what was told.
            let recovered = node.recover(None).unwrap();
            let now = node.holds();
            if error.exit() == Exit::RolledBack {
                assert_eq!(now, before, "{name}: {recovered:?}");
            }
            match recovered {
                Recovered::Undone(_) => assert_eq!(now, before, "{name}"),
                Recovered::Finished { .. } => assert_eq!(now, after, "{name}"),
                Recovered::Nothing => assert!(now == before || now == after, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            let current = if now == before { 1 } else { 2 };
            assert_eq!(node.generation(), Some(current), "{name}");
        }
        assert!(exits.contains(&Exit::Io), "{exits:?}");
        if fate == Fate::Fail {
            assert!(exits.contains(&Exit::RolledBack), "{exits:?}");
        } else {
            assert!(exits.contains(&Exit::Dirty), "{exits:?}");
        }
    }
}
