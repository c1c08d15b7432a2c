//! The release whose rules a node follows, and what of the configuration it would not take.

use std::collections::BTreeMap;

use crate::diag::{Code, Finding, Findings, Place, some};
use crate::model::config::{Config, LocalhostNodePorts, ModeSource, NodePortAddresses};
use crate::model::profile::{
    ExternalIps, Gate, GateFault, Gates, ModeIpvs, ModeNftables, NftablesLocalhost, NodePortWords,
};
use crate::model::{Cluster, KubeVersion, Mode, Profile, quoted};
use crate::source::FieldPath;

const GATES: &str = "featureGates";
const NODE_PORT_ADDRESSES: &str = "nodePortAddresses";

/// The profile of a release under a cluster's configuration. Reports what keeps its kube-proxy from
/// starting, and what it passes by.
pub(super) fn profile(cluster: &Cluster, version: KubeVersion, findings: &mut Findings) -> Profile {
    let config = &cluster.config;
    let profile = Profile::new(version, &config.feature_gates);
    gates(config, version, findings);
    modes(config, &profile, findings);
    words(config, &profile, findings);
    localhost(config, &profile, findings);
    external_ips(cluster, &profile, findings);
    profile
}

/// A field of the configuration.
fn field(config: &Config, path: FieldPath) -> Place {
    config
        .object
        .map_or(Place::Nowhere, |object| Place::Field(object, path))
}

fn root(key: &'static str) -> FieldPath {
    FieldPath::root().key(key)
}

fn gates(config: &Config, version: KubeVersion, findings: &mut Findings) {
    let at = |name: &str| field(config, root(GATES).key(name.to_owned()));
    let mut unknown = Vec::new();
    let mut near: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for fault in Gates::new(version, &config.feature_gates).faults() {
        findings.push(match fault {
            GateFault::Locked { gate, to } => Finding::error(
                Code::FeatureGate,
                at(gate.as_str()),
                format!(
                    "feature gate {} is locked to {} in Kubernetes {version}: kube-proxy does not start",
                    gate.as_str(),
                    to.as_str()
                ),
            )
            .help("remove it"),
            GateFault::Missing(gate) => Finding::warning(
                Code::FeatureGate,
                at(gate.as_str()),
                format!(
                    "kube-proxy {version} does not know feature gate {} and does not start",
                    gate.as_str()
                ),
            )
            .help(format!("remove it: {}", where_known(gate))),
            GateFault::NearMiss { written, meant } => {
                near.entry(meant).or_default().push(written);
                continue;
            }
            GateFault::Unknown(name) => {
                unknown.push(name);
                continue;
            }
        });
    }
    for (meant, written) in near {
        let Some(first) = written.first() else {
            continue;
        };
        let names = some(written.iter().map(|name| quoted(name)));
        let message = format!(
            "no feature gate that decides anything here is named {names}, and one is named {meant}"
        );
        findings.push(
            Finding::warning(Code::FeatureGate, at(first), message)
                .help(format!("write {meant} if that is meant")),
        );
    }
    // Configurations carry the gates of other components.
    if let Some(first) = unknown.first() {
        findings.push(
            Finding::info(
                Code::FeatureGate,
                at(first),
                format!("feature gates that decide nothing here: {}", some(unknown.iter().map(|name| quoted(name)))),
            )
            .help("remove those that are meant for kube-proxy: it does not start with gates that it does not know"),
        );
    }
}

/// Which releases know a gate, in words.
fn where_known(gate: Gate) -> String {
    let known: Vec<KubeVersion> = KubeVersion::all()
        .filter(|version| gate.standing(*version).is_some())
        .collect();
    match known[..] {
        [] => "no release that is known here has it".to_owned(),
        [first, ..] if known.ends_with(&[KubeVersion::NEWEST]) => {
            format!("releases have it from {first} on")
        }
        [first, .., last] => format!("releases have it from {first} to {last}"),
        [only] => format!("release {only} alone has it"),
    }
}

/// A mode that the release's kube-proxy does not have.
fn modes(config: &Config, profile: &Profile, findings: &mut Findings) {
    let off = match config.mode {
        Mode::Ipvs if profile.mode_ipvs == ModeIpvs::Off => Gate::KubeProxyIpvs,
        Mode::Nftables if profile.mode_nftables == ModeNftables::Off => Gate::NftablesProxyMode,
        Mode::Ipvs | Mode::Iptables | Mode::Nftables => return,
    };
    let written = config.feature_gates.contains_key(off.as_str());
    let place = if written {
        root(GATES).key(off.as_str())
    } else {
        root("mode")
    };
    let message = format!(
        "feature gate {} is off: kube-proxy {} does not start in mode {}",
        off.as_str(),
        profile.version,
        config.mode.as_str()
    );
    let place = field(config, place);
    // Who asks for a mode to look at it may do so; what nodes run with is no such question.
    let asked = config.mode_source == ModeSource::CommandLine && !written;
    let finding = if asked {
        Finding::warning(Code::Mode, place, message)
    } else {
        Finding::error(Code::Mode, place, message)
    };
    findings.push(finding.help("switch the gate on, or choose another mode"));
}

/// Words that the release does not take, or not beside others.
fn words(config: &Config, profile: &Profile, findings: &mut Findings) {
    let entries = &config.node_port_addresses;
    let takes = |entry: &NodePortAddresses| match profile.node_port_words {
        NodePortWords::None => false,
        NodePortWords::PrimaryAlone => *entry == NodePortAddresses::Primary && entries.len() == 1,
        NodePortWords::Any => true,
    };
    for (index, entry) in entries.iter().enumerate() {
        let Some(word) = entry.word().filter(|_| !takes(entry)) else {
            continue;
        };
        let (message, help) = match (profile.node_port_words, entry) {
            (NodePortWords::PrimaryAlone, NodePortAddresses::Primary) => (
                format!(
                    "kube-proxy {} takes {word} in {NODE_PORT_ADDRESSES} only where nothing stands beside it",
                    profile.version
                ),
                "leave it alone there, or write ranges",
            ),
            _ => (
                format!(
                    "kube-proxy {} does not know the word {word} in {NODE_PORT_ADDRESSES}",
                    profile.version
                ),
                "write ranges such as 10.0.0.0/8 or fd00::/8",
            ),
        };
        let place = field(config, root(NODE_PORT_ADDRESSES).index(index));
        findings.push(Finding::error(Code::AddressInvalid, place, message).help(help));
    }
}

/// Loopback addresses that are asked for and that rules do not serve.
fn localhost(config: &Config, profile: &Profile, findings: &mut Findings) {
    let asked = |entry: &NodePortAddresses| match entry {
        NodePortAddresses::Localhost => true,
        NodePortAddresses::Range(range) => range.network().is_loopback(),
        NodePortAddresses::Primary | NodePortAddresses::All => false,
    };
    let Some(index) = config.node_port_addresses.iter().position(asked) else {
        return;
    };
    let word = config
        .node_port_addresses
        .get(index)
        .and_then(|entry| entry.word());
    let (message, help) = match (config.mode, profile.nftables_localhost, word) {
        (Mode::Nftables, NftablesLocalhost::UserSpace, _) => (
            "node ports at localhost are not served: in mode nftables kube-proxy does so itself, and no rule does",
            "keep kube-proxy on the node, or ask for node ports at the node's addresses",
        ),
        (Mode::Nftables, NftablesLocalhost::Never, Some(_)) => (
            "localhost has no effect in mode nftables, unless the feature gate KubeProxyNFTablesLocalhostNodePorts is on",
            "remove it, or ask for node ports at the node's addresses",
        ),
        (Mode::Ipvs, _, Some(_)) => (
            "localhost has no effect in mode ipvs: no virtual server is at a loopback address",
            "remove it",
        ),
        (Mode::Iptables, _, Some(_)) if config.localhost_node_ports == LocalhostNodePorts::No => (
            "localhost has no effect, as iptables.localhostNodePorts is false",
            "remove one of the two",
        ),
        // Ranges may hold loopback addresses for other reasons.
        _ => return,
    };
    let place = field(config, root(NODE_PORT_ADDRESSES).index(index));
    findings.push(Finding::warning(Code::ConfigIgnored, place, message).help(help));
}

/// External IPs that get no rules by the configuration's own choice.
fn external_ips(cluster: &Cluster, profile: &Profile, findings: &mut Findings) {
    if profile.external_ips != ExternalIps::Ignored {
        return;
    }
    let services = cluster.services.iter();
    let passed_by = services
        .filter(|service| service.skipped.is_none() && !service.external_ips.is_empty())
        .count();
    if passed_by == 0 {
        return;
    }
    let gate = Gate::AllowServiceExternalIps.as_str();
    let services = match passed_by {
        1 => "1 Service get".to_owned(),
        _ => format!("{passed_by} Services get"),
    };
    findings.push(
        Finding::info(
            Code::AddressDropped,
            field(&cluster.config, root(GATES).key(gate)),
            format!("externalIPs of {services} no rules: feature gate {gate} is off"),
        )
        .help("give them another way in, such as a load balancer"),
    );
}
