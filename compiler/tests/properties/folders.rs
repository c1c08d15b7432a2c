//! What a comparison tells of clients by compiled folders alone.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::compile::{Mode, Prepared};
use portolan_compiler::diff::service::{Facet, ServiceDiff};
use portolan_compiler::diff::treatment::{Client, Known, Met, Side, Source, Treatment, both};
use portolan_compiler::diff::{NodeView, Owner};
use portolan_compiler::mode::NodeState;
use portolan_support::generator::config::config;
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;

use crate::compiled::{cases, prepare_in};

/// What changes for clients of each port.
type Told = BTreeMap<Owner, BTreeSet<(Client, Treatment, Treatment)>>;

/// Where nobody knows which endpoints are on the node, nor at which addresses node ports are served.
fn unplaced(treatment: &Treatment) -> Treatment {
    let met = treatment.iter().map(|met| match met {
        Met::LostAnswer
        | Met::Answer {
            sees: Source::Kept, ..
        } => Met::AnswerUnlessElsewhere,
        Met::Answer { sees, .. } => Met::Answer {
            by: BTreeSet::new(),
            sees: *sees,
        },
        other => other.clone(),
    });
    met.collect()
}

/// What is told of all nodes, by one node's two sides.
fn told<'a>(
    sides: [&'a Prepared; 2],
    states: &'a [[NodeState; 2]],
    known: impl Fn(usize, usize, &'a NodeState) -> Known<'a>,
) -> Told {
    let mut told = Told::new();
    for (node, [was, is]) in states.iter().enumerate() {
        let view =
            |side: usize, state| NodeView::of_state(state).named(sides[side].program(node).get());
        let asked = both(known(0, node, was), known(1, node, is)).unwrap();
        let asked = asked.each_ref().map(Side::asked);
        let mut diff = ServiceDiff::default();
        let name = sides[0].nodes()[node].clone();
        diff.add(name, &view(0, was), &view(1, is), Some(asked));
        for (owner, groups) in diff.gathered.iter() {
            // A node without an address of the family sends nothing, which no folder says.
            let program = sides[0].program(node);
            if program
                .get()
                .node
                .primary_address(owner.port.family)
                .is_none()
            {
                continue;
            }
            for change in groups.into_iter().flat_map(|group| group.changes) {
                let Facet::Treatment {
                    clients, from, to, ..
                } = &change.facet
                else {
                    continue;
                };
                let clients = clients
                    .iter()
                    .filter(|client| **client != Client::OtherAddress);
                let clients = clients.map(|client| (*client, unplaced(from), unplaced(to)));
                told.entry(owner.clone()).or_default().extend(clients);
            }
        }
    }
    // What differs by places alone, rules do not tell.
    for changes in told.values_mut() {
        changes.retain(|(_, from, to)| from != to);
    }
    told.retain(|_, changes| !changes.is_empty());
    told
}

fn compiled(cluster: &Cluster, mode: Mode) -> Prepared {
    let files = [Spelling::JsonList.write(&cluster.objects())];
    prepare_in(mode, &files, cluster.version)
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![Just(Mode::Ipvs), Just(Mode::Iptables), Just(Mode::Nftables)]
}

proptest! {
    #![proptest_config(cases(24))]

    /// Whom a setting masquerades or keeps out, rules tell as manifests do.
    #[test]
    fn folders_tell_of_clients_what_manifests_tell(
        cluster in cluster(),
        config in config(),
        modes in (mode(), mode()),
    ) {
        // Manifests have another address to ask at, or none, where the configuration names some.
        let (mut old, mut new) = (cluster.clone(), Cluster { config: Some(config), ..cluster });
        for config in [&mut old, &mut new].into_iter().flat_map(|one| &mut one.config) {
            config.node_port_addresses = &[];
            config.bind_address = None;
        }
        let (old, new) = (compiled(&old, modes.0), compiled(&new, modes.1));
        let states: Vec<[NodeState; 2]> = (0..old.nodes().len())
            .map(|node| [old.state(node), new.state(node)])
            .collect();
        let sides = [&old, &new];
        let programs: Vec<_> = sides.map(|side| {
            (0..old.nodes().len()).map(|node| side.program(node)).collect::<Vec<_>>()
        }).into();
        let manifests = told(sides, &states, |side, node, state| {
            Known::Manifests(programs[side][node].get(), state)
        });
        let folders = told(sides, &states, |_, _, state| Known::State(state));
        for (owner, told) in &folders {
            let all = manifests.get(owner);
            prop_assert!(all.is_some_and(|all| all.is_superset(told)), "{owner:?}: {told:?}, {all:?}");
        }
        // Where no rule has the range of a load balancer, or that of the pods, nobody is known to be
        // outside of it, or within; of the node's own address none says so.
        let known = |told: Told| -> BTreeMap<Owner, Vec<_>> {
            let anybody = |client| !matches!(client, Client::Barred | Client::Pod | Client::Node);
            let known = told.into_iter().map(|(owner, all)| {
                let all = all.into_iter().filter(|(client, ..)| anybody(*client));
                (owner, all.collect::<Vec<_>>())
            });
            known.filter(|(_, all)| !all.is_empty()).collect()
        };
        prop_assert_eq!(known(folders), known(manifests));
    }
}
