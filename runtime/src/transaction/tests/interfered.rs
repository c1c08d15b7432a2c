//! Others who change the node meanwhile, and those who want it to end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use portolan_compiler::observed::Observed;

use super::world::{PATIENCE, World, both, new, old};
use crate::report::{Exit, Explain as _};
use crate::transaction::{Cause, Interrupts, Never, Recovered, Signal, TransactionError};

/// A signal that comes before the question of this number.
struct After(Cell<u64>);

impl Interrupts for After {
    fn pending(&self) -> Option<Signal> {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        (left == 0).then_some(Signal::Interrupt)
    }
}

#[test]
fn a_signal_ends_it_before_the_first_step_and_undoes_it_later() {
    let (world, before, after) = both();
    let mut exits = Vec::new();
    for at in 0..20 {
        let node = world.fork();
        match node.apply(&new(), &After(Cell::new(at))) {
            Ok(_) => {
                assert_eq!(node.holds(), after);
                break;
            }
            Err(error) => {
                assert_eq!(node.holds(), before, "{error:?}");
                assert_eq!(node.recover(None).unwrap(), Recovered::Nothing);
                exits.push(error.exit());
            }
        }
    }
    assert_eq!(
        exits,
        [
            Exit::Interrupted,
            Exit::Interrupted,
            Exit::RolledBack,
            Exit::RolledBack
        ]
    );
}

/// Whoever waits for another portolan may be ended, and holds nothing then.
#[test]
fn a_signal_ends_the_wait_for_the_lock() {
    let world = World::with_old();
    let store = world.store();
    let held = store.lock(PATIENCE, &Never).unwrap();
    let since = Instant::now();
    let ended = store.lock(Duration::from_secs(60), &After(Cell::new(3)));
    assert_eq!(ended.unwrap_err().exit(), Exit::Interrupted);
    assert!(since.elapsed() < Duration::from_secs(30));
    drop(held);
    store.lock(PATIENCE, &Never).unwrap();
}

#[test]
fn a_node_without_the_programs_is_left_as_it_is() {
    let (world, before, _) = both();
    let mut node = world.fork();
    node.node.bare = true;
    let error = node.apply(&new(), &Never).unwrap_err();
    assert!(matches!(error, TransactionError::Host(_)), "{error:?}");
    assert_eq!(node.holds(), before);
    assert_eq!(node.recover(None).unwrap(), Recovered::Nothing);
}

#[test]
fn what_somebody_else_takes_away_is_noticed_and_what_can_be_is_put_back() {
    let (world, before, after) = both();
    let steps = world.change(&new()).plan.steps.len() as u64;
    let mut seen = std::collections::BTreeSet::new();
    for at in 1..=steps {
        let mut node = world.fork();
        let take = |observed: &mut Observed| {
            observed
                .ipvs
                .servers
                .retain(|server| server.key.address.to_string() != "10.96.0.1");
        };
        node.node.meddling = Some((at, Box::new(take)));
        let name = format!("after step {at}");
        match node.apply(&new(), &Never) {
            // It came too late to be seen: the next verification finds it.
            Ok(_) => assert_ne!(node.holds(), after, "{name}"),
            Err(error @ TransactionError::RolledBack { .. }) => {
                seen.insert(error.exit());
                assert_eq!(node.holds(), before, "{name}: {error:?}");
            }
            Err(TransactionError::Dirty { residue, .. }) => {
                seen.insert(Exit::Dirty);
                let all = residue.to_string();
                assert!(all.contains("10.96.0.1:80/TCP"), "{name}: {all}");
                assert!(!all.contains("10.96.0.2"), "{name}: {all}");
                assert_ne!(node.holds(), before, "{name}");
                // Once somebody has mended it, recovery ends.
                node.node.meddling = None;
                let mut state = node.node.state.lock().unwrap();
                let mended = world.node.holds();
                state.ipvs = mended.ipvs;
                drop(state);
                let now = match node.recover(None).unwrap() {
                    Recovered::Undone(_) => &before,
                    Recovered::Finished { .. } => &after,
                    other => panic!("{name}: {other:?}"),
                };
                assert_eq!(node.holds(), *now, "{name}");
            }
            Err(other) => panic!("{name}: {other:?}"),
        }
    }
    assert!(seen.contains(&Exit::Dirty), "{seen:?}");
}

#[test]
fn what_somebody_else_changed_back_is_not_verified() {
    let (world, before, _) = both();
    let change = world.change(&new());
    let switched = change
        .plan
        .steps
        .iter()
        .filter(|step| step.phase != portolan_compiler::plan::Phase::Clean)
        .count();
    // Requests are more than steps where virtual servers come with destinations.
    for late in 0..12 {
        let mut node = world.fork();
        let undo = |observed: &mut Observed| {
            if let portolan_compiler::observed::Dummy::Present(addresses) = &mut observed.dummy {
                addresses.retain(|address| address.to_string() != "10.96.0.3");
            }
        };
        node.node.meddling = Some((switched as u64 + late, Box::new(undo)));
        if let Err(TransactionError::RolledBack { cause }) = node.apply(&new(), &Never)
            && let Cause::Unverified(residue) = cause
        {
            assert_eq!(residue.to_string(), "address 10.96.0.3 on kube-ipvs0");
            assert_eq!(node.holds(), before);
            return;
        }
    }
    panic!("it was never noticed");
}

#[test]
fn what_others_made_is_left_alone_on_the_way_back() {
    let (world, _, _) = both();
    let mut node = world.fork();
    let add = |observed: &mut Observed| {
        let text = "-A -t 192.0.2.9:99 -s rr\n";
        let mut read = portolan_compiler::kernel::ipvs::read(text).unwrap();
        observed.ipvs.servers.append(&mut read.servers);
    };
    node.node.meddling = Some((3, Box::new(add)));
    let before = node.holds();
    let stop = After(Cell::new(2));
    let error = node.apply(&new(), &stop).unwrap_err();
    assert_eq!(error.exit(), Exit::RolledBack, "{error:?}");
    let now = node.holds();
    assert_ne!(now, before);
    assert_eq!(now.replace("server 192.0.2.9:99/TCP rr None\n", ""), before);
    node.apply(&old(), &Never).unwrap();
}
