//! What differs between the releases of kube-proxy that are mirrored: the one place that looks at a
//! release's number.
//!
//! A [`Profile`] is made of a release and the feature gates of a configuration. Every difference is a
//! type of its own, and [`Aspect`] says each in words.

mod aspect;
mod gate;
mod gates;
mod near_gate;
mod version;

pub use aspect::Aspect;
pub use gate::{Gate, Lock, Stage, Standing, Switch};
pub use gates::{GateFault, Gates};
pub use version::{Fit, KubeVersion, UnknownVersion};

use std::collections::BTreeMap;

/// Which topology hints of endpoints are followed (`pkg/proxy/topology.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topology {
    /// None at all: `TopologyAwareHints` is switched off.
    Ignored,
    /// Zone hints, where the Service has the annotation.
    AnnotatedZones,
    /// Zone hints, with or without an annotation.
    Zones,
    /// Node hints, else zone hints.
    NodesThenZones,
}

/// Which endpoint counts where slices have an address and port several times
/// (`pkg/proxy/endpointslicecache.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReusedAddresses {
    /// Any: kube-proxy takes the last that it happens to see, and portolan the one that serves best.
    Any,
    /// One that is not terminating, ready or not (kubernetes#135593).
    RunningFirst,
}

/// What becomes of `externalIPs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExternalIps {
    /// They get rules.
    Served,
    /// They get rules, and will lose them (KEP-5707).
    Deprecated,
    /// They get none: `AllowServiceExternalIPs` is switched off.
    Ignored,
}

/// What becomes of a load balancer's address of `ipMode: Proxy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LoadBalancerModes {
    /// It is the load balancer's own affair.
    Followed,
    /// It gets rules as all others: `LoadBalancerIPMode` is switched off.
    Ignored,
}

/// Which words `nodePortAddresses` takes beside ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodePortWords {
    /// None: ranges alone.
    None,
    /// `primary`, if it stands alone (kubernetes#123105).
    PrimaryAlone,
    /// `primary`, `localhost` and `all`, with others and with ranges (kubernetes#138427).
    Any,
}

/// Whether mode nftables serves node ports at loopback addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NftablesLocalhost {
    /// It does not.
    Never,
    /// kube-proxy does, those of TCP, by a proxy in user space (KEP-6032).
    UserSpace,
}

/// How it stands with mode ipvs (KEP-5495).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModeIpvs {
    /// It is there.
    Supported,
    /// It is there, and on its way out.
    Deprecated,
    /// The same, behind the gate `KubeProxyIPVS`.
    Gated,
    /// That gate is off: kube-proxy exits in mode ipvs.
    Off,
}

/// How it stands with mode nftables (KEP-3866).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModeNftables {
    /// The gate `NFTablesProxyMode` is off: kube-proxy does not start in mode nftables.
    Off,
    /// It is there.
    Supported,
}

/// What a configuration without a mode means (KEP-5343).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnsetMode {
    /// Mode iptables, without a word.
    Iptables,
    /// The same, under a warning that this will change.
    IptablesForNow,
}

/// How mode nftables tells the traffic of pods by their interfaces (kubernetes#134024).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocalInterfaces {
    /// By the number of an interface, which no bridge or prefix has.
    Numbers,
    /// By its name.
    Names,
}

closed_set! {
    /// Which UDP flows are forgotten (`pkg/proxy/conntrack/cleanup.go`), and until when flows are kept in
    /// the words of a compiled folder.
    pub enum UdpFlows {
        /// Those of endpoints that went since the last look.
        OfEndpointsThatWent = "until-deleted",
        /// All to addresses where no endpoint serves (kubernetes#127318).
        OfAddresses = "while-address-serves",
        /// All to addresses and ports where no endpoint serves.
        OfAddressesAndPorts = "while-endpoint-serves",
    }
}

/// What `conntrack.maxPerCore` comes to (kubernetes#137002).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConntrackLimit {
    /// That number for each processor.
    PerCore,
    /// The same, and 1,048,576 at most, whatever `conntrack.min` says.
    Capped,
}

/// The most that a limit of connections is set to by releases that cap it.
pub const MOST_CONNECTIONS: u32 = 1 << 20;

/// Whether mode ipvs mends what others changed in the kernel (kubernetes#135631).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IpvsDrift {
    /// At every sync.
    Mended,
    /// Once an hour, if nothing changes in the API.
    Kept,
}

/// Which names the API takes for new Services (KEP-5311). kube-proxy takes any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceNames {
    /// Those that begin with a letter.
    Letters,
    /// Those that begin with a digit too.
    Digits,
}

/// Whether a Service finds the ports of sidecars by name: of init containers that stay
/// (kubernetes#128850, which older releases never got).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SidecarPorts {
    /// It does not.
    Overlooked,
    /// It does, after those of the other containers.
    Found,
}

/// Which spellings of addresses the API takes for new values (KEP-4858). kube-proxy reads all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Addresses {
    /// Leading zeros and IPv4 in IPv6's form too.
    AnySpelling,
    /// The usual one only.
    Strict,
}

/// One release of kube-proxy under the feature gates of a configuration, as far as releases differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Profile {
    /// The release itself; every other field follows from it and from the gates.
    pub version: KubeVersion,
    /// Which hints of endpoints are followed: for zones, for nodes.
    pub topology: Topology,
    /// Endpoints that slices have several times.
    pub reused_addresses: ReusedAddresses,
    /// Whether `externalIPs` get rules.
    pub external_ips: ExternalIps,
    /// Load balancer addresses of `ipMode: Proxy`.
    pub load_balancer_modes: LoadBalancerModes,
    /// Words in `nodePortAddresses`.
    pub node_port_words: NodePortWords,
    /// Node ports at loopback addresses in mode nftables.
    pub nftables_localhost: NftablesLocalhost,
    /// Whether mode ipvs is there, or on its way out.
    pub mode_ipvs: ModeIpvs,
    /// Whether mode nftables is there.
    pub mode_nftables: ModeNftables,
    /// A configuration without a mode.
    pub unset_mode: UnsetMode,
    /// Pods' interfaces in mode nftables.
    pub local_interfaces: LocalInterfaces,
    /// Which UDP flows are forgotten once endpoints are gone.
    pub udp_flows: UdpFlows,
    /// The limit of connections.
    pub conntrack_limit: ConntrackLimit,
    /// What others changed in mode ipvs.
    pub ipvs_drift: IpvsDrift,
    /// Names of Services.
    pub service_names: ServiceNames,
    /// Named ports of sidecars.
    pub sidecar_ports: SidecarPorts,
    /// Spellings of addresses.
    pub addresses: Addresses,
}

impl Profile {
    /// A release with the feature gates that a configuration sets. Gates that it may not set, or that
    /// the release does not have, count as if they were not there: [`Gates::faults`] tells of them.
    pub fn new(version: KubeVersion, written: &BTreeMap<String, bool>) -> Self {
        let gates = Gates::new(version, written);
        let is_on = |gate| gates.switch(gate) == Switch::On;
        let minor = version.minor();
        Self {
            version,
            topology: if !is_on(Gate::TopologyAwareHints) {
                Topology::Ignored
            } else if is_on(Gate::PreferSameTrafficDistribution) {
                Topology::NodesThenZones
            } else if is_on(Gate::ServiceTrafficDistribution) {
                Topology::Zones
            } else {
                Topology::AnnotatedZones
            },
            reused_addresses: match minor {
                ..=35 => ReusedAddresses::Any,
                36.. => ReusedAddresses::RunningFirst,
            },
            external_ips: match minor {
                ..=35 => ExternalIps::Served,
                36.. if is_on(Gate::AllowServiceExternalIps) => ExternalIps::Deprecated,
                36.. => ExternalIps::Ignored,
            },
            load_balancer_modes: match minor {
                ..=31 if !is_on(Gate::LoadBalancerIpMode) => LoadBalancerModes::Ignored,
                _ => LoadBalancerModes::Followed,
            },
            node_port_words: match minor {
                ..=30 => NodePortWords::None,
                31..=36 => NodePortWords::PrimaryAlone,
                37.. => NodePortWords::Any,
            },
            nftables_localhost: if is_on(Gate::KubeProxyNftablesLocalhostNodePorts) {
                NftablesLocalhost::UserSpace
            } else {
                NftablesLocalhost::Never
            },
            mode_ipvs: match minor {
                ..=34 => ModeIpvs::Supported,
                35 | 36 => ModeIpvs::Deprecated,
                37.. if is_on(Gate::KubeProxyIpvs) => ModeIpvs::Gated,
                37.. => ModeIpvs::Off,
            },
            mode_nftables: if is_on(Gate::NftablesProxyMode) {
                ModeNftables::Supported
            } else {
                ModeNftables::Off
            },
            unset_mode: match minor {
                ..=36 => UnsetMode::Iptables,
                37.. => UnsetMode::IptablesForNow,
            },
            local_interfaces: match minor {
                ..=34 => LocalInterfaces::Numbers,
                35.. => LocalInterfaces::Names,
            },
            udp_flows: match minor {
                ..=31 => UdpFlows::OfEndpointsThatWent,
                32 | 33 => UdpFlows::OfAddresses,
                34.. => UdpFlows::OfAddressesAndPorts,
            },
            conntrack_limit: match minor {
                ..=35 => ConntrackLimit::PerCore,
                36.. => ConntrackLimit::Capped,
            },
            ipvs_drift: match minor {
                34 | 35 => IpvsDrift::Kept,
                _ => IpvsDrift::Mended,
            },
            service_names: match minor {
                ..=35 => ServiceNames::Letters,
                36.. => ServiceNames::Digits,
            },
            sidecar_ports: match minor {
                ..=32 => SidecarPorts::Overlooked,
                33.. => SidecarPorts::Found,
            },
            addresses: match minor {
                ..=35 => Addresses::AnySpelling,
                36.. => Addresses::Strict,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(minor: u8, set: &[(&str, bool)]) -> Profile {
        let version = KubeVersion::from_minor(minor).unwrap();
        let gates = set.iter().map(|(name, on)| ((*name).to_owned(), *on));
        Profile::new(version, &gates.collect())
    }

    #[test]
    fn topology_follows_release_and_gates() {
        let (hints, zones, nodes) = (
            "TopologyAwareHints",
            "ServiceTrafficDistribution",
            "PreferSameTrafficDistribution",
        );
        for (minor, set, expected) in [
            (30, &[][..], Topology::AnnotatedZones),
            (30, &[(zones, true)], Topology::Zones),
            (30, &[("AllAlpha", true)], Topology::Zones),
            (30, &[(hints, false)], Topology::Ignored),
            (30, &[(hints, false), (zones, true)], Topology::Ignored),
            (31, &[], Topology::Zones),
            (32, &[], Topology::Zones),
            (32, &[(zones, false)], Topology::AnnotatedZones),
            (32, &[("AllBeta", false)], Topology::Ignored),
            (33, &[], Topology::Zones),
            (33, &[(zones, false)], Topology::Zones),
            (33, &[(hints, false)], Topology::Zones),
            (33, &[(nodes, true)], Topology::NodesThenZones),
            (34, &[], Topology::NodesThenZones),
            (34, &[(nodes, false)], Topology::Zones),
            (35, &[], Topology::NodesThenZones),
            (36, &[(nodes, false)], Topology::NodesThenZones),
            (37, &[], Topology::NodesThenZones),
        ] {
            assert_eq!(profile(minor, set).topology, expected, "1.{minor} {set:?}");
        }
    }

    #[test]
    fn external_ips_follow_release_and_gate() {
        let gate = "AllowServiceExternalIPs";
        for (minor, set, expected) in [
            (35, &[(gate, false)][..], ExternalIps::Served),
            (36, &[], ExternalIps::Deprecated),
            (36, &[(gate, false)], ExternalIps::Ignored),
            (37, &[(gate, false)], ExternalIps::Ignored),
            (37, &[("AllBeta", false)], ExternalIps::Deprecated),
        ] {
            let found = profile(minor, set).external_ips;
            assert_eq!(found, expected, "1.{minor} {set:?}");
        }
    }

    #[test]
    fn modes_follow_release_and_gates() {
        let (ipvs, nftables) = ("KubeProxyIPVS", "NFTablesProxyMode");
        for (minor, set, expected) in [
            (30, &[][..], (ModeIpvs::Supported, ModeNftables::Off)),
            (
                30,
                &[(nftables, true)],
                (ModeIpvs::Supported, ModeNftables::Supported),
            ),
            (32, &[], (ModeIpvs::Supported, ModeNftables::Supported)),
            (
                32,
                &[(nftables, false)],
                (ModeIpvs::Supported, ModeNftables::Off),
            ),
            (
                36,
                &[(ipvs, false)],
                (ModeIpvs::Deprecated, ModeNftables::Supported),
            ),
            (37, &[], (ModeIpvs::Gated, ModeNftables::Supported)),
            (
                37,
                &[(ipvs, false)],
                (ModeIpvs::Off, ModeNftables::Supported),
            ),
        ] {
            let found = profile(minor, set);
            let modes = (found.mode_ipvs, found.mode_nftables);
            assert_eq!(modes, expected, "1.{minor} {set:?}");
        }
    }
}
