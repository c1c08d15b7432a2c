//! A disk that is full, once or for good, and a node that refuses.

use super::fake::Fate;
use super::world::{both, new};
use crate::cli::{Exit, Explain as _};
use crate::transaction::{Never, Recovered};

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
                // It is in place, but not recorded.
                Exit::Unfinished => assert_eq!(node.holds(), after, "{name}"),
                // Neither: nobody could undo it, as everything fails.
                Exit::Dirty => assert_eq!(fate, Fate::FailFrom, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            // Once it works again, recovery ends in one of the two.
            let recovered = node.recover(None).unwrap();
            let now = node.holds();
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
