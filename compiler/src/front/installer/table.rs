//! Which installers say how kube-proxy is started, and where in their configuration they do.
//!
//! Sources: the API types of each project: `RKEConfig` of Rancher, `config/v1alpha5` of k3d, `v1alpha4` of
//! kind, `KubeProxyConfig` of kops, `KubeProxy` of k0s, `RKE2AgentConfig` of `cluster-api-provider-rke2`,
//! `KThreesAgentConfig` of `cluster-api-k3s`, `ProxyConfig` and `KubeProxyConfig` of Talos, `Kubernetes` of
//! `KubeKey`, and the defaults of Kubespray's role `kubernetes/control-plane`.

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
    /// The same as text in a file.
    K3sText,
    /// A word of k3s's command line.
    K3sWord,
    /// Flags of kube-proxy, with or without dashes: a list, or a mapping of their values.
    Flags,
    /// Fields, each with the flag that it stands for.
    Fields(&'static [(&'static str, &'static str)]),
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

const SWITCHES_OF_IPVS: [(&str, &str); 10] = [
    ("mode", "proxy-mode"),
    ("nodePortAddresses", "nodeport-addresses"),
    ("iptables.masqueradeAll", "masquerade-all"),
    ("iptables.masqueradeBit", "iptables-masquerade-bit"),
    ("ipvs.scheduler", "ipvs-scheduler"),
    ("ipvs.strictARP", "ipvs-strict-arp"),
    ("ipvs.excludeCIDRs", "ipvs-exclude-cidrs"),
    ("ipvs.tcpTimeout", "ipvs-tcp-timeout"),
    ("ipvs.tcpFinTimeout", "ipvs-tcpfin-timeout"),
    ("ipvs.udpTimeout", "ipvs-udp-timeout"),
];

pub(super) const INSTALLERS: [Installer; 17] = [
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
        reads: &[read("data.*", Form::K3sText)],
    },
    Installer {
        what: "Secret for k3s or RKE2",
        known_by: Sign::Kinds(&["Secret"]),
        unset: Unset::KubeProxy,
        reads: &[read("stringData.*", Form::K3sText)],
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
        what: "cluster of k3d",
        known_by: Sign::Kinds(&["Simple.k3d.io"]),
        unset: Unset::KubeProxy,
        reads: &[read("options.k3s.extraArgs.*.arg", Form::K3sWord)],
    },
    Installer {
        what: "Cluster of kind",
        known_by: Sign::Kinds(&["Cluster.kind.x-k8s.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read(
                "networking",
                Form::Fields(&[("kubeProxyMode", "proxy-mode")]),
            ),
            read("networking.kubeProxyMode", Form::Off(Off::Word("none"))),
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
        what: "configuration of k0s",
        known_by: Sign::Kinds(&["ClusterConfig.k0s.k0sproject.io"]),
        unset: Unset::KubeProxy,
        reads: &[
            read("spec.network.kubeProxy", Form::Fields(&SWITCHES_OF_IPVS)),
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
            read("spec.agentConfig.kubeProxyArgs", Form::Flags),
            read("spec.files.*.content", Form::K3sText),
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
            read("spec.template.spec.agentConfig.kubeProxyArgs", Form::Flags),
            read("spec.template.spec.files.*.content", Form::K3sText),
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
            read("spec.kthreesConfigSpec.files.*.content", Form::K3sText),
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
            read(
                "spec.template.spec.kthreesConfigSpec.files.*.content",
                Form::K3sText,
            ),
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
            read("spec.files.*.content", Form::K3sText),
            read("spec.template.spec.agentConfig.kubeProxyArgs", Form::Flags),
            read("spec.template.spec.files.*.content", Form::K3sText),
        ],
    },
    Installer {
        what: "configuration of Talos",
        known_by: Sign::Field("cluster.proxy"),
        unset: Unset::Installer,
        reads: &[
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
            read("config", Form::Fields(&SWITCHES_OF_IPVS)),
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
