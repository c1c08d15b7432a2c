//! The same cluster gives the same bytes, however it is written down and whoever compiles it.

use std::sync::OnceLock;

use portolan_compiler::compile::NodeSelection;
use portolan_support::generator::text::Spelling;
use portolan_support::generator::{Cluster, cluster};
use proptest::prelude::*;
use proptest::sample::Index;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value;

use crate::compiled::{artefacts, cases, inputs, prepare};

/// Pools of one, two and eight threads.
fn pools() -> &'static [ThreadPool] {
    static POOLS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    POOLS.get_or_init(|| {
        let pool = |threads| {
            ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap()
        };
        [1, 2, 8].map(pool).into()
    })
}

/// A cluster, its objects in another order, and where to cut these into files.
fn shuffled() -> impl Strategy<Value = (Cluster, Vec<Value>, Vec<Index>)> {
    cluster().prop_flat_map(|cluster| {
        let objects = Just(cluster.objects()).prop_shuffle();
        (
            Just(cluster),
            objects,
            proptest::collection::vec(any::<Index>(), 0..3),
        )
    })
}

fn cut(objects: &[Value], cuts: &[Index]) -> Vec<Vec<Value>> {
    let mut at: Vec<usize> = cuts
        .iter()
        .map(|cut| cut.index(objects.len() + 1))
        .collect();
    at.extend([0, objects.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|ends| objects[ends[0]..ends[1]].to_vec())
        .collect()
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn order_files_and_threads_make_no_difference((cluster, objects, cuts) in shuffled()) {
        let whole = [Spelling::Yaml.write(&cluster.objects())];
        let expected = artefacts(&prepare(&whole, NodeSelection::All, cluster.version));
        let files: Vec<String> = cut(&objects, &cuts)
            .iter()
            .zip(Spelling::ALL.into_iter().cycle())
            .map(|(objects, spelling)| spelling.write(objects))
            .collect();
        for pool in pools() {
            let found = pool
                .install(|| artefacts(&prepare(&files, NodeSelection::All, cluster.version)));
            prop_assert!(found == expected, "{} threads", pool.current_num_threads());
        }
    }

    #[test]
    fn spelling_makes_no_difference_to_the_digest(cluster in cluster()) {
        let digest = |spelling: Spelling| {
            let files = [spelling.write(&cluster.objects())];
            inputs(&prepare(&files, NodeSelection::All, cluster.version))
        };
        let expected = digest(Spelling::Yaml);
        for spelling in Spelling::ALL {
            prop_assert_eq!(&digest(spelling), &expected, "{:?}", spelling);
        }
    }

    #[test]
    fn a_node_alone_gets_what_it_gets_among_all(cluster in cluster()) {
        let files = [Spelling::JsonList.write(&cluster.objects())];
        let (all, _) = artefacts(&prepare(&files, NodeSelection::All, cluster.version));
        let mut alone = all.clone();
        alone.clear();
        for node in cluster.node_names() {
            let prepared = prepare(&files, NodeSelection::Named(node), cluster.version);
            alone.extend(artefacts(&prepared).0);
        }
        prop_assert!(alone == all);
    }
}
