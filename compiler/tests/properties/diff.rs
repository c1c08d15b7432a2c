//! What a comparison says of any two states.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::compile::{Mode, NodeSelection, Prepared};
use portolan_compiler::diff::kernel::KernelDiff;
use portolan_compiler::diff::render::Outline;
use portolan_compiler::diff::service::{Change, Facet, ServiceDiff};
use portolan_compiler::diff::treatment::{Asked, Asking, Places, Told};
use portolan_compiler::diff::{KernelView, NodeView, Owner, render};
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::{NodeState, artefacts};
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::{Claims, Ownership, fake, plan};
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::compiled::{cases, prepare, prepare_in};

fn compiled(cluster: &Cluster, objects: &[Value]) -> Prepared {
    let files = [Spelling::JsonList.write(objects)];
    prepare(&files, NodeSelection::All, cluster.version)
}

fn view(prepared: &Prepared, node: usize) -> NodeView {
    let state = prepared.state(node);
    NodeView::of_state(&state).named(prepared.program(node).get())
}

/// Both comparisons of the nodes that both have.
fn compare(old: &Prepared, new: &Prepared) -> (ServiceDiff, KernelDiff) {
    let (mut services, mut kernel) = (ServiceDiff::default(), KernelDiff::default());
    for (a, name) in old.nodes().iter().enumerate() {
        if let Ok(b) = new.nodes().binary_search(name) {
            let (was, is) = (
                (old.program(a), old.state(a)),
                (new.program(b), new.state(b)),
            );
            let asked = [&was, &is].map(|(program, state)| Asked {
                program: program.get(),
                state,
                told: Told::Whole,
                places: Places::Named,
                asking: Asking::Classes,
            });
            let views = (view(old, a), view(new, b));
            services.add(name.clone(), &views.0, &views.1, Some(asked));
            let of = |prepared: &Prepared, node| KernelView::of_state(&prepared.state(node));
            kernel.add(name.clone(), &of(old, a), &of(new, b));
        }
    }
    (services, kernel)
}

/// What clients meet in mode nftables that they do not meet in mode ipvs, by node.
fn treatments_between_modes(cluster: &Cluster) -> BTreeMap<Owner, Vec<(Vec<usize>, Change)>> {
    let files = [Spelling::JsonList.write(&cluster.objects())];
    let [ipvs, nftables] =
        [Mode::Ipvs, Mode::Nftables].map(|mode| prepare_in(mode, &files, cluster.version));
    let (services, _) = compare(&ipvs, &nftables);
    let mut told = BTreeMap::new();
    for (owner, groups) in services.gathered.iter() {
        for group in groups {
            let changes = group.changes.into_iter();
            let changes = changes.filter(|change| matches!(change.facet, Facet::Treatment { .. }));
            let changes: Vec<_> = changes
                .map(|change| (group.nodes.to_vec(), change.clone()))
                .collect();
            if !changes.is_empty() {
                let all: &mut Vec<_> = told.entry(owner.clone()).or_default();
                all.extend(changes);
            }
        }
    }
    told
}

/// Whose changes there are; what changes hands is told to the new owner, and concerns both.
fn concerned(diff: &ServiceDiff) -> BTreeSet<&Owner> {
    let mut owners = BTreeSet::new();
    for (owner, groups) in diff.gathered.iter() {
        owners.insert(owner);
        let changes = groups.into_iter().flat_map(|group| group.changes);
        owners.extend(changes.filter_map(|change| match &change.facet {
            Facet::Owner { from } => Some(from),
            _ => None,
        }));
    }
    owners
}

/// The state without what only manifests know.
fn read_back(state: &NodeState) -> NodeState {
    let files = artefacts(state, KeepOrigins::No).into_iter();
    let files: BTreeMap<_, _> = files.map(|file| (file.kind, file.bytes)).collect();
    NodeState::from_artefacts(&files).unwrap()
}

/// A node on which it was applied.
fn applied(state: &NodeState) -> Observed {
    let mut node = Observed::empty();
    let claims = Claims {
        ownership: Ownership::Tracked,
        ..Claims::default()
    };
    let plan = plan(state, &node, &claims).unwrap();
    fake::execute_all(&mut node, &plan.steps).unwrap();
    node
}

fn shuffled() -> impl Strategy<Value = (Cluster, Vec<Value>)> {
    cluster().prop_flat_map(|cluster| {
        let objects = Just(cluster.objects()).prop_shuffle();
        (Just(cluster), objects)
    })
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn the_order_of_documents_is_no_difference((cluster, objects) in shuffled()) {
        let old = compiled(&cluster, &cluster.objects());
        let (services, kernel) = compare(&old, &compiled(&cluster, &objects));
        prop_assert!(services.is_empty());
        prop_assert!(kernel.gathered.is_empty());
    }

    /// What a side does not know is no difference.
    #[test]
    fn whoever_tells_of_a_node_tells_the_same(cluster in cluster()) {
        let prepared = compiled(&cluster, &cluster.objects());
        for (node, name) in prepared.nodes().iter().enumerate() {
            let state = prepared.state(node);
            let (named, kernel) = (view(&prepared, node), KernelView::of_state(&state));
            let folder = read_back(&state);
            let found = applied(&state);
            for (other, objects) in [
                (NodeView::of_state(&folder), KernelView::of_state(&folder)),
                (NodeView::of_observed(&found), KernelView::of_observed(&found)),
            ] {
                let mut diff = ServiceDiff::default();
                diff.add(name.clone(), &named, &other, None);
                prop_assert!(diff.is_empty(), "{:?}", diff.gathered);
                prop_assert!(!diff.totals.has_unnamed());
                let mut diff = KernelDiff::default();
                diff.add(name.clone(), &kernel, &objects);
                prop_assert!(diff.gathered.is_empty(), "{:?}", diff.gathered);
            }
        }
    }

    /// What is told of a Service's clients does not depend on the Services beside it, which may be asked
    /// about in its place.
    #[test]
    fn clients_meet_what_they_meet_beside_fewer_services(
        cluster in cluster(),
        which in any::<Index>(),
    ) {
        prop_assume!(!cluster.services.is_empty());
        let mut fewer = cluster.clone();
        // The generator names them by their places, so the first ones are those that stay the same.
        fewer.services.truncate(1 + which.index(cluster.services.len()));
        let all = treatments_between_modes(&cluster);
        for (owner, told) in treatments_between_modes(&fewer) {
            prop_assert_eq!(all.get(&owner), Some(&told), "{:?}", owner);
        }
    }

    /// Whatever users notice is done by the kernel; names and policies may change without it.
    #[test]
    fn any_two_clusters_compare_both_ways(old in cluster(), new in cluster()) {
        let (old, new) = (compiled(&old, &old.objects()), compiled(&new, &new.objects()));
        let (services, kernel) = compare(&old, &new);
        let (services_back, kernel_back) = compare(&new, &old);
        prop_assert_eq!(concerned(&services), concerned(&services_back));
        prop_assert_eq!(kernel.gathered.is_empty(), kernel_back.gathered.is_empty());
        prop_assert_eq!(services.totals.come().count(), services_back.totals.go().count());
        for outline in [
            Outline::services(&services, &BTreeMap::new()),
            Outline::kernel(&kernel),
        ] {
            let text = render::markdown(&outline, "any");
            prop_assert!(text.len() < 60_000, "{}", text.len());
            prop_assert!(text.is_ascii());
            prop_assert!(render::human(&outline).is_ascii());
        }
    }
}
