//! The kinds of objects that are read: one row for each says all that the readers have to know of it.

/// Hands the table of kinds to a macro: for each its variant, word, API, where it lives, how much of it
/// is read, and, for the reader, the list it goes to and the type it is read into (and, after `as`, the
/// smaller one that is kept).
///
/// A new kind is a row here and a type in `front`.
macro_rules! each_kind {
    ($then:ident) => {
        $then! {
            /// `v1` Service: addresses, ports and policies.
            Service = "Service" of "" ["v1"], Namespaced, Whole;
            /// Services, as written.
            services: Service as Service;

            /// `EndpointSlice` of `discovery.k8s.io/v1`: endpoints of a Service, of one family.
            EndpointSlice = "EndpointSlice" of "discovery.k8s.io" ["v1"], Namespaced, Whole;
            /// `EndpointSlice`s of `discovery.k8s.io/v1`.
            slices: EndpointSlice as SliceManifest;

            /// `v1` Endpoints: the older form of slices.
            Endpoints = "Endpoints" of "" ["v1"], Namespaced, Whole;
            /// Endpoints, the older form.
            endpoints: Endpoints as Endpoints;

            /// `v1` Node: names, labels, addresses and pod ranges.
            Node = "Node" of "" ["v1"], Clustered, Whole;
            /// Nodes, as written.
            nodes: Node as Node;

            /// `v1` Pod: what slices are made of.
            Pod = "Pod" of "" ["v1"], Namespaced, Part;
            /// Pods, as far as they could be read.
            pods: PodManifest as PodManifest;

            /// `DaemonSet` of `apps/v1`: kube-proxy's tells how it is started.
            DaemonSet = "DaemonSet" of "apps" ["v1"], Namespaced, Part;
            /// `DaemonSet`s that may be kube-proxy's, as far as they could be read.
            daemon_sets: DaemonSetManifest as DaemonSetManifest;

            /// `ServiceCIDR` of `networking.k8s.io/v1`, or of its earlier versions.
            ServiceCidr = "ServiceCIDR" of "networking.k8s.io" ["v1", "v1beta1", "v1alpha1"], Clustered, Whole;
            /// Ranges that cluster IPs come from.
            service_cidrs: ServiceCidrManifest as ServiceCidrManifest;

            /// `KubeProxyConfiguration` of `kubeproxy.config.k8s.io/v1alpha1`: kube-proxy's file.
            KubeProxyConfiguration = "KubeProxyConfiguration" of "kubeproxy.config.k8s.io" ["v1alpha1"], File, Whole;
            /// kube-proxy configurations, bare or out of a `ConfigMap`.
            configs: KubeProxyConfiguration as KubeProxyConfiguration;

            /// `NodeFacts` of `portolan.dev/v1alpha1`: a file of portolan.
            NodeFacts = "NodeFacts" of "portolan.dev" ["v1alpha1"], File, Whole;
            /// Facts about nodes.
            facts: NodeFacts as NodeFacts;

            /// `LintConfig` of `portolan.dev/v1alpha1`: a file of portolan.
            LintConfig = "LintConfig" of "portolan.dev" ["v1alpha1"], File, Whole;
            /// What to lint and how.
            lint: LintConfig as LintConfig;
        }
    };
}
pub(crate) use each_kind;

macro_rules! declare {
    ($(
        $(#[$doc:meta])*
        $Kind:ident = $word:literal of $group:literal [$($version:literal),+], $scope:ident, $extent:ident;
        $(#[$_list_doc:meta])*
        $_list:ident: $_Read:ident as $_Kept:ident;
    )+) => {
        /// The kinds that are read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ObjectKind {
            $($(#[$doc])* $Kind,)+
            /// Another kind that makes Pods.
            Workload(WorkloadKind),
            /// A `v1` `ConfigMap`, which may hold a `KubeProxyConfiguration`.
            ConfigMap,
            /// What installs a cluster, by what that is for people.
            Installer(&'static str),
        }

        impl ObjectKind {
            /// The kind as manifests spell it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Kind => $word,)+
                    Self::Workload(kind) => kind.as_str(),
                    Self::ConfigMap => "ConfigMap",
                    Self::Installer(what) => what,
                }
            }

            /// The group of its API; empty for the core's, and for an installer's own.
            pub(crate) const fn group(self) -> &'static str {
                match self {
                    $(Self::$Kind => $group,)+
                    Self::Workload(kind) => kind.group(),
                    Self::ConfigMap | Self::Installer(_) => "",
                }
            }

            /// Where its objects live.
            pub(crate) const fn scope(self) -> Scope {
                match self {
                    $(Self::$Kind => Scope::$scope,)+
                    Self::Workload(_) | Self::ConfigMap => Scope::Namespaced,
                    Self::Installer(_) => Scope::File,
                }
            }

            /// How much of it is read.
            pub(crate) const fn extent(self) -> Extent {
                match self {
                    $(Self::$Kind => Extent::$extent,)+
                    Self::Workload(_) => Extent::Part,
                    Self::ConfigMap | Self::Installer(_) => Extent::Whole,
                }
            }

            /// The kind that an API has, of those with a header.
            pub(crate) fn of(group: &str, version: &str, kind: &str) -> Option<Self> {
                match (group, version, kind) {
                    $(($group, $($version)|+, $word) => Some(Self::$Kind),)+
                    ("", "v1", "ConfigMap") => Some(Self::ConfigMap),
                    _ => {
                        let kind: WorkloadKind = kind.parse().ok()?;
                        ((group, version) == (kind.group(), "v1")).then_some(Self::Workload(kind))
                    }
                }
            }

            /// The kinds that the API server lists, in lists of their own.
            pub(crate) fn listed(word: &str) -> bool {
                let cluster = [$((Scope::$scope, $word)),+];
                let mut listed = cluster.into_iter().filter(|(scope, _)| *scope != Scope::File);
                word == "ConfigMap"
                    || word.parse::<WorkloadKind>().is_ok()
                    || listed.any(|(_, one)| one == word)
            }
        }
    };
}

each_kind!(declare);

impl ObjectKind {
    /// `DaemonSet.apps`: with the group of its API, where that has a name.
    pub(crate) fn with_group(self) -> String {
        match self.group() {
            "" => self.as_str().to_owned(),
            group => format!("{}.{group}", self.as_str()),
        }
    }
}

/// Where the objects of a kind live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// In a namespace of a cluster.
    Namespaced,
    /// In a cluster.
    Clustered,
    /// In a file of its own; no API server knows it.
    File,
}

/// How much of an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// All fields that its API has.
    Whole,
    /// Those of use here, which the others' are not held against.
    Part,
}

crate::closed_set! {
    /// The kinds that make Pods, beside a `DaemonSet`.
    pub enum WorkloadKind {
        /// `apps/v1`: makes `ReplicaSet`s, and these Pods.
        Deployment = "Deployment",
        /// `apps/v1`: makes Pods with names that stay.
        StatefulSet = "StatefulSet",
        /// `apps/v1`: makes Pods that are alike.
        ReplicaSet = "ReplicaSet",
        /// `batch/v1`: makes Pods that come to an end.
        Job = "Job",
        /// `batch/v1`: makes Jobs, time and again.
        CronJob = "CronJob",
    }
}

impl WorkloadKind {
    /// The group of its API.
    pub(crate) const fn group(self) -> &'static str {
        match self {
            Self::Deployment | Self::StatefulSet | Self::ReplicaSet => "apps",
            Self::Job | Self::CronJob => "batch",
        }
    }
}
