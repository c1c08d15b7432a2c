//! Flags that say how sides are read.

use clap::Args;

use crate::commands::shared::manifests::ManifestArgs;
use crate::commands::shared::planning::StateArgs;

/// How either side is read.
#[derive(Debug, Args)]
pub(in crate::commands) struct SideArgs {
    #[command(flatten)]
    pub(in crate::commands) manifests: ManifestArgs,

    /// Look at this Node only [default: every node that both sides have]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    pub(in crate::commands) node: Option<String>,

    #[command(flatten)]
    pub(in crate::commands) state: StateArgs,
}
