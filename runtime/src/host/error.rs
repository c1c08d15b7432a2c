//! What goes wrong when a node is asked.

use std::io;

use crate::cli::{Exit, Explain};

/// Why this machine cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Another system.
    #[error("this needs Linux, and the machine runs {0}")]
    NeedsLinux(&'static str),
    /// What this machine holds cannot be read yet.
    #[error("this portolan cannot read what a running machine holds")]
    OnlyCaptures,
    /// The kernel does not answer as expected.
    #[error("cannot ask the kernel for {what}")]
    Kernel {
        /// What was asked.
        what: &'static str,
        /// What happened.
        source: io::Error,
    },
    /// Files under /proc cannot be read.
    #[error("cannot read {path}")]
    Proc {
        /// Which file.
        path: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl Explain for HostError {
    fn exit(&self) -> Exit {
        match self {
            Self::NeedsLinux(_) | Self::OnlyCaptures => Exit::Unavailable,
            Self::Kernel { source, .. } | Self::Proc { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => Exit::NoPermission,
                _ => Exit::Io,
            },
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::NeedsLinux(_) => Some("run it on the node itself".to_owned()),
            Self::OnlyCaptures => Some(
                "capture the node with ordinary tools, as portolan plan --help says, and pass \
                 --observed DIR"
                    .to_owned(),
            ),
            Self::Kernel { .. } | Self::Proc { .. } => None,
        }
    }
}
