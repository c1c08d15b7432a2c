//! kube-proxy's configuration.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A configuration of kube-proxy; what is `None` is left out of it.
#[derive(Debug, Clone)]
pub struct Config {
    scheduler: Option<&'static str>,
    strict_arp: bool,
    timeouts: Option<&'static str>,
    cluster_cidr: Option<&'static str>,
    detect_local: Option<&'static str>,
    /// `nodePortAddresses`, as written.
    pub node_port_addresses: &'static [&'static str],
    masquerade_all: Option<bool>,
    masquerade_bit: Option<u8>,
    /// `bindAddress`, where it is set.
    pub bind_address: Option<&'static str>,
    in_config_map: bool,
}

const MODES: [&str; 4] = [
    "ClusterCIDR",
    "NodeCIDR",
    "BridgeInterface",
    "InterfaceNamePrefix",
];

const NODE_PORT_ADDRESSES: [&[&str]; 5] = [
    &[],
    &["192.168.0.0/16"],
    &["172.18.0.0/16", "10.96.0.0/16"],
    &["0.0.0.0/0", "fd00::/16"],
    &["fe80::/10"],
];

/// Any configuration of mode ipvs.
pub fn config() -> impl Strategy<Value = Config> {
    let cidrs = [
        "10.244.0.0/16",
        "10.244.0.0/16,fd00:244::/32",
        "fd00:244::/32",
    ];
    (
        (
            proptest::option::of(select(&["rr", "wrr", "sh", "mh", "lc"][..])),
            any::<bool>(),
            proptest::option::of(select(&["900s", "1m30s", "0s"][..])),
        ),
        proptest::option::of(select(cidrs.to_vec())),
        proptest::option::of(select(&MODES[..])),
        select(&NODE_PORT_ADDRESSES[..]),
        (
            proptest::option::of(any::<bool>()),
            proptest::option::of(0u8..=31),
        ),
        proptest::option::of(select(&["0.0.0.0", "192.168.0.10", "::"][..])),
        any::<bool>(),
    )
        .prop_map(
            |(ipvs, cluster_cidr, detect_local, addresses, masquerade, bind_address, map)| {
                let (scheduler, strict_arp, timeouts) = ipvs;
                let (masquerade_all, masquerade_bit) = masquerade;
                Config {
                    scheduler,
                    strict_arp,
                    timeouts,
                    cluster_cidr,
                    detect_local,
                    node_port_addresses: addresses,
                    masquerade_all,
                    masquerade_bit,
                    bind_address,
                    in_config_map: map,
                }
            },
        )
}

impl Config {
    pub(super) fn object(&self) -> Value {
        let config = json!({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "ipvs",
            "bindAddress": self.bind_address,
            "clusterCIDR": self.cluster_cidr,
            "detectLocalMode": self.detect_local,
            "detectLocal": {"bridgeInterface": "cni0", "interfaceNamePrefix": "veth"},
            "nodePortAddresses": self.node_port_addresses,
            "ipvs": {
                "scheduler": self.scheduler,
                "strictARP": self.strict_arp,
                "tcpTimeout": self.timeouts,
            },
            "iptables": {
                "masqueradeAll": self.masquerade_all,
                "masqueradeBit": self.masquerade_bit,
            },
        });
        if !self.in_config_map {
            return config;
        }
        json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
            "data": {"config.conf": config.to_string()},
        })
    }
}
