//! Killed at any call that touches the node or its records, and killed again while it recovers.

use super::fake::Fate;
use super::world::{both, killed, new};
use crate::transaction::{Never, Recovered};

/// How many calls a change makes at the most.
const MANY: u64 = 1_000;

#[test]
fn wherever_an_apply_is_killed_recovery_ends_in_one_of_the_two_states() {
    let (world, before, after) = both();
    let mut seen = [0, 0];
    for at in 0..MANY {
        let cut = world.fork();
        cut.counter.set(at, Fate::Kill);
        let done = killed(|| cut.apply(&new(), &Never));
        cut.counter.clear();
        if let Some(done) = done {
            done.unwrap();
            assert_eq!(cut.holds(), after);
            assert!(at > 50, "only {at} calls");
            assert!(seen[0] > 10 && seen[1] > 10, "{seen:?}");
            return;
        }
        // Killed again, at any call, before it is left alone.
        for second in 0..MANY {
            let again = cut.fork();
            again.counter.set(second, Fate::Kill);
            let done = killed(|| again.recover(None));
            again.counter.clear();
            let recovered = again.recover(None).unwrap();
            let now = again.holds();
            let last = match &done {
                Some(recovered) => recovered.as_ref().unwrap().clone(),
                None => recovered,
            };
            let name = format!("killed at call {at}, and at call {second} of recovery: {last:?}");
            let generation = again.generation();
            match last {
                Recovered::Undone(_) => assert_eq!(now, before, "{name}"),
                Recovered::Finished { .. } => assert_eq!(now, after, "{name}"),
                // Cut off before its journal was there, or when all was recorded.
                Recovered::Nothing if generation == Some(1) => assert_eq!(now, before, "{name}"),
                Recovered::Nothing => assert_eq!(now, after, "{name}"),
                other => panic!("{name}: {other:?}"),
            }
            let expected = if now == before { 1 } else { 2 };
            assert_eq!(generation, Some(expected), "{name}");
            assert_eq!(again.recover(None).unwrap(), Recovered::Nothing, "{name}");
            if done.is_some() {
                seen[usize::from(now == after)] += 1;
                break;
            }
        }
    }
    panic!("it never ends");
}

#[test]
fn whoever_applies_after_a_kill_gets_where_they_wanted() {
    let (world, _, after) = both();
    for at in (0..).step_by(7) {
        let cut = world.fork();
        cut.counter.set(at, Fate::Kill);
        let done = killed(|| cut.apply(&new(), &Never));
        cut.counter.clear();
        if done.is_some() {
            break;
        }
        cut.recover(None).unwrap();
        cut.apply(&new(), &Never).unwrap();
        assert_eq!(cut.holds(), after, "killed at call {at}");
    }
}
