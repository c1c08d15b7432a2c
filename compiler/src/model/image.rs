//! Images of kube-proxy in `DaemonSet`s: they state the release that the nodes run.

use super::Node;
use super::placement::Placement;
use super::start::{image, image_tag};
use super::stated::StatedRelease;
use crate::front::{DaemonSetManifest, Located};
use crate::source::ObjectId;

/// The image of a kube-proxy `DaemonSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyImage {
    /// Where the manifest of the `DaemonSet` stands.
    pub object: ObjectId,
    /// What it says of the release.
    pub release: ImageRelease,
    /// Where the `DaemonSet` may run.
    placement: Placement,
}

/// What an image says of the release of the kube-proxy in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageRelease {
    /// Its tag states one, or what looks like one.
    Stated(StatedRelease),
    /// It has no tag, or one that states none, such as `latest`: the image as written.
    Untold(Box<str>),
}

impl ImageRelease {
    /// The release that the image runs, where a release may be called so.
    pub fn possible(&self) -> Option<&StatedRelease> {
        match self {
            Self::Stated(stated) => Some(stated).filter(|stated| stated.is_possible()),
            Self::Untold(_) => None,
        }
    }
}

impl ProxyImage {
    /// Whether it may run on a node.
    pub fn may_run_on(&self, node: Option<&Node>) -> bool {
        self.placement.allows(node)
    }
}

/// The images that are for Linux.
pub(crate) fn images(daemon_sets: &[Located<DaemonSetManifest>]) -> Vec<ProxyImage> {
    let images = daemon_sets.iter().filter_map(|set| {
        let pod = &set.value.spec.template.spec;
        let image = image(pod)?;
        let stated = image_tag(image).and_then(StatedRelease::parse);
        let release = match stated {
            Some(stated) => ImageRelease::Stated(stated),
            None => ImageRelease::Untold(image.into()),
        };
        let placement = Placement::of(pod);
        placement.allows_linux().then_some(ProxyImage {
            object: set.object,
            release,
            placement,
        })
    });
    images.collect()
}
