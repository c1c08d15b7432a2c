//! Feature gates that decide something about a node's rules, as each release has them.

use super::KubeVersion;

closed_set! {
    /// A feature gate that decides something about rules in some release.
    ///
    /// Source: `pkg/features/kube_features.go` of each release.
    pub enum Gate {
        /// Whether `externalIPs` get rules (KEP-5707).
        AllowServiceExternalIps = "AllowServiceExternalIPs",
        /// Whether there is a mode ipvs (KEP-5495).
        KubeProxyIpvs = "KubeProxyIPVS",
        /// Whether mode nftables serves node ports at loopback addresses, by a proxy in user space
        /// (KEP-6032).
        KubeProxyNftablesLocalhostNodePorts = "KubeProxyNFTablesLocalhostNodePorts",
        /// Whether load balancer addresses of `ipMode: Proxy` are passed by (KEP-1860).
        LoadBalancerIpMode = "LoadBalancerIPMode",
        /// Whether there is a mode nftables (KEP-3866).
        NftablesProxyMode = "NFTablesProxyMode",
        /// Whether node hints are followed (KEP-3015).
        PreferSameTrafficDistribution = "PreferSameTrafficDistribution",
        /// Whether zone hints are followed without the annotation (KEP-4444).
        ServiceTrafficDistribution = "ServiceTrafficDistribution",
        /// Whether hints are followed at all (KEP-2433).
        TopologyAwareHints = "TopologyAwareHints",
    }
}

/// How far a feature has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Switched with all others of the kind by `AllAlpha`.
    Alpha,
    /// Switched with all others of the kind by `AllBeta`.
    Beta,
    /// Here to stay.
    Stable,
    /// A gate for leaving the feature.
    Deprecated,
}

closed_set! {
    /// What a gate is set to, as `featureGates` of a configuration has it.
    pub enum Switch {
        /// The feature is off.
        Off = "false",
        /// The feature is on.
        On = "true",
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }
}

/// Whether a configuration may set a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// It may, either way.
    Free,
    /// Only to the default.
    Locked,
}

/// How a gate stands in one release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How far the feature has come.
    pub stage: Stage,
    /// Which way it is where nobody says otherwise.
    pub default: Switch,
    /// Whether somebody may say otherwise.
    pub lock: Lock,
}

const fn free(stage: Stage, default: Switch) -> Standing {
    Standing {
        stage,
        default,
        lock: Lock::Free,
    }
}

const LOCKED_ON: Standing = Standing {
    stage: Stage::Stable,
    default: Switch::On,
    lock: Lock::Locked,
};

/// From which minor release on a gate stands how; `None` where it is gone.
type History = &'static [(u8, Option<Standing>)];

impl Gate {
    /// How it stands in a release; `None` where the release does not have it.
    pub fn standing(self, version: KubeVersion) -> Option<Standing> {
        let history = self.history().iter().rev();
        let mut reached = history.skip_while(|(since, _)| *since > version.minor());
        reached.next().and_then(|(_, standing)| *standing)
    }

    fn history(self) -> History {
        use Stage::{Alpha, Beta, Deprecated};
        use Switch::{Off, On};
        const OLDER: u8 = 0;
        match self {
            Self::AllowServiceExternalIps => const { &[(36, Some(free(Deprecated, On)))] },
            Self::KubeProxyIpvs => const { &[(37, Some(free(Deprecated, On)))] },
            Self::KubeProxyNftablesLocalhostNodePorts => const { &[(37, Some(free(Alpha, Off)))] },
            Self::LoadBalancerIpMode => {
                const {
                    &[
                        (30, Some(free(Beta, On))),
                        (32, Some(LOCKED_ON)),
                        (35, None),
                    ]
                }
            }
            Self::NftablesProxyMode => {
                const {
                    &[
                        (OLDER, Some(free(Alpha, Off))),
                        (31, Some(free(Beta, On))),
                        (33, Some(LOCKED_ON)),
                    ]
                }
            }
            Self::PreferSameTrafficDistribution => {
                const {
                    &[
                        (33, Some(free(Alpha, Off))),
                        (34, Some(free(Beta, On))),
                        (35, Some(LOCKED_ON)),
                    ]
                }
            }
            Self::ServiceTrafficDistribution => {
                const {
                    &[
                        (30, Some(free(Alpha, Off))),
                        (31, Some(free(Beta, On))),
                        (33, Some(LOCKED_ON)),
                    ]
                }
            }
            Self::TopologyAwareHints => {
                const { &[(OLDER, Some(free(Beta, On))), (33, Some(LOCKED_ON))] }
            }
        }
    }
}
