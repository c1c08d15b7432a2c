//! Records that are lost, one at a time and in every way: no command says that all is well, and there
//! is always a way out.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{Counter, Edition};
use portolan_compiler::plan::End;

use super::fake::Fate;
use super::world::{World, both, killed, new};
use crate::report::{Exit, Explain as _};
use crate::transaction::store::{Purpose, StoreError};
use crate::transaction::{Change, Never, Recovered, Standing, Taken, TransactionError};
use crate::trust::{Order, Provenance, Vouched};

/// What may happen to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    FirstBit,
    MiddleBit,
    LastBit,
    Cut,
    Emptied,
    Removed,
    Folder,
    Link,
}

impl Damage {
    const ALL: [Self; 8] = [
        Self::FirstBit,
        Self::MiddleBit,
        Self::LastBit,
        Self::Cut,
        Self::Emptied,
        Self::Removed,
        Self::Folder,
        Self::Link,
    ];

    fn happens_to(self, path: &Path) {
        let bytes = fs::read(path).unwrap();
        let flip = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        };
        match self {
            Self::FirstBit => flip(0),
            Self::MiddleBit => flip(bytes.len() / 2),
            Self::LastBit => flip(bytes.len() - 1),
            Self::Cut => fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
            Self::Emptied => fs::write(path, "").unwrap(),
            Self::Removed => fs::remove_file(path).unwrap(),
            Self::Folder => {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            }
            Self::Link => {
                let elsewhere = path.with_extension("elsewhere");
                fs::rename(path, &elsewhere).unwrap();
                std::os::unix::fs::symlink(elsewhere, path).unwrap();
            }
        }
    }
}

/// The files below a folder, by their paths in it.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::metadata(&path).unwrap().len() > 0 {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Two generations, and nothing under way.
fn settled() -> World {
    let world = World::with_old();
    world.apply(&new(), &Never).unwrap();
    world
}

/// Cut off where its marker says this.
fn cut_off(marker: &str) -> World {
    let (world, _, _) = both();
    for at in 0..1_000 {
        let cut = world.fork();
        cut.counter.set(at, Fate::Kill);
        let done = killed(|| cut.apply(&new(), &Never));
        cut.counter.clear();
        assert!(done.is_none(), "never {marker}");
        let said = fs::read_to_string(cut.root().join("journal/marker")).unwrap_or_default();
        // In the middle of the steps, where it is neither.
        if said.starts_with(marker) && (marker != "prepared" || cut.holds() != world.holds()) {
            return cut;
        }
    }
    panic!("never {marker}");
}

/// Takes the way out, after which everything works: of some damages, as it is the same from there.
fn way_out_of(damage: Damage, world: &World, (empty, after): (&str, &str), name: &str) {
    if matches!(damage, Damage::MiddleBit | Damage::Removed) {
        return way_out(world, empty, after, name);
    }
    world.take().unwrap();
    assert!(world.store().losses().is_empty(), "{name}");
}

/// Takes the way out, after which everything works.
fn way_out(world: &World, empty: &str, after: &str, name: &str) {
    let taken = world.take().unwrap();
    assert!(matches!(taken, Taken::Recorded { .. }), "{name}: {taken:?}");
    assert!(world.store().losses().is_empty(), "{name}");
    assert_eq!(world.recover(None).unwrap(), Recovered::Nothing, "{name}");
    assert_eq!(world.take().unwrap(), Taken::Nothing, "{name}");
    let gone = world.fork();
    gone.cleanup().unwrap();
    assert_eq!(
        without_settings(&gone.holds()),
        without_settings(empty),
        "{name}"
    );
    world.apply(&new(), &Never).unwrap();
    assert_eq!(world.holds(), after, "{name}");
    assert!(world.store().losses().is_empty(), "{name}");
}

/// What is put back only where the records tell how it was found.
fn without_settings(state: &str) -> Vec<&str> {
    let lines = state.lines();
    lines
        .filter(|line| !line.starts_with("sysctl ") && !line.starts_with("timeouts "))
        .collect()
}

#[test]
fn a_lost_record_is_told_and_there_is_a_way_out() {
    let empty = World::empty().holds();
    let world = settled();
    let after = world.holds();
    for file in files(&world.root()) {
        for damage in Damage::ALL {
            let node = world.fork();
            damage.happens_to(&node.root().join(&file));
            let name = format!("{damage:?} of {}", file.display());
            let store = node.store();
            if file.starts_with("generations/1") {
                // Nothing hangs on it, and it is no way back.
                assert!(store.losses().is_empty(), "{name}");
                let error = store.generation(1).unwrap_err();
                assert!(error.is_damage(), "{name}: {error}");
                node.apply(&new(), &Never).unwrap();
                continue;
            }
            let losses = store.losses();
            assert!(!losses.is_empty(), "{name}: all is well");
            for loss in &losses {
                let text = loss.to_string();
                assert!(text.contains(file.to_str().unwrap()), "{name}: {text}");
                assert!(loss.help().unwrap().contains("--to node"), "{name}");
            }
            drop(store);
            way_out_of(damage, &node, (&empty, &after), &name);
        }
    }
}

#[test]
fn a_lost_journal_is_told_and_there_is_a_way_out() {
    let empty = World::empty().holds();
    let (_, before, after) = both();
    for marker in ["prepared", "switched", "cleaning"] {
        let world = cut_off(marker);
        for file in files(&world.root()) {
            if !file.starts_with("journal") {
                continue;
            }
            for damage in Damage::ALL {
                let (node, there) = (world.fork(), world.fork());
                for one in [&node, &there] {
                    damage.happens_to(&one.root().join(&file));
                }
                let name = format!("{damage:?} of {}, {marker}", file.display());
                match there.recover(None) {
                    // It took what is lost for nothing, or made it anew.
                    Ok(Recovered::Undone(_)) => assert_eq!(there.holds(), before, "{name}"),
                    Ok(Recovered::Finished { .. }) => {
                        assert_eq!(there.holds(), after, "{name}");
                        assert_eq!(there.generation(), Some(2), "{name}");
                    }
                    Err(error @ TransactionError::RolledBack { .. }) => {
                        assert_eq!(there.holds(), before, "{name}: {error}");
                        assert_eq!(there.generation(), Some(1), "{name}");
                    }
                    Err(error) => {
                        let exits = [Exit::Data, Exit::NoPermission];
                        assert!(exits.contains(&error.exit()), "{name}: {error}");
                        assert!(error.help().unwrap().contains("--to node"), "{name}");
                        assert_eq!(there.holds(), node.holds(), "{name}");
                    }
                    Ok(other) => panic!("{name}: {other:?}"),
                }
                way_out_of(damage, &node, (&empty, &after), &name);
            }
        }
    }
}

/// Without its marker it can be undone all the same: the way back starts from wherever the node is.
#[test]
fn a_journal_without_its_marker_may_go_back() {
    let (_, before, _) = both();
    for marker in ["prepared", "switched", "cleaning"] {
        let node = cut_off(marker);
        fs::remove_file(node.root().join("journal/marker")).unwrap();
        let error = node.recover(None).unwrap_err();
        assert!(
            error.to_string().contains("journal/marker is damaged"),
            "{error}"
        );
        assert_eq!(node.recover(Some(End::New)).unwrap_err().exit(), Exit::Data);
        let undone = node.recover(Some(End::Old)).unwrap();
        assert!(matches!(undone, Recovered::Undone(_)), "{undone:?}");
        assert_eq!(node.holds(), before, "{marker}");
    }
}

/// After a boot the kernel holds nothing of it, whatever is lost of its journal but its head.
#[test]
fn a_lost_journal_of_another_boot_is_forgotten() {
    let node = cut_off("switched");
    fs::remove_file(node.root().join("journal/plan.json")).unwrap();
    *node.node.boot.lock().unwrap() = "second".to_owned();
    let recovered = node.recover(None).unwrap();
    assert!(
        matches!(recovered, Recovered::Forgotten(_)),
        "{recovered:?}"
    );
}

#[test]
fn folders_that_are_lost_have_a_way_out() {
    let empty = World::empty().holds();
    let world = settled();
    let after = world.holds();
    for name in ["generations", "generations/2", "journal"] {
        let node = world.fork();
        let path = node.root().join(name);
        drop(fs::remove_dir_all(&path));
        fs::write(&path, "no folder").unwrap();
        assert!(!node.store().losses().is_empty(), "{name}: all is well");
        way_out(&node, &empty, &after, name);
    }
    let node = world.fork();
    fs::create_dir(node.root().join("journal")).unwrap();
    assert_eq!(node.recover(None).unwrap_err().exit(), Exit::Data);
    way_out(&node, &empty, &after, "a journal with nothing in it");
    let node = world.fork();
    fs::remove_dir_all(node.root().join("generations")).unwrap();
    assert!(!node.store().losses().is_empty());
    way_out(&node, &empty, &after, "no generations");
}

#[test]
fn what_is_taken_is_kept_aside_and_stands_for_what_is_unknown() {
    let world = settled();
    let node = world.fork();
    let current = node.root().join("current");
    fs::write(&current, "x").unwrap();
    let Taken::Recorded { aside, current, .. } = node.take().unwrap() else {
        panic!("nothing was taken");
    };
    assert_eq!(current, Standing::Unknown(3));
    assert_eq!(aside.len(), 1);
    assert_eq!(fs::read_to_string(&aside[0]).unwrap(), "x");
    let generation = node.store().current_generation().unwrap().unwrap();
    assert_eq!(generation.kind, Purpose::Taken);
    assert_eq!(generation.node.as_str(), "node-a");
    // What was applied last stays what is to be held where only the journal is lost.
    let node = cut_off("prepared");
    fs::remove_file(node.root().join("journal/plan.json")).unwrap();
    let Taken::Recorded { current, .. } = node.take().unwrap() else {
        panic!("nothing was taken");
    };
    assert_eq!(current, Standing::Kept(1));
}

/// A lost record is no way back to older rules, as far as any other tells.
#[test]
fn the_highest_edition_outlives_the_record_of_it() {
    let world = World::with_old();
    let edition = Edition {
        cluster: "prod".parse().unwrap(),
        counter: Counter::try_from(147).unwrap(),
    };
    let cluster = edition.cluster.clone();
    let change = Change {
        provenance: Provenance {
            edition: Some(edition),
            vouched: Vouched::Signed("6A1F00000000BEEF".parse().unwrap()),
            order: Order::InOrder,
        },
        ..world.change(&new())
    };
    world.work(&Never, |engine| engine.apply(change)).unwrap();
    let highest = || world.store().counters().unwrap().highest(&cluster);
    let before = highest();
    assert!(before.is_some());
    fs::write(world.root().join("current"), "x").unwrap();
    assert!(world.store().counters().is_err());
    world.take().unwrap();
    assert_eq!(highest(), before);
}

/// Killed at any call of it, and called again.
#[test]
fn taking_may_be_cut_off() {
    let empty = World::empty().holds();
    let (_, _, after) = both();
    let world = cut_off("prepared");
    for name in ["current", "inventory", "found", "journal/plan.json"] {
        fs::write(world.root().join(name), "x").unwrap();
    }
    for at in 0..100 {
        let node = world.fork();
        node.counter.set(at, Fate::Kill);
        let done = killed(|| node.take());
        node.counter.clear();
        if let Some(done) = done {
            done.unwrap();
            assert!(at > 8, "only {at} calls");
            return;
        }
        assert!(!node.store().losses().is_empty(), "killed at {at}");
        way_out(&node, &empty, &after, &format!("killed at {at}"));
    }
    panic!("it never ends");
}

#[test]
fn what_another_portolan_wrote_is_left_to_it() {
    let node = settled();
    let later = r#"{"format":"portolan-current 3","tool":"9.0.0"}"#;
    fs::write(node.root().join("current"), later).unwrap();
    let error = node.take().unwrap_err();
    assert!(
        matches!(error, TransactionError::Store(StoreError::Another { .. })),
        "{error}"
    );
    assert_eq!(
        fs::read_to_string(node.root().join("current")).unwrap(),
        later
    );
}
