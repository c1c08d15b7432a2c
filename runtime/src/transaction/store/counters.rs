//! The highest edition that a node has had of each cluster's rules: it never goes down.

use std::collections::BTreeMap;

use portolan_compiler::bundle::{ClusterName, Counter};
use serde::{Deserialize, Serialize};

use crate::trust::{Provenance, Vouched};

/// The highest counter of each cluster whose signed rules were applied.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, u64>", into = "BTreeMap<String, u64>")]
pub struct Counters(BTreeMap<ClusterName, Counter>);

impl Counters {
    /// The highest of a cluster; `None` where none of its signed rules was applied.
    pub fn highest(&self, cluster: &ClusterName) -> Option<Counter> {
        self.0.get(cluster).copied()
    }

    /// The clusters whose signed rules were applied, sorted.
    pub fn clusters(&self) -> impl Iterator<Item = &ClusterName> {
        self.0.keys()
    }

    /// With what was applied. Only what is signed counts: anything else could claim any number.
    #[must_use]
    pub fn raised(mut self, provenance: &Provenance) -> Self {
        if let (Vouched::Signed(_), Some(edition)) = (provenance.vouched, &provenance.edition) {
            let highest = self
                .0
                .entry(edition.cluster.clone())
                .or_insert(edition.counter);
            *highest = edition.counter.max(*highest);
        }
        self
    }
}

impl TryFrom<BTreeMap<String, u64>> for Counters {
    type Error = String;

    fn try_from(read: BTreeMap<String, u64>) -> Result<Self, String> {
        let counter = |(cluster, counter): (String, u64)| {
            let cluster: ClusterName = cluster.parse().map_err(|_| cluster)?;
            let counter = Counter::try_from(counter).map_err(|error| error.to_string())?;
            Ok((cluster, counter))
        };
        read.into_iter()
            .map(counter)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl From<Counters> for BTreeMap<String, u64> {
    fn from(counters: Counters) -> Self {
        let counters = counters.0.into_iter();
        counters
            .map(|(cluster, counter)| (cluster.to_string(), counter.get()))
            .collect()
    }
}
