//! What a run mirrors, in one line for people.

use std::collections::BTreeMap;

use super::{Mirrored, ReleaseSource};
use crate::escape::visible;
use crate::front::{ObjectKind, Objects};
use crate::model::config::ModeSource;
use crate::model::name::NodeName;
use crate::model::{Config, Fit, KubeVersion};
use crate::source::{ObjectId, Sources};

/// How many nodes are named.
const SHOWN: usize = 3;

/// What says the release of some nodes, as far as it is told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Asked,
    /// A `DaemonSet`; the release as stated, where another is mirrored.
    Image(String, Option<String>),
    /// Nodes; the release as stated, where another is mirrored.
    Nodes(Option<String>),
    Newest,
}

/// `mirrors kube-proxy 1.33 mode ipvs: release from nodeInfo of n1, mode from kube-proxy.yaml`.
pub(super) fn words(
    nodes: &[(Option<&NodeName>, Mirrored)],
    config: &Config,
    objects: &Objects,
    sources: &Sources,
) -> String {
    let mut groups: BTreeMap<(KubeVersion, Said), Vec<&NodeName>> = BTreeMap::new();
    for (name, mirrored) in nodes {
        let said = said(&mirrored.source, objects);
        let group = groups.entry((mirrored.emulates.version, said));
        group.or_default().extend(name);
    }
    let mode = config.mode.as_str();
    let from = mode_from(config, objects, sources);
    let line = match Vec::from_iter(&groups)[..] {
        [((version, said), names)] => {
            let release = release_from(said, names);
            format!("mirrors kube-proxy {version} mode {mode}: {release}, {from}")
        }
        ref groups => {
            let releases = groups.iter().map(|((version, said), names)| {
                format!("{version} on {}: {}", some(names), release_from(said, &[]))
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
        ReleaseSource::Image(object, stated) => Said::Image(
            objects.name(*object).to_string(),
            (stated.fit() != Fit::Known).then(|| stated.to_string()),
        ),
        ReleaseSource::Node(_, stated) => {
            Said::Nodes((stated.fit() != Fit::Known).then(|| stated.to_string()))
        }
        ReleaseSource::Newest => Said::Newest,
    }
}

/// What the release is from; the nodes are named here unless they are before.
fn release_from(said: &Said, names: &[&NodeName]) -> String {
    let unknown = |stated: &Option<String>| match stated {
        Some(stated) => format!(", the nearest to {stated}"),
        None => String::new(),
    };
    match said {
        Said::Asked => "release as asked for".to_owned(),
        Said::Image(set, stated) => format!("release from the image of {set}{}", unknown(stated)),
        Said::Nodes(stated) if names.is_empty() => {
            format!("release from nodeInfo{}", unknown(stated))
        }
        Said::Nodes(stated) => {
            format!(
                "release from nodeInfo of {}{}",
                some(names),
                unknown(stated)
            )
        }
        Said::Newest => "the newest release, since no Node says which it runs".to_owned(),
    }
}

fn some(names: &[&NodeName]) -> String {
    let shown: Vec<&str> = names.iter().take(SHOWN).map(|name| name.as_str()).collect();
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn mode_from(config: &Config, objects: &Objects, sources: &Sources) -> String {
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
    match config.mode_source {
        ModeSource::CommandLine => "mode as asked for".to_owned(),
        ModeSource::Configuration => format!("mode from {}", place(config.object)),
        ModeSource::Unset => {
            format!("mode by default, since {} sets none", place(config.object))
        }
        ModeSource::Assumed => format!(
            "and the input has no kube-proxy configuration, so mode {} is assumed: pass with -f what `kubectl -n kube-system get configmap kube-proxy -o yaml` prints, or --mode",
            config.mode.as_str()
        ),
    }
}
