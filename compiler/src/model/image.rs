//! Images of kube-proxy in `DaemonSet`s: they state the release that the nodes run.

use std::collections::BTreeMap;

use super::Node;
use super::start::{image, image_tag};
use super::stated::StatedRelease;
use crate::front::{DaemonSetManifest, Located};
use crate::source::ObjectId;

const LABEL_OS: &str = "kubernetes.io/os";

/// The image of a kube-proxy `DaemonSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyImage {
    /// The `DaemonSet`.
    pub object: ObjectId,
    /// What its tag says.
    pub release: StatedRelease,
    /// Labels that a node must have, for the `DaemonSet` to run there.
    node_labels: BTreeMap<String, String>,
}

impl ProxyImage {
    /// Whether it may run on a node: no label of the node says otherwise. Labels that a manifest leaves
    /// out may be there all the same.
    pub fn may_run_on(&self, node: Option<&Node>) -> bool {
        let labels = node.map(|node| &node.labels);
        self.node_labels.iter().all(|(key, wanted)| {
            let found = labels.and_then(|labels| labels.get(key));
            found.is_none_or(|found| found == wanted)
        })
    }
}

/// The images that state a release and are for Linux.
pub(super) fn images(daemon_sets: &[Located<DaemonSetManifest>]) -> Vec<ProxyImage> {
    let images = daemon_sets.iter().filter_map(|set| {
        let pod = &set.value.spec.template.spec;
        let release = StatedRelease::parse(image_tag(image(pod)?)?)?;
        let node_labels: BTreeMap<String, String> = pod
            .node_labels()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let is_linux = node_labels.get(LABEL_OS).is_none_or(|os| os == "linux");
        is_linux.then_some(ProxyImage {
            object: set.object,
            release,
            node_labels,
        })
    });
    images.collect()
}
