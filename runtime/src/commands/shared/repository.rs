//! The options of verbs that read what the repository says of itself. A verb that takes them is
//! completed before it runs, by `crate::app`; one that touches a node never takes them.

use std::path::PathBuf;

use clap::Args;

/// Where the repository's settings are, and for which cluster they are meant.
#[derive(Debug, Args)]
pub(crate) struct RepositoryArgs {
    /// Read what is not given from this file [default: the portolan.yaml here, or in a folder above up to
    /// the top of the Git repository]
    #[arg(long, value_name = "FILE", help_heading = "Repository")]
    pub(crate) config: Option<PathBuf>,

    /// Look at this cluster of portolan.yaml
    #[arg(long, value_name = "NAME", help_heading = "Repository")]
    pub(crate) cluster: Option<String>,
}
