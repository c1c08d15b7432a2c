//! Changes that wait to be confirmed.

use std::sync::atomic::Ordering;

use portolan_compiler::plan::{End, Uptime};

use super::fake::Fate;
use super::world::{World, both, killed, new};
use crate::report::{Exit, Explain as _};
use crate::transaction::store::TransactionId;
use crate::transaction::{Change, Never, Outcome, Recovered, TransactionError};

/// Applies the new state, to be confirmed within two minutes.
fn wait(world: &World) -> TransactionId {
    let change = Change {
        confirm: Some(120),
        ..world.change(&new())
    };
    match world.work(&Never, |engine| engine.apply(change)).unwrap() {
        Outcome::Waiting { id, deadline } => {
            assert_eq!(deadline, Uptime(1_120));
            id
        }
        committed @ Outcome::Committed { .. } => panic!("{committed:?}"),
    }
}

fn confirm(world: &World, id: Option<&TransactionId>) -> Result<Outcome, TransactionError> {
    world.work(&Never, |engine| engine.confirm(id))
}

fn pass(world: &World, seconds: u64) {
    world.node.uptime.fetch_add(seconds, Ordering::SeqCst);
}

#[test]
fn a_confirmation_in_time_keeps_it() {
    let (world, before, after) = both();
    let id = wait(&world);
    assert_ne!(world.holds(), before);
    pass(&world, 119);
    let other: TransactionId = "9-abcdef".parse().unwrap();
    assert_eq!(
        confirm(&world, Some(&other)).unwrap_err().exit(),
        Exit::NoInput
    );
    let waiting = world.recover(None).unwrap();
    assert!(matches!(waiting, Recovered::Waiting { .. }), "{waiting:?}");
    confirm(&world, Some(&id)).unwrap();
    assert_eq!(world.holds(), after);
    assert_eq!(world.generation(), Some(2));
    assert_eq!(confirm(&world, None).unwrap_err().exit(), Exit::NoInput);
}

#[test]
fn without_one_it_is_undone() {
    let (world, before, _) = both();
    let id = wait(&world);
    pass(&world, 120);
    assert_eq!(world.recover(None).unwrap(), Recovered::Expired(id));
    assert_eq!(world.holds(), before);
    assert_eq!(world.generation(), Some(1));
}

#[test]
fn a_confirmation_too_late_is_refused_and_undoes_it() {
    let (world, before, _) = both();
    wait(&world);
    pass(&world, 121);
    assert_eq!(confirm(&world, None).unwrap_err().exit(), Exit::Unconfirmed);
    assert_eq!(world.holds(), before);
}

#[test]
fn it_may_be_taken_back_at_once() {
    let (world, before, _) = both();
    let id = wait(&world);
    assert_eq!(
        world.recover(Some(End::Old)).unwrap(),
        Recovered::Undone(id)
    );
    assert_eq!(world.holds(), before);
}

#[test]
fn a_boot_in_between_forgets_it() {
    let (world, _, _) = both();
    let id = wait(&world);
    *world.node.boot.lock().unwrap() = "second".to_owned();
    assert_eq!(confirm(&world, None).unwrap_err().exit(), Exit::NoInput);
    assert_eq!(world.recover(None).unwrap(), Recovered::Forgotten(id));
    assert_eq!(world.generation(), Some(1));
    let current = world.store().current().unwrap().unwrap();
    assert_eq!(current.boot, "first", "the boot unit has to apply it again");
}

/// Whoever is killed while they confirm has confirmed: connections may have ended.
#[test]
fn a_confirmation_that_is_killed_is_finished() {
    let (world, before, after) = both();
    wait(&world);
    for at in 0..200 {
        let cut = world.fork();
        cut.counter.set(at, Fate::Kill);
        let done = killed(|| confirm(&cut, None));
        cut.counter.clear();
        if let Some(done) = done {
            done.unwrap();
            assert!(at > 5);
            return;
        }
        match cut.recover(None).unwrap() {
            Recovered::Waiting { .. } => {
                pass(&cut, 500);
                cut.recover(None).unwrap();
                assert_eq!(cut.holds(), before, "killed at call {at}");
            }
            Recovered::Finished { .. } | Recovered::Nothing => {
                assert_eq!(cut.holds(), after, "killed at call {at}");
            }
            other => panic!("killed at call {at}: {other:?}"),
        }
    }
    panic!("it never ends");
}
