//! Which kube-proxy each node mirrors, and what that is taken from.
//!
//! The release is what is asked for; else what the image of a kube-proxy `DaemonSet` in the input states;
//! else what the Node states of its kubelet, which kube-proxy goes with; else the newest. What no release
//! is called does not count. The mode is what is asked for, else the configuration's.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::Emulates;
use crate::diag::{Code, Finding, Findings, Place};
use crate::model::name::NodeName;
use crate::model::{
    Cluster, Fit, ImageRelease, KubeVersion, Node, ProxyImage, StatedRelease, quoted,
};
use crate::source::{FieldPath, ObjectId, Objects, Sources};
use words::words;

/// The kube-proxy of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirrored {
    /// Which it is.
    pub emulates: Emulates,
    /// What says its release.
    pub source: ReleaseSource,
}

/// What says a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReleaseSource {
    /// It was asked for.
    Asked,
    /// The image of a `DaemonSet`.
    Image(ObjectId, StatedRelease),
    /// `status.nodeInfo.kubeletVersion` of the Node.
    Node(ObjectId, StatedRelease),
    /// Nothing: it is the newest.
    Newest(Why),
}

/// Why nothing says a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The Node does not.
    Silent,
    /// The input does not have the Node.
    Unknown,
    /// The input has no Node at all.
    NoNode,
    /// It has Nodes, and none was asked for.
    NoneAsked,
}

/// Finds out which kube-proxy nodes mirror.
pub(crate) struct Mirror<'c> {
    cluster: &'c Cluster,
    asked: Option<KubeVersion>,
    by_name: BTreeMap<&'c NodeName, &'c Node>,
}

impl<'c> Mirror<'c> {
    pub(crate) fn new(cluster: &'c Cluster, asked: Option<KubeVersion>) -> Self {
        let nodes = cluster.nodes.iter();
        Self {
            cluster,
            asked,
            by_name: nodes.map(|node| (&node.name, node)).collect(),
        }
    }

    /// That of a node.
    pub(crate) fn of(&self, name: &NodeName) -> Mirrored {
        self.mirrored(self.by_name.get(name).copied(), Why::Unknown)
    }

    /// That of no node in particular: of several the newest.
    pub(crate) fn of_any(&self, names: &[NodeName]) -> KubeVersion {
        let versions = names.iter().map(|name| self.of(name).emulates.version);
        let of_none = || self.of_none().emulates.version;
        versions.max().unwrap_or_else(of_none)
    }

    /// What nodes mirror and what says so, in one line for people.
    pub(crate) fn words(&self, names: &[NodeName], objects: &Objects, sources: &Sources) -> String {
        let mut mirrored: Vec<(Option<&NodeName>, Mirrored)> = names
            .iter()
            .map(|name| (Some(name), self.of(name)))
            .collect();
        if mirrored.is_empty() {
            mirrored.push((None, self.of_none()));
        }
        words(&mirrored, self.cluster, objects, sources)
    }

    fn of_none(&self) -> Mirrored {
        let why = if self.by_name.is_empty() {
            Why::NoNode
        } else {
            Why::NoneAsked
        };
        self.mirrored(None, why)
    }

    fn mirrored(&self, node: Option<&Node>, without: Why) -> Mirrored {
        let source = self.source(node, without);
        Mirrored {
            emulates: Emulates {
                version: match &source {
                    ReleaseSource::Asked => self.asked.unwrap_or_default(),
                    ReleaseSource::Image(_, stated) | ReleaseSource::Node(_, stated) => {
                        stated.nearest()
                    }
                    ReleaseSource::Newest(_) => KubeVersion::NEWEST,
                },
                mode: self.cluster.config.mode,
            },
            source,
        }
    }

    fn source(&self, node: Option<&Node>, without: Why) -> ReleaseSource {
        if self.asked.is_some() {
            return ReleaseSource::Asked;
        }
        let images = self.images(node);
        if let [(image, stated)] = images[..] {
            return ReleaseSource::Image(image.object, stated.clone());
        }
        let of_node = node.and_then(|node| Some((node.object, node.release.as_ref()?)));
        match of_node.filter(|(_, stated)| stated.is_possible()) {
            Some((object, stated)) => ReleaseSource::Node(object, stated.clone()),
            None => ReleaseSource::Newest(node.map_or(without, |_| Why::Silent)),
        }
    }

    /// The images that may run on a node, one for each release.
    fn images(&self, node: Option<&Node>) -> Vec<(&'c ProxyImage, &'c StatedRelease)> {
        let mut images: Vec<(&ProxyImage, &StatedRelease)> = Vec::new();
        for image in &self.cluster.proxy_images {
            let Some(stated) = image.release.possible() else {
                continue;
            };
            let mut known = images.iter().map(|(_, known)| known.nearest());
            if image.may_run_on(node) && known.all(|known| known != stated.nearest()) {
                images.push((image, stated));
            }
        }
        images
    }

    /// Reports images that contradict one another, and releases that are not known.
    pub(crate) fn report(&self, names: &[NodeName], objects: &Objects, findings: &mut Findings) {
        if self.asked.is_some() {
            return;
        }
        self.impossible(names, findings);
        let mut contradicting = BTreeSet::new();
        let mut unknown: BTreeMap<(Fit, String), (ObjectId, FieldPath, usize)> = BTreeMap::new();
        for name in names {
            let node = self.by_name.get(name).copied();
            let images = self.images(node);
            if let [first, .., last] = images[..] {
                contradicting.insert((first.0.object, last.0.object));
            }
            let (object, path, stated) = match self.source(node, Why::Unknown) {
                ReleaseSource::Image(object, stated) => (
                    object,
                    FieldPath::root().key("spec").key("template"),
                    stated,
                ),
                ReleaseSource::Node(object, stated) => {
                    let path = FieldPath::root().key("status").key("nodeInfo");
                    (object, path.key("kubeletVersion"), stated)
                }
                ReleaseSource::Asked | ReleaseSource::Newest(_) => continue,
            };
            if stated.fit() != Fit::Known {
                let alike = unknown.entry((stated.fit(), stated.to_string()));
                alike.or_insert((object, path, 0)).2 += 1;
            }
        }
        for (one, other) in contradicting {
            findings.push(
                Finding::warning(
                    Code::ReleaseUnclear,
                    other,
                    format!(
                        "{} and {} have images of different releases of kube-proxy: neither counts",
                        objects.name(one),
                        objects.name(other)
                    ),
                )
                .help("pass --kube-version, or only the DaemonSet that the nodes run")
                .also(one, "the other"),
            );
        }
        for ((fit, stated), (object, path, nodes)) in unknown {
            findings.push(nearest(fit, &stated, Place::Field(object, path), nodes));
        }
    }
}

impl Mirror<'_> {
    /// Reports what no release is called, and what is said in its place.
    fn impossible(&self, names: &[NodeName], findings: &mut Findings) {
        let nodes = names.iter().filter_map(|name| self.by_name.get(name));
        let nodes: Vec<&Node> = nodes.copied().collect();
        for image in &self.cluster.proxy_images {
            let runs = nodes.is_empty() || nodes.iter().any(|node| image.may_run_on(Some(node)));
            if !runs {
                continue;
            }
            let path = FieldPath::root().key("spec").key("template");
            let place = Place::Field(image.object, path);
            match &image.release {
                ImageRelease::Stated(stated) if stated.is_possible() => {}
                ImageRelease::Stated(stated) => {
                    findings.push(no_release("image tag", stated, place, 1));
                }
                ImageRelease::Untold(image) => findings.push(
                    Finding::info(
                        Code::ReleaseUnclear,
                        place,
                        format!(
                            "the tag of image {} tells no release of kube-proxy: it does not count",
                            quoted(image)
                        ),
                    )
                    .help(
                        "pass --kube-version, or tag the image with its release, such as v1.33.4",
                    ),
                ),
            }
        }
        let mut stated: BTreeMap<&StatedRelease, (ObjectId, usize)> = BTreeMap::new();
        for node in nodes {
            let release = node.release.as_ref();
            if let Some(release) = release.filter(|release| !release.is_possible()) {
                stated.entry(release).or_insert((node.object, 0)).1 += 1;
            }
        }
        for (release, (object, nodes)) in stated {
            let path = FieldPath::root().key("status").key("nodeInfo");
            let place = Place::Field(object, path.key("kubeletVersion"));
            findings.push(no_release("kubeletVersion", release, place, nodes));
        }
    }
}

fn no_release(what: &str, stated: &StatedRelease, place: Place, nodes: usize) -> Finding {
    let nodes = match nodes {
        1 => String::new(),
        more => format!(" of {more} nodes"),
    };
    Finding::warning(
        Code::ReleaseUnclear,
        place,
        format!("{what} {stated}{nodes} is no release of Kubernetes: it does not count"),
    )
    .help("correct it, or pass --kube-version")
}

fn nearest(fit: Fit, stated: &str, place: Place, nodes: usize) -> Finding {
    let (what, version) = match fit {
        Fit::Older => ("older", KubeVersion::OLDEST),
        Fit::Newer | Fit::Known | Fit::Impossible => ("newer", KubeVersion::NEWEST),
    };
    let nodes = match nodes {
        1 => String::new(),
        more => format!(" on {more} nodes"),
    };
    Finding::info(
        Code::ReleaseUnclear,
        place,
        format!(
            "release {stated}{nodes} is {what} than any that is known here: kube-proxy {version} is mirrored, the nearest"
        ),
    )
    .help("see docs/releases.md for what differs, or pass --kube-version to mirror another")
}
