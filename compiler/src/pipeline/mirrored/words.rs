//! What a run mirrors, in one line for people.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mirrored, ReleaseSource, Why};
use crate::diag::some;
use crate::escape::visible;
use crate::model::config::ModeSource;
use crate::model::name::NodeName;
use crate::model::{Cluster, Distribution, Fit, KubeVersion, StatedRelease};
use crate::source::{ObjectId, ObjectKind, Objects, Sources};

/// What says the release of some nodes, as far as it is told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Asked,
    /// A `DaemonSet`, and how well its release is known.
    Image(String, Fit),
    /// Nodes, and how well their releases are known.
    Nodes(Fit),
    Newest(Why),
}

/// Nodes of which the same is said.
#[derive(Debug, Default)]
struct Group<'a> {
    names: Vec<&'a NodeName>,
    /// The releases as stated, where others are mirrored for them.
    stated: BTreeSet<String>,
}

/// `mirrors kube-proxy 1.33 mode ipvs: release from nodeInfo of n1, mode from kube-proxy.yaml`.
pub(super) fn words(
    nodes: &[(Option<&NodeName>, Mirrored)],
    cluster: &Cluster,
    objects: &Objects,
    sources: &Sources,
) -> String {
    let config = &cluster.config;
    let mut groups: BTreeMap<(KubeVersion, Said), Group<'_>> = BTreeMap::new();
    for (name, mirrored) in nodes {
        let said = said(&mirrored.source, objects);
        let group = groups.entry((mirrored.emulates.version, said)).or_default();
        group.names.extend(name);
        group.stated.extend(unknown(&mirrored.source));
    }
    let mode = config.mode.as_str();
    let from = mode_from(cluster, objects, sources);
    let line = match Vec::from_iter(&groups)[..] {
        [((version, said), group)] => {
            let release = release_from(said, &group.names, &group.stated);
            format!("mirrors kube-proxy {version} mode {mode}: {release}, {from}")
        }
        ref groups => {
            let releases = groups.iter().map(|((version, said), group)| {
                format!(
                    "{version} on {}: {}",
                    some(group.names.iter()),
                    release_from(said, &[], &group.stated)
                )
            });
            let releases: Vec<String> = releases.collect();
            format!(
                "mirrors kube-proxy mode {mode}, {from}; {}",
                releases.join("; ")
            )
        }
    };
    format!("{}\n", visible(&line))
}

fn said(source: &ReleaseSource, objects: &Objects) -> Said {
    match source {
        ReleaseSource::Asked => Said::Asked,
        ReleaseSource::Image(object, stated) => {
            Said::Image(objects.name(*object).to_string(), stated.fit())
        }
        ReleaseSource::Node(_, stated) => Said::Nodes(stated.fit()),
        ReleaseSource::Newest(why) => Said::Newest(*why),
    }
}

/// The release as stated, where another is mirrored for it.
fn unknown(source: &ReleaseSource) -> Option<String> {
    match source {
        ReleaseSource::Image(_, stated) | ReleaseSource::Node(_, stated) => {
            (stated.fit() != Fit::Known).then(|| stated.to_string())
        }
        ReleaseSource::Asked | ReleaseSource::Newest(_) => None,
    }
}

/// What the release is from; the nodes are named here unless they are before.
fn release_from(said: &Said, names: &[&NodeName], stated: &BTreeSet<String>) -> String {
    let unknown = match stated.len() {
        0 => String::new(),
        _ => format!(", the nearest to {}", some(stated.iter())),
    };
    match said {
        Said::Asked => "release as asked for".to_owned(),
        Said::Image(set, _) => format!("release from the image of {set}{unknown}"),
        Said::Nodes(_) if names.is_empty() => format!("release from nodeInfo{unknown}"),
        Said::Nodes(_) => format!("release from nodeInfo of {}{unknown}", some(names.iter())),
        Said::Newest(why) => {
            let why = match why {
                Why::Silent => "no Node says which it runs".to_owned(),
                Why::Unknown if names.is_empty() => "the input has no Node of that name".to_owned(),
                Why::Unknown => format!("the input has no Node {}", some(names.iter())),
                Why::NoNode => "the input has no Node".to_owned(),
                Why::NoneAsked => "no node is asked for".to_owned(),
            };
            format!("the newest release, since {why}")
        }
    }
}

fn mode_from(cluster: &Cluster, objects: &Objects, sources: &Sources) -> String {
    let config = &cluster.config;
    let place = |object: Option<ObjectId>| {
        object.map_or_else(String::new, |object| {
            let name = objects.name(object);
            if name.kind == ObjectKind::ConfigMap {
                return name.to_string();
            }
            let span = objects.document(object).span;
            sources.get(span.source).name.clone()
        })
    };
    let mode = config.mode.as_str();
    match config.mode_source {
        ModeSource::CommandLine => "mode as asked for".to_owned(),
        ModeSource::Configuration => format!("mode from {}", place(config.object)),
        ModeSource::Unset => {
            format!("mode by default, since {} sets none", place(config.object))
        }
        ModeSource::Unknown => format!(
            "mode {mode} is assumed, since that of {} is not known",
            place(config.object)
        ),
        ModeSource::Assumed if cluster.meant_by_flags.is_some() => {
            let meant = cluster.meant_by_flags.iter();
            let meant = meant.map(|meant| {
                let whose = objects.name(meant.object);
                let but = if meant.mode == mode { "as" } else { "though" };
                let said = &meant.mode;
                let written = meant.written.words();
                format!(
                    "and mode {mode} is assumed, {but} {written} of {whose} mean mode {said}, which are not \
                     read: write them as a KubeProxyConfiguration, or pass --mode"
                )
            });
            meant.collect()
        }
        ModeSource::Assumed => format!(
            "and the input has no kube-proxy configuration, so mode {mode} is assumed: {}",
            where_it_is(cluster, objects)
        ),
    }
}

/// Where kube-proxy's configuration is to be had.
fn where_it_is(cluster: &Cluster, objects: &Objects) -> String {
    if let Some(off) = cluster.switched_off {
        let off = objects.name(off);
        return format!(
            "no kube-proxy runs, as {off} says; pass --mode to mirror one all the same"
        );
    }
    let releases = cluster
        .nodes
        .iter()
        .filter_map(|node| node.release.as_ref());
    let mut distributions = releases.map(StatedRelease::distribution);
    let first = distributions.next().unwrap_or(Distribution::Other);
    let alike = distributions.all(|one| one == first);
    let get = |name| {
        format!(
            "add what `kubectl -n kube-system get configmap {name} -o yaml` prints, or pass --mode"
        )
    };
    match first {
        Distribution::K3s if alike => "k3s and RKE2 run kube-proxy in mode iptables unless kube-proxy-arg in the nodes' config.yaml says otherwise: add that file, or pass --mode".to_owned(),
        Distribution::Eks if alike => get("kube-proxy-config"),
        _ => get("kube-proxy"),
    }
}
