//! Which installers say how kube-proxy is started, and where in their configuration they do.
//!
//! Sources, each project's own API types:
//! - Rancher: `RKESystemConfig` and `RKEClusterSpecCommon` of `pkg/apis/rke.cattle.io/v1`; for RKE1
//!   `BaseService` of `types/rke_types.go`, `extra_args` in `cluster.yml` and `extraArgs` in a Cluster of
//!   `management.cattle.io`;
//! - k3d: `SimpleConfigOptionsK3s` of `pkg/config/v1alpha5`, and of `v1alpha2` with a list for each role;
//! - kind: `Networking`, `Cluster` and `Node` of `pkg/apis/config/v1alpha4`;
//! - kops: `KubeProxyConfig` of `pkg/apis/kops/v1alpha2`;
//! - k0s: `KubeProxy` of `pkg/apis/k0s/v1beta1`, whose mode is iptables where none is said;
//! - `cluster-api-provider-rke2`: `RKE2AgentConfig`, `ComponentConfig`, `File` and `DisableComponents` of
//!   `bootstrap/api/v1beta1` and `controlplane/api/v1beta1`;
//! - `cluster-api-k3s`: `KThreesAgentConfig` of `bootstrap/api/v1beta2`, and `kthreesConfigSpec` of
//!   `KThreesControlPlaneSpec`;
//! - `cluster-api`: `KubeadmConfigSpec` and `File` of `bootstrap/kubeadm/api/v1beta1`;
//! - kubeadm: `Networking` of `cmd/kubeadm/app/apis/kubeadm/v1beta4`, whose `podSubnet` its component
//!   configuration of kube-proxy takes;
//! - Talos: `ProxyConfig` and `ClusterNetworkConfig` of `pkg/machinery/config/types/v1alpha1`, `KubeProxyConfig` of `types/k8s`;
//! - `KubeOne`: `KubeProxyConfig` of `pkg/apis/kubeone/v1beta2`, whose mode is iptables where neither is there;
//! - `KubeKey`: `Kubernetes` of `apis/kubekey/v1alpha2`; Kubespray: defaults of its role
//!   `kubernetes/control-plane`.

/// What an installer's configuration is called, how it is known, and what it says where.
pub(super) struct Installer {
    /// What it is, for people.
    pub(super) what: &'static str,
    pub(super) known_by: Sign,
    /// Whether kube-proxy's own default counts where no mode is said.
    pub(super) unset: Unset,
    pub(super) reads: &'static [Read],
}

/// How a configuration is known.
pub(super) enum Sign {
    /// By its `kind.group`.
    Kinds(&'static [&'static str]),
    /// It has no kind: by keys of k3s at its top.
    K3sKeys,
    /// It has no kind: by a field that it has, as a path.
    Field(&'static str),
}

/// What the mode is where an installer is told none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unset {
    /// kube-proxy's own default.
    KubeProxy,
    /// One of the installer's own, which differs by its release.
    Installer,
}

/// Something at a path: keys with dots between them, `*` for each element of a list or of a mapping.
pub(super) struct Read {
    pub(super) path: &'static str,
    pub(super) form: Form,
}

/// What stands there.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// The configuration of k3s or RKE2.
    K3s,
    /// Text of a file, as [`super::text`] reads it.
    Text,
    /// The same in base64.
    Base64,
    /// A file that cloud-init writes.
    File,
    /// A word of k3s's command line.
    K3sWord,
    /// Flags of kube-proxy, with or without dashes: a list, or a mapping of their values.
    Flags,
    /// Fields, each with the flag that it stands for.
    Fields(&'static [(&'static str, &'static str)]),
    /// A flag whose value is the first of these fields that is there.
    Chosen(&'static str, &'static [&'static str]),
    /// A value with which no kube-proxy runs.
    Off(Off),
}

#[derive(Clone, Copy)]
pub(super) enum Off {
    Is(bool),
    Word(&'static str),
    Lists(&'static str),
}

const fn read(path: &'static str, form: Form) -> Read {
    Read { path, form }
}

const RKE2: &str = "configuration of RKE2 for Cluster API";
const K3S: &str = "configuration of k3s for Cluster API";

pub(super) const SWITCHES: [(&str, &str); 11] = [
    ("mode", "proxy-mode"),
    ("nodePortAddresses", "nodeport-addresses"),
    ("iptables.masqueradeAll", "masquerade-all"),
    (
        "iptables.localhostNodePorts",
        "iptables-localhost-nodeports",
    ),
    ("iptables.masqueradeBit", "iptables-masquerade-bit"),
    ("ipvs.scheduler", "ipvs-scheduler"),
    ("ipvs.strictARP", "ipvs-strict-arp"),
    ("ipvs.excludeCIDRs", "ipvs-exclude-cidrs"),
    ("ipvs.tcpTimeout", "ipvs-tcp-timeout"),
    ("ipvs.tcpFinTimeout", "ipvs-tcpfin-timeout"),
    ("ipvs.udpTimeout", "ipvs-udp-timeout"),
];

/// What kube-proxy's own configuration has besides those switches.
pub(super) const FURTHER: [(&str, &str); 6] = [
    ("clusterCIDR", "cluster-cidr"),
    ("bindAddress", "bind-address"),
    ("detectLocalMode", "detect-local-mode"),
    ("detectLocal.bridgeInterface", "pod-bridge-interface"),
    (
        "detectLocal.interfaceNamePrefix",
        "pod-interface-name-prefix",
    ),
    ("featureGates", "feature-gates"),
];

/// The pods' range, which kubeadm hands to kube-proxy as its clusterCIDR.
const PODS: [(&str, &str); 1] = [("podSubnet", "cluster-cidr")];

pub(super) const INSTALLERS: [Installer; 22] = [
    Installer {
        what: "configuration of k3s or RKE2",
        known_by: Sign::K3sKeys,
        unset: Unset::KubeProxy,
        reads: &[read("", Form::K3s)],
    },
    Installer {
        what: "ConfigMap for k3s or RKE2",
        known_by: Sign::Kinds(&["ConfigMap"]),
        unset: Unset::KubeProxy,
        reads: &[read("data.*", Form::Text)],
    },
    Installer {
        what: "bootstrap Secret",
        known_by: Sign::Kinds(&["Secret"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("stringData.*", Form::Text),
            read("data.*", Form::Base64),
        ],
    },
    Installer {
        what: "Cluster of Rancher",
        known_by: Sign::Kinds(&["Cluster.provisioning.cattle.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("spec.rkeConfig.machineGlobalConfig", Form::K3s),
            read("spec.rkeConfig.machineSelectorConfig.*.config", Form::K3s),
        ],
    },
    Installer {
        what: "Cluster of Rancher with RKE1",
        known_by: Sign::Kinds(&["Cluster.management.cattle.io"]),
        unset: Unset::KubeProxy,
        reads: &[read(
            "spec.rancherKubernetesEngineConfig.services.kubeproxy.extraArgs",
            Form::Flags,
        )],
    },
    Installer {
        what: "configuration of RKE1",
        known_by: Sign::Field("services.kubeproxy"),
        unset: Unset::KubeProxy,
        reads: &[read("services.kubeproxy.extra_args", Form::Flags)],
    },
    Installer {
        what: "cluster of k3d",
        known_by: Sign::Kinds(&["Simple.k3d.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("options.k3s.extraArgs.*.arg", Form::K3sWord),
            read("options.k3s.extraServerArgs.*", Form::K3sWord),
            read("options.k3s.extraAgentArgs.*", Form::K3sWord),
        ],
    },
    Installer {
        what: "Cluster of kind",
        known_by: Sign::Kinds(&["Cluster.kind.x-k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("networking", Form::Fields(&PODS)),
            read(
                "networking",
                Form::Fields(&[("kubeProxyMode", "proxy-mode")]),
            ),
            read("networking.kubeProxyMode", Form::Off(Off::Word("none"))),
            read("kubeadmConfigPatches.*", Form::Text),
            read("nodes.*.kubeadmConfigPatches.*", Form::Text),
        ],
    },
    Installer {
        what: "Cluster of kops",
        known_by: Sign::Kinds(&["Cluster.kops.k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "spec.kubeProxy",
                Form::Fields(&[
                    ("proxyMode", "proxy-mode"),
                    ("clusterCIDR", "cluster-cidr"),
                    ("bindAddress", "bind-address"),
                    ("ipvsScheduler", "ipvs-scheduler"),
                    ("ipvsExcludeCidrs", "ipvs-exclude-cidrs"),
                    ("featureGates", "feature-gates"),
                ]),
            ),
            read("spec.kubeProxy.enabled", Form::Off(Off::Is(false))),
        ],
    },
    Installer {
        what: "cluster of KubeOne",
        known_by: Sign::Kinds(&["KubeOneCluster.kubeone.k8c.io", "KubeOneCluster.kubeone.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "clusterNetwork.kubeProxy",
                Form::Chosen("proxy-mode", &["ipvs", "iptables", "nftables"]),
            ),
            read("clusterNetwork.kubeProxy", Form::Fields(&SWITCHES)),
            read(
                "clusterNetwork.kubeProxy.skipInstallation",
                Form::Off(Off::Is(true)),
            ),
        ],
    },
    Installer {
        what: "ClusterConfiguration of kubeadm",
        known_by: Sign::Kinds(&["ClusterConfiguration.kubeadm.k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[read("networking", Form::Fields(&PODS))],
    },
    Installer {
        what: "configuration of kubeadm for Cluster API",
        known_by: Sign::Kinds(&[
            "KubeadmControlPlane.controlplane.cluster.x-k8s.io",
            "KubeadmControlPlaneTemplate.controlplane.cluster.x-k8s.io",
            "KubeadmConfig.bootstrap.cluster.x-k8s.io",
            "KubeadmConfigTemplate.bootstrap.cluster.x-k8s.io",
        ]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "spec.kubeadmConfigSpec.clusterConfiguration.networking",
                Form::Fields(&PODS),
            ),
            read(
                "spec.template.spec.kubeadmConfigSpec.clusterConfiguration.networking",
                Form::Fields(&PODS),
            ),
            read("spec.kubeadmConfigSpec.files.*", Form::File),
            read("spec.files.*", Form::File),
            read("spec.template.spec.files.*", Form::File),
            read("spec.template.spec.kubeadmConfigSpec.files.*", Form::File),
        ],
    },
    Installer {
        what: "configuration of k0s",
        known_by: Sign::Kinds(&["ClusterConfig.k0s.k0sproject.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("spec.network.kubeProxy", Form::Fields(&SWITCHES)),
            read("spec.network.kubeProxy.extraArgs", Form::Flags),
            read("spec.network.kubeProxy.disabled", Form::Off(Off::Is(true))),
        ],
    },
    Installer {
        what: RKE2,
        known_by: Sign::Kinds(&[
            "RKE2ControlPlane.controlplane.cluster.x-k8s.io",
            "RKE2Config.bootstrap.cluster.x-k8s.io",
        ]),
        unset: Unset::KubeProxy,
        reads: &[
            read("spec.agentConfig.kubeProxy.extraArgs", Form::Flags),
            read("spec.files.*", Form::File),
            read(
                "spec.serverConfig.disableComponents.kubernetesComponents",
                Form::Off(Off::Lists("kubeProxy")),
            ),
        ],
    },
    Installer {
        what: RKE2,
        known_by: Sign::Kinds(&[
            "RKE2ControlPlaneTemplate.controlplane.cluster.x-k8s.io",
            "RKE2ConfigTemplate.bootstrap.cluster.x-k8s.io",
        ]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "spec.template.spec.agentConfig.kubeProxy.extraArgs",
                Form::Flags,
            ),
            read("spec.template.spec.files.*", Form::File),
            read(
                "spec.template.spec.serverConfig.disableComponents.kubernetesComponents",
                Form::Off(Off::Lists("kubeProxy")),
            ),
        ],
    },
    Installer {
        what: K3S,
        known_by: Sign::Kinds(&["KThreesControlPlane.controlplane.cluster.x-k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "spec.kthreesConfigSpec.agentConfig.kubeProxyArgs",
                Form::Flags,
            ),
            read("spec.kthreesConfigSpec.files.*", Form::File),
        ],
    },
    Installer {
        what: K3S,
        known_by: Sign::Kinds(&["KThreesControlPlaneTemplate.controlplane.cluster.x-k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "spec.template.spec.kthreesConfigSpec.agentConfig.kubeProxyArgs",
                Form::Flags,
            ),
            read("spec.template.spec.kthreesConfigSpec.files.*", Form::File),
        ],
    },
    Installer {
        what: K3S,
        known_by: Sign::Kinds(&[
            "KThreesConfig.bootstrap.cluster.x-k8s.io",
            "KThreesConfigTemplate.bootstrap.cluster.x-k8s.io",
        ]),
        unset: Unset::KubeProxy,
        reads: &[
            read("spec.agentConfig.kubeProxyArgs", Form::Flags),
            read("spec.files.*", Form::File),
            read("spec.template.spec.agentConfig.kubeProxyArgs", Form::Flags),
            read("spec.template.spec.files.*", Form::File),
        ],
    },
    Installer {
        what: "configuration of Talos",
        known_by: Sign::Field("cluster.proxy"),
        unset: Unset::Installer,
        reads: &[
            read(
                "cluster.network",
                Form::Fields(&[("podSubnets", "cluster-cidr")]),
            ),
            read("cluster.proxy", Form::Fields(&[("mode", "proxy-mode")])),
            read("cluster.proxy.extraArgs", Form::Flags),
            read("cluster.proxy.disabled", Form::Off(Off::Is(true))),
        ],
    },
    Installer {
        what: "KubeProxyConfig of Talos",
        known_by: Sign::Kinds(&["KubeProxyConfig"]),
        unset: Unset::Installer,
        reads: &[
            read("", Form::Fields(&[("mode", "proxy-mode")])),
            read("config", Form::Fields(&SWITCHES)),
            read("config", Form::Fields(&FURTHER)),
            read("extraArgs", Form::Flags),
            read("enabled", Form::Off(Off::Is(false))),
        ],
    },
    Installer {
        what: "variables of Kubespray",
        known_by: Sign::Field("kube_proxy_mode"),
        unset: Unset::Installer,
        reads: &[
            read(
                "",
                Form::Fields(&[
                    ("kube_proxy_mode", "proxy-mode"),
                    ("kube_proxy_masquerade_all", "masquerade-all"),
                    ("kube_proxy_nodeport_addresses", "nodeport-addresses"),
                    ("kube_proxy_scheduler", "ipvs-scheduler"),
                    ("kube_proxy_strict_arp", "ipvs-strict-arp"),
                    ("kube_proxy_exclude_cidrs", "ipvs-exclude-cidrs"),
                ]),
            ),
            read("kube_proxy_remove", Form::Off(Off::Is(true))),
        ],
    },
    Installer {
        what: "Cluster of KubeKey",
        known_by: Sign::Kinds(&["Cluster.kubekey.kubesphere.io"]),
        unset: Unset::Installer,
        reads: &[
            read(
                "spec.kubernetes",
                Form::Fields(&[
                    ("proxyMode", "proxy-mode"),
                    ("masqueradeAll", "masquerade-all"),
                ]),
            ),
            read("spec.kubernetes.kubeProxyArgs", Form::Flags),
        ],
    },
];
