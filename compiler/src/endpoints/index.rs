//! Which Pods a Service chooses, without looking at all of them for each.

use std::collections::BTreeMap;

use crate::model::pod::Pod;
use crate::model::service::Service;

/// Pods by namespace and label.
#[derive(Debug)]
pub(super) struct Index<'c> {
    by_label: BTreeMap<(&'c str, &'c str, &'c str), Vec<&'c Pod>>,
}

impl<'c> Index<'c> {
    pub(super) fn new(pods: &'c [Pod]) -> Self {
        let mut by_label: BTreeMap<_, Vec<&Pod>> = BTreeMap::new();
        for pod in pods {
            for (key, value) in &pod.labels {
                let label = (pod.namespace.as_str(), key.as_str(), value.as_str());
                by_label.entry(label).or_default().push(pod);
            }
        }
        Self { by_label }
    }

    /// The Pods that a Service chooses, by name; those that are done too.
    pub(super) fn chosen(&self, service: &Service) -> Vec<&'c Pod> {
        let Some(selector) = &service.selector else {
            return Vec::new();
        };
        let namespace = service.key.namespace.as_str();
        let with = |(key, value)| self.by_label.get(&(namespace, key, value));
        // The label that the fewest Pods have.
        let lists: Option<Vec<&Vec<&Pod>>> = selector.labels().map(with).collect();
        let fewest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        let candidates = fewest.into_iter().flatten().copied();
        candidates
            .filter(|pod| selector.chooses(&pod.labels))
            .collect()
    }
}
