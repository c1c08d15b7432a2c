//! Nodes: what the Node object and the NodeFacts say of one machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use k8s_openapi::api::core::v1 as api;

use super::check::{Check, metadata, quoted, spec};
use super::name::{NodeName, Zone};
use super::stated::StatedRelease;
use crate::diag::{Code, Findings};
use crate::front::{self, Located};
use crate::source::{FieldPath, ObjectId};

pub(crate) const LABEL_ZONE: &str = "topology.kubernetes.io/zone";
/// Says the same as `status.nodeInfo.operatingSystem`, with the name that it had before.
pub(crate) const LABELS_SYSTEM: [&str; 2] = ["kubernetes.io/os", "beta.kubernetes.io/os"];

/// What a node runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// Linux, or nothing that the Node says.
    Linux,
    /// Windows, whose kube-proxy has no rules of Linux.
    Windows,
}

/// Whether new Pods are placed on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Any may be.
    Open,
    /// It is cordoned, or has a taint that keeps Pods away which do not tolerate it.
    Closed,
}

/// What the Node object says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where the manifest of the Node stands.
    pub object: ObjectId,
    /// `metadata.name`, by which slices and Pods say where they are.
    pub name: NodeName,
    /// Labels, as written.
    pub labels: BTreeMap<String, String>,
    /// What it runs on.
    pub system: System,
    /// The release of its kubelet, as far as it states one.
    pub release: Option<StatedRelease>,
    /// Label `topology.kubernetes.io/zone`; `None` without it, or with an empty one.
    pub zone: Option<Zone>,
    /// Ranges its pods have their addresses from.
    pub pod_cidrs: Vec<IpNet>,
    /// Whether new Pods are placed there.
    pub intake: Intake,
    /// Its processors, where it says how many.
    pub processors: Option<u32>,
    /// Its own addresses, internal ones before external ones, as kube-proxy prefers them.
    pub addresses: Vec<IpAddr>,
}

/// What NodeFacts say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Where the manifest of the NodeFacts stands.
    pub object: ObjectId,
    /// Name of the Node.
    pub name: NodeName,
    /// Addresses of all interfaces but lo and kube-ipvs0, in order of appearance.
    pub addresses: Vec<IpAddr>,
    /// Release of the running kernel (`uname -r`); `None` where the facts leave it out.
    pub kernel: Option<Release>,
    /// Version of the iptables programs.
    pub iptables: Option<Release>,
    /// Version of nft.
    pub nft: Option<Release>,
}

/// Major, minor and patch number of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// First number: 6 of `6.1.0-13-amd64`.
    pub major: u16,
    /// Second number: 1 of `6.1.0-13-amd64`.
    pub minor: u16,
    /// Patch; 0 where there is none.
    pub patch: u16,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            patch,
        } = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl Release {
    /// Reads `6.1`, `6.1.0` or `6.1.0-13-amd64`.
    pub fn parse(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let mut numbers = text[..end].split('.');
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        let patch = match numbers.next() {
            None | Some("") => 0,
            Some(text) => text.parse().ok()?,
        };
        Some(Self {
            major,
            minor,
            patch,
        })
    }
}

/// Checks a Node.
pub(super) fn node(manifest: Located<api::Node>) -> (Option<Node>, Findings) {
    let mut check = Check::new(manifest.object);
    let node = build(&mut check, *manifest.value);
    (node, check.findings)
}

fn build(check: &mut Check, manifest: api::Node) -> Option<Node> {
    let name = manifest.metadata.name.unwrap_or_default();
    let name = check.name(
        "name",
        &name,
        NodeName::parse(&name),
        check.at(metadata("name")),
    )?;
    let labels = manifest.metadata.labels.unwrap_or_default();
    let zone = labels.get(LABEL_ZONE).and_then(|zone| {
        let place = check.at(metadata("labels").key(LABEL_ZONE));
        check.name("zone", zone, Zone::parse(zone), place).flatten()
    });
    let body = manifest.spec.unwrap_or_default();
    let mut taints = body.taints.iter().flatten();
    let keeps_away =
        taints.any(|taint| matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute"));
    let intake = if keeps_away || body.unschedulable == Some(true) {
        Intake::Closed
    } else {
        Intake::Open
    };
    let pod_cidrs = match (body.pod_cidrs, body.pod_cidr) {
        (Some(list), _) if !list.is_empty() => list
            .iter()
            .enumerate()
            .filter_map(|(i, text)| {
                let place = check.at(spec("podCIDRs").index(i));
                check.range("pod range", text, place)
            })
            .collect(),
        (_, Some(single)) if !single.is_empty() => check
            .range("pod range", &single, check.at(spec("podCIDR")))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let mut internal = Vec::new();
    let mut external = Vec::new();
    let status = manifest.status.unwrap_or_default();
    let info = status.node_info.unwrap_or_default();
    let release = StatedRelease::parse(&info.kubelet_version);
    if release.is_none() && !info.kubelet_version.is_empty() {
        let path = FieldPath::root().key("status").key("nodeInfo");
        check.warning(
            Code::ReleaseUnclear,
            check.at(path.key("kubeletVersion")),
            format!(
                "kubeletVersion {} tells no release of Kubernetes: it does not count",
                quoted(&info.kubelet_version)
            ),
            "correct it, or pass --kube-version",
        );
    }
    let mut systems = LABELS_SYSTEM
        .iter()
        .filter_map(|label| labels.get(*label))
        .map(String::as_str)
        .chain([info.operating_system.as_str()]);
    let system = if systems.any(|system| system == "windows") {
        System::Windows
    } else {
        System::Linux
    };
    drop(systems);
    let processors = status
        .capacity
        .as_ref()
        .and_then(|capacity| capacity.get("cpu"))
        .and_then(|number| number.0.parse().ok());
    let listed = status.addresses.unwrap_or_default();
    for (i, address) in listed.into_iter().enumerate() {
        let list = match address.type_.as_str() {
            "InternalIP" => &mut internal,
            "ExternalIP" => &mut external,
            _ => continue,
        };
        let path = FieldPath::root()
            .key("status")
            .key("addresses")
            .index(i)
            .key("address");
        list.extend(check.ip(&address.address, check.at(path)));
    }
    internal.append(&mut external);
    Some(Node {
        object: check.object,
        name,
        labels,
        system,
        release,
        zone,
        pod_cidrs,
        intake,
        processors,
        addresses: internal,
    })
}

/// Checks NodeFacts, field by field; what is wrong with one is among the findings.
pub(super) fn facts(manifest: Located<front::NodeFacts>) -> (Option<Facts>, Findings) {
    let mut check = Check::new(manifest.object);
    let facts = build_facts(&mut check, *manifest.value);
    (facts, check.findings)
}

fn build_facts(check: &mut Check, manifest: front::NodeFacts) -> Option<Facts> {
    let name = &manifest.metadata.name;
    let name = check.name(
        "name",
        name,
        NodeName::parse(name),
        check.at(metadata("name")),
    );
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut known: BTreeSet<IpAddr> = BTreeSet::new();
    for (i, interface) in manifest.interfaces.iter().enumerate() {
        let path = || FieldPath::root().key("interfaces").index(i);
        check.interface(
            "interface name",
            &interface.name,
            check.at(path().key("name")),
        );
        for (j, text) in interface.addresses.iter().enumerate() {
            let place = check.at(path().key("addresses").index(j));
            // The prefix length says nothing that matters here and may be left out.
            let address = if text.contains('/') {
                check.net(text, place).map(|net| net.addr())
            } else {
                check.ip(text, place)
            };
            // kube-ipvs0 is what is being compiled.
            if interface.name != "kube-ipvs0" {
                addresses.extend(address.filter(|address| known.insert(*address)));
            }
        }
    }
    let kernel = release(check, manifest.kernel.as_deref(), &["kernel"]);
    let iptables = manifest.iptables.and_then(|tools| tools.version);
    let iptables = release(check, iptables.as_deref(), &["iptables", "version"]);
    let nft = manifest.nft.and_then(|nft| nft.version);
    let nft = release(check, nft.as_deref(), &["nft", "version"]);
    Some(Facts {
        object: check.object,
        name: name?,
        addresses,
        kernel,
        iptables,
        nft,
    })
}

fn release(check: &mut Check, text: Option<&str>, keys: &[&'static str]) -> Option<Release> {
    let text = text?;
    let release = Release::parse(text);
    if release.is_none() {
        let path = keys
            .iter()
            .fold(FieldPath::root(), |path, key| path.key(*key));
        check.warning(
            Code::UnknownValue,
            check.at(path),
            format!("{text:?} is no version; a current one is assumed"),
            "write it as 6.1.0",
        );
    }
    release
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_with_distribution_suffixes() {
        let release = |major, minor, patch| {
            Some(Release {
                major,
                minor,
                patch,
            })
        };
        assert_eq!(Release::parse("6.1.0-13-amd64"), release(6, 1, 0));
        assert_eq!(Release::parse("5.9"), release(5, 9, 0));
        assert_eq!(Release::parse("1.8.9"), release(1, 8, 9));
        assert_eq!(Release::parse("6"), None);
        assert_eq!(Release::parse("x"), None);
    }
}
