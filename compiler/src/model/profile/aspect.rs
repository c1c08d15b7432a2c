//! The differences between releases in words: what documentation and comparisons of releases say.

use super::{
    Addresses, ConntrackLimit, ExternalIps, IpvsDrift, LoadBalancerModes, LocalInterfaces,
    ModeIpvs, ModeNftables, NftablesLocalhost, NodePortWords, Profile, ReusedAddresses,
    ServiceNames, SidecarPorts, Topology, UdpFlows, UnsetMode,
};

closed_set! {
    /// Something in which releases differ.
    pub enum Aspect {
        /// Which hints of endpoints are followed: for zones, for nodes.
        Topology = "topology hints",
        /// Endpoints that slices have several times.
        ReusedAddresses = "an endpoint that slices have several times",
        /// Whether `externalIPs` get rules.
        ExternalIps = "externalIPs",
        /// Load balancer addresses of `ipMode: Proxy`.
        LoadBalancerModes = "load balancer addresses of ipMode Proxy",
        /// Words in `nodePortAddresses`.
        NodePortWords = "words in nodePortAddresses",
        /// Node ports at loopback addresses in mode nftables.
        NftablesLocalhost = "node ports at localhost, mode nftables",
        /// How long mode ipvs is there (KEP-5495).
        ModeIpvs = "mode ipvs",
        /// Since when mode nftables is there (KEP-3866).
        ModeNftables = "mode nftables",
        /// A configuration without a mode.
        UnsetMode = "a configuration without a mode",
        /// Pods' interfaces in mode nftables.
        LocalInterfaces = "pods told by their interfaces, mode nftables",
        /// Which UDP flows are forgotten once endpoints are gone.
        UdpFlows = "UDP flows that are forgotten",
        /// The limit of connections.
        ConntrackLimit = "the limit of connections (conntrack.maxPerCore)",
        /// What others changed in mode ipvs.
        IpvsDrift = "what others change in the kernel, mode ipvs",
        /// Names of Services.
        ServiceNames = "names of Services",
        /// Named ports of sidecars.
        SidecarPorts = "named ports of sidecars",
        /// Spellings of addresses.
        Addresses = "spellings of addresses",
    }
}

impl Aspect {
    /// How a release has it.
    pub fn of(self, profile: &Profile) -> &'static str {
        match self {
            Self::Topology => match profile.topology {
                Topology::Ignored => "are ignored",
                Topology::AnnotatedZones => {
                    "those for zones are followed, where the Service has the annotation topology-mode"
                }
                Topology::Zones => "those for zones are followed",
                Topology::NodesThenZones => "those for nodes are followed, else those for zones",
            },
            Self::ReusedAddresses => match profile.reused_addresses {
                ReusedAddresses::Any => "any of them counts",
                ReusedAddresses::RunningFirst => "one that is not terminating counts, ready or not",
            },
            Self::ExternalIps => match profile.external_ips {
                ExternalIps::Served => "get rules",
                ExternalIps::Deprecated => {
                    "get rules, and are deprecated: none by default from 1.40 on, none at all from 1.43 on"
                }
                ExternalIps::Ignored => "get no rules",
            },
            Self::LoadBalancerModes => match profile.load_balancer_modes {
                LoadBalancerModes::Followed => "get no rules",
                LoadBalancerModes::Ignored => "get rules as others do",
            },
            Self::NodePortWords => match profile.node_port_words {
                NodePortWords::None => "there are none, only ranges",
                NodePortWords::PrimaryAlone => "primary, and nothing beside it",
                NodePortWords::Any => "primary, localhost and all, together and with ranges",
            },
            Self::NftablesLocalhost => match profile.nftables_localhost {
                NftablesLocalhost::Never => "are not served",
                NftablesLocalhost::UserSpace => {
                    "are served by kube-proxy itself, those of TCP: no rule does it"
                }
            },
            Self::ModeIpvs => match profile.mode_ipvs {
                ModeIpvs::Supported => "is there",
                ModeIpvs::Deprecated => "is deprecated: off by default from 1.40 on, gone in 1.43",
                ModeIpvs::Gated => {
                    "is deprecated, behind the gate KubeProxyIPVS: off by default from 1.40 on, gone in 1.43"
                }
                ModeIpvs::Off => "is switched off: kube-proxy exits",
            },
            Self::ModeNftables => match profile.mode_nftables {
                ModeNftables::Off => "is not there unless the gate NFTablesProxyMode is on",
                ModeNftables::Supported => "is there",
            },
            Self::UnsetMode => match profile.unset_mode {
                UnsetMode::Iptables => "means mode iptables",
                UnsetMode::IptablesForNow => {
                    "means mode iptables, under a warning: mode nftables from 1.40 on"
                }
            },
            Self::LocalInterfaces => match profile.local_interfaces {
                LocalInterfaces::Numbers => {
                    "are not told: the rules look at the interface's number (patch releases mend it)"
                }
                LocalInterfaces::Names => "are told by the interface's name",
            },
            Self::UdpFlows => match profile.udp_flows {
                UdpFlows::OfEndpointsThatWent => "those of endpoints that went",
                UdpFlows::OfAddresses => "all to addresses where no endpoint serves any more",
                UdpFlows::OfAddressesAndPorts => {
                    "all to addresses and ports where no endpoint serves any more"
                }
            },
            Self::ConntrackLimit => match profile.conntrack_limit {
                ConntrackLimit::PerCore => {
                    "is maxPerCore for each processor, and conntrack.min at least"
                }
                ConntrackLimit::Capped => {
                    "is maxPerCore for each processor, and 1048576 at most, whatever conntrack.min says"
                }
            },
            Self::IpvsDrift => match profile.ipvs_drift {
                IpvsDrift::Mended => "is mended at every sync",
                IpvsDrift::Kept => "stays until something changes in the API, or for an hour",
            },
            Self::ServiceNames => match profile.service_names {
                ServiceNames::Letters => "the API takes new ones that begin with a letter",
                ServiceNames::Digits => "the API takes new ones that begin with a digit too",
            },
            Self::SidecarPorts => match profile.sidecar_ports {
                SidecarPorts::Overlooked => "no Service finds them",
                SidecarPorts::Found => "Services find them, after those of other containers",
            },
            Self::Addresses => match profile.addresses {
                Addresses::AnySpelling => {
                    "the API takes leading zeros, and IPv4 in the form of IPv6"
                }
                Addresses::Strict => {
                    "the API takes the usual one only for new values, and keeps what it has stored"
                }
            },
        }
    }

    /// Where it was read.
    pub fn source(self) -> &'static str {
        match self {
            Self::Topology => "kubernetes#125838, #130742, #130844, #132127, #134457; KEP-3015",
            Self::ReusedAddresses => "kubernetes#135593",
            Self::ExternalIps => "kubernetes#137293; KEP-5707",
            Self::LoadBalancerModes => "KEP-1860",
            Self::NodePortWords => "kubernetes#123105, #138427; KEP-6032",
            Self::NftablesLocalhost => "KEP-6032",
            Self::ModeIpvs => "kubernetes#134539, #139397; KEP-5495",
            Self::ModeNftables => "KEP-3866",
            Self::UnsetMode => "kubernetes#139957; KEP-5343",
            Self::LocalInterfaces => "kubernetes#134024, #134118",
            Self::UdpFlows => "kubernetes#127318, #130542, #135511",
            Self::ConntrackLimit => "kubernetes#137002",
            Self::IpvsDrift => "kubernetes#131615, #135631",
            Self::ServiceNames => "kubernetes#136389, #139282; KEP-5311",
            Self::SidecarPorts => "kubernetes#128850",
            Self::Addresses => "KEP-4858",
        }
    }
}
