//! Which kube-proxy is mirrored: what commands share which compile manifests.

use clap::{Args, ValueEnum};
use portolan_compiler::compile::{Mode, NodeSelection, Options};
use portolan_compiler::lint::{self, RuleId};
use portolan_compiler::model::{Filter, KubeVersion};

use super::manifests::ManifestArgs;

/// Which kube-proxy is mirrored.
#[derive(Debug, Args)]
pub(in crate::commands) struct ProfileArgs {
    /// Mirror the kube-proxy of this Kubernetes release [default: what the image of kube-proxy in the
    /// input says, or what each Node says it runs, or the newest]
    #[arg(long, value_name = "1.MINOR", help_heading = "What to compile")]
    kube_version: Option<KubeVersion>,

    /// Mirror this proxy mode [default: the configuration's, or ipvs]
    #[arg(
        long,
        value_name = "MODE",
        value_enum,
        help_heading = "What to compile"
    )]
    mode: Option<ModeArg>,
}

/// Proxy modes on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum ModeArg {
    Ipvs,
    Iptables,
    Nftables,
}

/// The kube-proxy that manifests are compiled like.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Mirror {
    /// Its release, where it is not what the input says.
    pub(in crate::commands) version: Option<KubeVersion>,
    /// Its mode, where it is not the configuration's.
    pub(in crate::commands) mode: Option<Mode>,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Ipvs => Self::Ipvs,
            ModeArg::Iptables => Self::Iptables,
            ModeArg::Nftables => Self::Nftables,
        }
    }
}

impl ProfileArgs {
    pub(in crate::commands) fn mirror(&self) -> Mirror {
        Mirror {
            version: self.kube_version,
            mode: self.mode.map(Mode::from),
        }
    }
}

impl Mirror {
    pub(in crate::commands) fn options(
        self,
        nodes: NodeSelection,
        manifests: &ManifestArgs,
    ) -> Options {
        Options {
            nodes,
            kube_version: self.version,
            mode: self.mode,
            base_services: manifests.base_services(),
            endpoints: manifests.endpoints_from(),
        }
    }

    /// For those who look at the input without compiling it for nodes.
    pub(in crate::commands) fn lint_options(
        self,
        node: Option<String>,
        manifests: &ManifestArgs,
        disabled: Vec<RuleId>,
    ) -> lint::Options {
        lint::Options {
            node,
            kube_version: self.version,
            mode: self.mode,
            base_services: manifests.base_services(),
            endpoints: manifests.endpoints_from(),
            disabled,
            filter: Filter::default(),
            settings: lint::SettingsFrom::Input,
        }
    }
}
