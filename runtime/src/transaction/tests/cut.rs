//! Killed at any call that touches the node or its records, and killed again while it recovers.

use portolan_compiler::bundle::Edition;

use super::fake::Fate;
use super::world::{both, killed, new};
use crate::transaction::{Change, Never, Recovered};
use crate::trust::{Order, Provenance, Vouched};

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

/// The counter is that of the state that stays, wherever the power fails: no older bundle is taken on
/// top of a newer one, and none is kept out by one that never was in place.
#[test]
fn counters_go_with_what_is_current() {
    let (world, before, _) = both();
    let edition = Edition {
        cluster: "prod".parse().unwrap(),
        counter: "147".parse().unwrap(),
    };
    let provenance = Provenance {
        edition: Some(edition.clone()),
        vouched: Vouched::Signed("0123456789ABCDEF".parse().unwrap()),
        order: Order::InOrder,
    };
    let mut seen = [0, 0];
    for at in 0..MANY {
        let cut = world.fork();
        let change = Change {
            provenance: provenance.clone(),
            ..cut.change(&new())
        };
        cut.counter.set(at, Fate::Kill);
        let done = killed(|| cut.work(&Never, |engine| engine.apply(change)));
        cut.counter.clear();
        cut.recover(None).unwrap();
        let is_old = cut.holds() == before;
        let highest = cut.store().counters().unwrap().highest(&edition.cluster);
        let expected = (!is_old).then_some(edition.counter);
        assert_eq!(highest, expected, "killed at call {at}");
        let store = cut.store();
        let current = store.current().unwrap().unwrap().generation;
        let recorded = store.generation(current).unwrap().provenance;
        assert_eq!(recorded == provenance, !is_old, "killed at call {at}");
        seen[usize::from(is_old)] += 1;
        if done.is_some() {
            assert!(seen.iter().all(|times| *times > 10), "{seen:?}");
            return;
        }
    }
    panic!("it never ends");
}
