//! Destinations that carry their connections to the end.

use std::sync::atomic::Ordering;

use portolan_compiler::kernel::ipvs::DestinationKey;
use portolan_compiler::mode::ProxyState;
use portolan_compiler::model::Port;
use portolan_compiler::plan::{Claims, LeftAlone, plan};

use super::world::{World, both, new, old};
use crate::transaction::{Change, Drained, Engine, Never, Outcome, TransactionError};

/// The one that the new state has no more.
fn gone() -> DestinationKey {
    DestinationKey {
        server: "10.96.0.1:80/TCP".parse().unwrap(),
        address: "10.244.0.5".parse().unwrap(),
        port: Port::new(8080).unwrap(),
    }
}

/// Applies the new state while the old destination has connections.
fn draining(connections: u64) -> (World, String) {
    let (world, _, after) = both();
    world.node.busy.lock().unwrap().insert(gone(), connections);
    let change = Change {
        drain: 300,
        ..world.change(&new())
    };
    let outcome = world.work(&Never, |engine| engine.apply(change)).unwrap();
    let Outcome::Committed { draining, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(draining, usize::from(connections > 0));
    (world, after)
}

fn drain_once(engine: &mut Engine<'_>) -> Result<Drained, TransactionError> {
    engine.drain()
}

fn weight(world: &World) -> Option<u32> {
    let holds = world.node.holds();
    let mut servers = holds.ipvs.servers.iter();
    let server = servers.find(|server| server.key == gone().server)?;
    let mut all = server.destinations.iter();
    let one = all.find(|one| one.address == gone().address)?;
    Some(one.weight)
}

#[test]
fn an_idle_one_goes_at_once() {
    let (world, after) = draining(0);
    assert_eq!(world.holds(), after);
}

#[test]
fn a_busy_one_gets_no_new_connections_and_is_no_drift() {
    let (world, after) = draining(3);
    assert_eq!(weight(&world), Some(0));
    assert_ne!(world.holds(), after);
    let inventory = world.store().inventory().unwrap();
    assert_eq!(inventory.draining.len(), 1);
    let claims = Claims {
        inventory,
        ..Claims::default()
    };
    let again = plan(&new(), &world.node.holds(), &claims).unwrap();
    assert!(again.is_empty(), "{:#?}", again.steps);
    assert_eq!(again.left_alone, [LeftAlone::Draining(gone())]);
}

#[test]
fn it_goes_once_it_is_idle() {
    let (world, after) = draining(3);
    let drain = || world.work(&Never, drain_once).unwrap();
    assert_eq!(drain().left, [(gone(), 3)].into());
    assert_eq!(weight(&world), Some(0));
    world.node.busy.lock().unwrap().insert(gone(), 0);
    assert_eq!(drain().removed, [gone()]);
    assert_eq!(world.holds(), after);
    assert!(world.store().inventory().unwrap().draining.is_empty());
    assert_eq!(drain(), Drained::default());
}

#[test]
fn it_goes_when_its_time_is_over() {
    let (world, after) = draining(3);
    world.node.uptime.fetch_add(300, Ordering::SeqCst);
    let drained = world.work(&Never, drain_once).unwrap();
    assert_eq!(drained.removed, [gone()]);
    assert_eq!(world.holds(), after);
}

#[test]
fn one_that_comes_back_gets_its_weight_again() {
    let (world, _) = draining(3);
    world.apply(&old(), &Never).unwrap();
    assert_eq!(weight(&world), Some(1));
    assert!(world.store().inventory().unwrap().draining.is_empty());
}

#[test]
fn one_that_drains_still_is_remembered_by_the_next_apply() {
    let (world, _) = draining(3);
    let mut other = new();
    let ProxyState::Ipvs(ipvs) = &mut other.proxy else {
        panic!("another mode");
    };
    ipvs.virtual_servers
        .retain(|server| server.key == gone().server);
    world.apply(&other, &Never).unwrap();
    assert_eq!(weight(&world), Some(0));
    assert_eq!(world.store().inventory().unwrap().draining.len(), 1);
}
