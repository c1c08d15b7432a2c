//! kube-proxy's configuration, with its defaults completed.
//!
//! Source: `k8s.io/kube-proxy/config/v1alpha1`, `pkg/proxy/apis/config`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::address::IpFamily;
use super::check::{Check, quoted};
use super::name::InterfaceName;
use super::{Scheduler, Timeouts};
use crate::diag::{Code, Findings};
use crate::front::{self, Located};
use crate::source::{FieldPath, ObjectId};

/// Characters of an interface's name that `+` can follow in a rule of iptables: both together are
/// shorter than IFNAMSIZ, 16 (`libxtables/xtables.c`, `xtables_parse_interface`).
const LONGEST_PREFIX: usize = 14;

closed_set! {
    /// A proxy mode.
    pub enum Mode {
        /// Virtual servers in the kernel, with ipsets and iptables rules beside them.
        Ipvs = "ipvs",
        /// Chains of rules for every service port: kube-proxy's default.
        Iptables = "iptables",
        /// Verdict maps in tables of kube-proxy's own (KEP-3866).
        Nftables = "nftables",
    }
}

/// What says which mode it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModeSource {
    /// The command line.
    CommandLine,
    /// `mode` of the kube-proxy configuration.
    Configuration,
    /// A configuration without a mode: kube-proxy's default.
    Unset,
    /// A configuration whose mode is none that is known: the mode is an assumption.
    Unknown,
    /// Nobody: there is no configuration, and the mode is an assumption.
    Assumed,
}

/// How pods' traffic is told from other traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DetectLocal {
    /// By the cluster's pod ranges.
    ClusterCidr,
    /// By the node's own pod ranges.
    NodeCidr,
    /// By the bridge pods hang on.
    Bridge(InterfaceName),
    /// By the first letters of the pods' interfaces.
    InterfacePrefix(InterfaceName),
}

/// Which node addresses serve node ports: an entry of `nodePortAddresses`. Which words a release
/// takes, and with what others, is its profile's to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodePortAddresses {
    /// Those in a range.
    Range(IpNet),
    /// `primary`: the node's primary address of each family.
    Primary,
    /// `localhost`: loopback addresses of each family.
    Localhost,
    /// `all`: those of the node, in each family.
    All,
}

impl NodePortAddresses {
    /// The word for them, where there is one.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Range(_) => None,
            Self::Primary => Some("primary"),
            Self::Localhost => Some("localhost"),
            Self::All => Some("all"),
        }
    }
}

/// Whether everything sent to a cluster IP is masqueraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MasqueradeAll {
    /// All of it: `masqueradeAll` or `--masquerade-all`.
    Yes,
    /// Only what does not come from a pod of this node.
    No,
}

/// Whether ARP is answered only on the interface that has the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrictArp {
    /// Only there: `arp_ignore` is set to 1 and `arp_announce` to 2 (`ipvs.strictARP`).
    Yes,
    /// The kernel's setting is left alone.
    No,
}

/// Whether 127.0.0.1 serves node ports, in mode iptables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalhostNodePorts {
    /// It does, where `nodePortAddresses` takes it in.
    Yes,
    /// It does not.
    No,
}

/// What the node's limit of connections is set to, as far as it is configured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conntrack {
    /// For each processor; 0 leaves the limit alone.
    pub max_per_core: Option<u32>,
    /// The limit's lower bound, whatever the processors come to (`conntrack.min`).
    pub min: Option<u32>,
}

/// Bit of the mark where none is configured.
const DEFAULT_BIT: u8 = 14;

/// What kube-proxy's configuration says of Services, its defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The object; `None` for kube-proxy's defaults.
    pub object: Option<ObjectId>,
    /// How Services become packet rules; `mode_source` tells where that comes from.
    pub mode: Mode,
    /// What says so.
    pub mode_source: ModeSource,
    /// Name of the Node it runs on.
    pub hostname_override: Option<String>,
    /// The node's own address, where it is not the Node object's.
    pub bind_address: Option<IpAddr>,
    /// Pod ranges of the cluster.
    pub cluster_cidrs: Vec<IpNet>,
    /// How local traffic is detected.
    pub detect_local: DetectLocal,
    /// Where node ports are served, as written; families without an entry serve as if there were none.
    pub node_port_addresses: Vec<NodePortAddresses>,
    /// Bit of the packet mark that asks for masquerading, 0 to 31.
    pub masquerade_bit: u8,
    /// Whether everything is masqueraded.
    pub masquerade_all: MasqueradeAll,
    /// Whether 127.0.0.1 serves node ports.
    pub localhost_node_ports: LocalhostNodePorts,
    /// How virtual servers choose destinations: `ipvs.scheduler`; round robin where it is not set.
    pub scheduler: Scheduler,
    /// IPVS timeouts, where any is set.
    pub timeouts: Option<Timeouts>,
    /// Whether neighbours hear of the addresses of kube-ipvs0: `ipvs.strictARP`.
    pub strict_arp: StrictArp,
    /// Virtual servers in these ranges are somebody else's.
    pub exclude_cidrs: Vec<IpNet>,
    /// The limit of connections, which no rule has a part in.
    pub conntrack: Conntrack,
    /// Features switched by name.
    pub feature_gates: BTreeMap<String, bool>,
}

impl Config {
    /// kube-proxy's defaults, in a mode that the command line asks for, or else the one assumed.
    pub fn defaults(mode: Option<Mode>) -> Self {
        let mode_source = match mode {
            Some(_) => ModeSource::CommandLine,
            None => ModeSource::Assumed,
        };
        Self {
            object: None,
            mode: mode.unwrap_or(Mode::Ipvs),
            mode_source,
            hostname_override: None,
            bind_address: None,
            cluster_cidrs: Vec::new(),
            detect_local: DetectLocal::ClusterCidr,
            node_port_addresses: Vec::new(),
            masquerade_bit: DEFAULT_BIT,
            masquerade_all: MasqueradeAll::No,
            localhost_node_ports: LocalhostNodePorts::Yes,
            scheduler: Scheduler::Rr,
            timeouts: None,
            strict_arp: StrictArp::No,
            exclude_cidrs: Vec::new(),
            conntrack: Conntrack::default(),
            feature_gates: BTreeMap::new(),
        }
    }

    /// First pod range of the cluster of a family.
    pub fn cluster_cidr(&self, family: IpFamily) -> Option<IpNet> {
        self.cluster_cidrs
            .iter()
            .copied()
            .find(|net| IpFamily::of_net(*net) == family)
    }
}

/// Checks a configuration and completes its defaults, which also stand in for what is refused. A
/// mode on the command line replaces its own, which then need not be one that is known.
pub(super) fn config(
    manifest: Located<front::KubeProxyConfiguration>,
    mode: Option<Mode>,
) -> (Config, Findings) {
    let mut check = Check::new(manifest.object);
    let config = build(&mut check, *manifest.value, mode);
    (config, check.findings)
}

fn root(key: &'static str) -> FieldPath {
    FieldPath::root().key(key)
}

fn build(check: &mut Check, manifest: front::KubeProxyConfiguration, mode: Option<Mode>) -> Config {
    let asked = mode;
    let mode = mode.or_else(|| own_mode(check, manifest.mode.as_deref()));
    let mode_source = match (asked, manifest.mode.as_deref(), mode) {
        (Some(_), _, _) => ModeSource::CommandLine,
        (None, None | Some(""), _) => ModeSource::Unset,
        (None, Some(_), Some(_)) => ModeSource::Configuration,
        (None, Some(_), None) => ModeSource::Unknown,
    };
    let ipvs = manifest.ipvs.unwrap_or_default();
    let iptables = manifest.iptables.unwrap_or_default();
    let nftables = manifest.nftables.unwrap_or_default();
    // Mode ipvs masquerades by the settings of mode iptables (`cmd/kube-proxy/app/server_linux.go`).
    let (section, bit, all) = if mode == Some(Mode::Nftables) {
        ("nftables", nftables.masquerade_bit, nftables.masquerade_all)
    } else {
        ("iptables", iptables.masquerade_bit, iptables.masquerade_all)
    };
    let masquerade_bit = u8::try_from(bit.unwrap_or(DEFAULT_BIT.into()))
        .ok()
        .filter(|bit| *bit < 32);
    if masquerade_bit.is_none() {
        check.error(
            Code::UnknownValue,
            check.at(root(section).key("masqueradeBit")),
            format!(
                "masqueradeBit {} is no bit of a packet mark",
                bit.unwrap_or_default()
            ),
            "use 0 to 31",
        );
    }
    let scheduler = match ipvs.scheduler.as_deref() {
        None | Some("") => Some(Scheduler::Rr),
        Some(text) => {
            let scheduler = text.parse().ok();
            if scheduler.is_none() {
                let known: Vec<&str> = Scheduler::ALL.iter().map(|s| s.as_str()).collect();
                check.error(
                    Code::UnknownScheduler,
                    check.at(root("ipvs").key("scheduler")),
                    format!("unknown scheduler {text:?}"),
                    &format!("use one of: {}", known.join(", ")),
                );
            }
            scheduler
        }
    };
    let mut timeout = |text: Option<&str>, key: &'static str| {
        let place = check.at(root("ipvs").key(key));
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return 0;
        };
        seconds(text).unwrap_or_else(|| {
            check.error(
                Code::WrongType,
                place,
                format!("{text:?} is no duration"),
                "write a duration as Go does, such as 900s or 15m0s",
            );
            0
        })
    };
    let timeouts = Timeouts {
        tcp: timeout(ipvs.tcp_timeout.as_deref(), "tcpTimeout"),
        tcp_fin: timeout(ipvs.tcp_fin_timeout.as_deref(), "tcpFinTimeout"),
        udp: timeout(ipvs.udp_timeout.as_deref(), "udpTimeout"),
    };
    let exclude_cidrs = nets(
        check,
        &ipvs.exclude_cidrs.unwrap_or_default(),
        &root("ipvs").key("excludeCIDRs"),
    );
    let cluster_cidrs = cluster_cidrs(check, manifest.cluster_cidr.as_deref().unwrap_or_default());
    let node_port_addresses =
        node_port_addresses(check, &manifest.node_port_addresses.unwrap_or_default());
    let bind_address = match manifest.bind_address.as_deref() {
        None | Some("") => None,
        Some(text) => check
            .ip(text, check.at(root("bindAddress")))
            .filter(|address| !address.is_unspecified()),
    };
    let detect_local = detect_local(
        check,
        manifest.detect_local_mode.as_deref(),
        &manifest.detect_local.unwrap_or_default(),
    );
    if let Some(DetectLocal::InterfacePrefix(prefix)) = &detect_local
        && mode != Some(Mode::Nftables)
        && prefix.as_str().len() > LONGEST_PREFIX
    {
        check.error(
            Code::NameTooLong,
            check.at(root("detectLocal").key("interfaceNamePrefix")),
            format!(
                "interfaceNamePrefix {prefix} has more than {LONGEST_PREFIX} characters, and \
                 iptables-restore refuses it with the sign for any ending"
            ),
            "shorten it; for one interface alone use detectLocalMode BridgeInterface",
        );
    }
    if mode == Some(Mode::Ipvs) && iptables.localhost_node_ports == Some(true) {
        check.warning(
            Code::ConfigIgnored,
            check.at(root("iptables").key("localhostNodePorts")),
            "localhostNodePorts has no effect in mode ipvs: 127.0.0.1 never serves node ports"
                .to_owned(),
            "remove it, or set it to false",
        );
    }
    Config {
        object: Some(check.object),
        mode: mode.unwrap_or(Mode::Ipvs),
        mode_source,
        hostname_override: manifest
            .hostname_override
            .map(|name| name.trim().to_lowercase())
            .filter(|name| !name.is_empty()),
        bind_address,
        cluster_cidrs,
        detect_local: detect_local.unwrap_or(DetectLocal::ClusterCidr),
        node_port_addresses,
        masquerade_bit: masquerade_bit.unwrap_or(DEFAULT_BIT),
        masquerade_all: if all == Some(true) {
            MasqueradeAll::Yes
        } else {
            MasqueradeAll::No
        },
        localhost_node_ports: if iptables.localhost_node_ports == Some(false) {
            LocalhostNodePorts::No
        } else {
            LocalhostNodePorts::Yes
        },
        scheduler: scheduler.unwrap_or(Scheduler::Rr),
        timeouts: (timeouts
            != Timeouts {
                tcp: 0,
                tcp_fin: 0,
                udp: 0,
            })
        .then_some(timeouts),
        strict_arp: if ipvs.strict_arp == Some(true) {
            StrictArp::Yes
        } else {
            StrictArp::No
        },
        exclude_cidrs,
        conntrack: conntrack(&manifest.conntrack.unwrap_or_default()),
        feature_gates: manifest.feature_gates.unwrap_or_default(),
    }
}

/// kube-proxy refuses negative numbers, which program no rules.
fn conntrack(manifest: &front::config::Conntrack) -> Conntrack {
    let number = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    Conntrack {
        max_per_core: number(manifest.max_per_core),
        min: number(manifest.min),
    }
}

fn own_mode(check: &mut Check, text: Option<&str>) -> Option<Mode> {
    let place = check.at(root("mode"));
    match text {
        // An empty mode means the platform's default, which is iptables.
        None | Some("") => Some(Mode::Iptables),
        Some("userspace") => {
            check.error(
                Code::Mode,
                place,
                "mode userspace is gone since Kubernetes 1.26".to_owned(),
                "choose a mode that exists, in the configuration or with --mode ipvs",
            );
            None
        }
        Some("kernelspace") => {
            check.error(
                Code::Mode,
                place,
                "mode kernelspace is for Windows nodes".to_owned(),
                "compile with the configuration of a Linux node",
            );
            None
        }
        Some(text) => check.choice(
            Some(text),
            Mode::Ipvs,
            &Mode::ALL.map(|mode| (mode.as_str(), mode)),
            place,
        ),
    }
}

fn nets(check: &mut Check, texts: &[String], path: &FieldPath) -> Vec<IpNet> {
    texts
        .iter()
        .enumerate()
        .filter_map(|(i, text)| check.net(text, check.at(path.clone().index(i))))
        .map(|net| net.trunc())
        .collect()
}

/// One range, or one of each family (`validateDualStackCIDRStrings`): kube-proxy does not start with
/// others.
fn cluster_cidrs(check: &mut Check, text: &str) -> Vec<IpNet> {
    if text.is_empty() {
        return Vec::new();
    }
    let place = check.at(root("clusterCIDR"));
    let mut ranges: Vec<IpNet> = Vec::new();
    for part in text.split(',') {
        if part != part.trim() {
            check.error(
                Code::AddressInvalid,
                place.clone(),
                format!(
                    "range {} has spaces around it, and kube-proxy does not start",
                    quoted(part)
                ),
                "separate the two ranges by a comma alone",
            );
        }
        let Some(range) = check.net(part.trim(), place.clone()) else {
            continue;
        };
        let family = IpFamily::of_net(range);
        if let Some(other) = ranges
            .iter()
            .find(|other| IpFamily::of_net(**other) == family)
        {
            let message = format!(
                "clusterCIDR has two {family} ranges, {other} and {range}, and kube-proxy does not start"
            );
            check.error(
                Code::AddressFamily,
                place.clone(),
                message,
                "write one range, or one of each family; one range may hold all of a family's",
            );
            continue;
        }
        ranges.push(range.trunc());
    }
    ranges
}

fn node_port_addresses(check: &mut Check, texts: &[String]) -> Vec<NodePortAddresses> {
    let words = [
        NodePortAddresses::Primary,
        NodePortAddresses::Localhost,
        NodePortAddresses::All,
    ];
    let mut addresses = Vec::with_capacity(texts.len());
    for (i, text) in texts.iter().enumerate() {
        let word = words.into_iter().find(|word| word.word() == Some(text));
        addresses.extend(word.or_else(|| {
            let range = check.net(text, check.at(root("nodePortAddresses").index(i)))?;
            Some(NodePortAddresses::Range(range.trunc()))
        }));
    }
    addresses
}

fn detect_local(
    check: &mut Check,
    mode: Option<&str>,
    settings: &front::config::DetectLocal,
) -> Option<DetectLocal> {
    #[derive(Clone, Copy)]
    enum Kind {
        ClusterCidr,
        NodeCidr,
        Bridge,
        Prefix,
    }
    let kind = check.choice(
        mode,
        Kind::ClusterCidr,
        &[
            ("ClusterCIDR", Kind::ClusterCidr),
            ("NodeCIDR", Kind::NodeCidr),
            ("BridgeInterface", Kind::Bridge),
            ("InterfaceNamePrefix", Kind::Prefix),
        ],
        check.at(root("detectLocalMode")),
    )?;
    let mut interface = |text: &Option<String>, key: &'static str| {
        let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else {
            check.error(
                Code::MissingField,
                check.at(root("detectLocalMode")),
                format!("this mode needs detectLocal.{key}, which is not set"),
                "set it, or choose another detectLocalMode",
            );
            return None;
        };
        let place = check.at(root("detectLocal").key(key));
        check.interface(key, text, place)
    };
    Some(match kind {
        Kind::ClusterCidr => DetectLocal::ClusterCidr,
        Kind::NodeCidr => DetectLocal::NodeCidr,
        Kind::Bridge => {
            DetectLocal::Bridge(interface(&settings.bridge_interface, "bridgeInterface")?)
        }
        Kind::Prefix => DetectLocal::InterfacePrefix(interface(
            &settings.interface_name_prefix,
            "interfaceNamePrefix",
        )?),
    })
}

/// Whole seconds of a duration in Go's notation; parts of a second are cut off, as libipvs does.
fn seconds(text: &str) -> Option<u32> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut nanoseconds: f64 = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return None,
        };
        nanoseconds += number * unit;
        rest = &rest[end..];
    }
    let whole = (nanoseconds / 1e9).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked against the range just before"
    )]
    (whole < f64::from(u32::MAX)).then_some(whole as u32)
}

#[cfg(test)]
mod tests;
