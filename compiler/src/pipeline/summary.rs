//! How much was read and used.

use std::collections::BTreeMap;

use crate::model::Cluster;

/// How much was read and used, for the summary line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Services in the input, and of these how many are programmed.
    pub services: Used,
    /// Endpoint addresses in the input, and of these how many belong to a programmed Service.
    pub endpoints: Used,
    /// Objects of kinds that are not compiled, by kind.
    pub others: BTreeMap<String, usize>,
}

/// How many of something there are, and how many of them are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// In the input.
    pub total: usize,
    /// Those of them that decide something.
    pub used: usize,
}

impl Summary {
    /// Counts what a cluster has.
    pub(super) fn count(&mut self, cluster: &Cluster) {
        self.services = Used {
            total: cluster.services.len(),
            used: cluster
                .services
                .iter()
                .filter(|service| service.skipped.is_none())
                .count(),
        };
        for (slice, service) in cluster.slices_with_services() {
            self.endpoints.total += slice.endpoints.len();
            if service.is_some_and(|service| service.skipped.is_none()) {
                self.endpoints.used += slice.endpoints.len();
            }
        }
    }
}
