//! What a selector chooses, without looking at everything for each.

use std::collections::BTreeMap;

use super::name::Namespace;
use super::pod::{Labels, Pod};
use super::selector::Selector;

/// Things that have labels, by namespace and label: they go by their position in the order in which they
/// were given.
#[derive(Debug)]
pub(crate) struct ByLabel<'c> {
    labels: Vec<&'c Labels>,
    with: BTreeMap<(&'c Namespace, &'c str, &'c str), Vec<usize>>,
}

impl<'c> ByLabel<'c> {
    pub(crate) fn new(all: impl IntoIterator<Item = (&'c Namespace, &'c Labels)>) -> Self {
        let mut by_label = Self {
            labels: Vec::new(),
            with: BTreeMap::new(),
        };
        for (namespace, labels) in all {
            let at = by_label.labels.len();
            for (key, value) in labels {
                let label = (namespace, key.as_str(), value.as_str());
                by_label.with.entry(label).or_default().push(at);
            }
            by_label.labels.push(labels);
        }
        by_label
    }

    /// Pods, by their position.
    pub(crate) fn of_pods(pods: &'c [Pod]) -> Self {
        Self::new(pods.iter().map(|pod| (&pod.namespace, &pod.labels)))
    }

    /// Those that a selector chooses, in their order; nobody where there is none.
    pub(crate) fn chosen(&self, namespace: &Namespace, selector: Option<&Selector>) -> Vec<usize> {
        let Some(selector) = selector else {
            return Vec::new();
        };
        let with = |(key, value)| self.with.get(&(namespace, key, value));
        // The label that the fewest have.
        let lists: Option<Vec<&Vec<usize>>> = selector.labels().map(with).collect();
        let fewest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        let candidates = fewest.into_iter().flatten().copied();
        candidates
            .filter(|at| selector.chooses(self.labels[*at]))
            .collect()
    }
}
