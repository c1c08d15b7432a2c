//! Records that cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use super::seal::Unreadable;
use crate::report::{Exit, Explain};

/// Why the records of what was applied cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Somebody else could change what is run as root.
    #[error("{} {problem}", path.display())]
    Unsafe {
        /// The folder of the records.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A record is not as it was written.
    #[error("{} is damaged: {problem}", path.display())]
    Damaged {
        /// The file that was changed, or is not there.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What it is needed for.
        concerns: Concerns,
    },
    /// A record makes no sense.
    #[error("cannot make sense of {}: {problem}", path.display())]
    Corrupt {
        /// The file that cannot be understood.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A record of a format that another portolan writes.
    #[error("cannot make sense of {}: {}", path.display(), of_another(format, tool.as_deref(), known))]
    Another {
        /// The file of the other format.
        path: PathBuf,
        /// Its format, as written.
        format: String,
        /// The version of the portolan that wrote it, where it says so.
        tool: Option<String>,
        /// The format that is read.
        known: &'static str,
    },
    /// Another portolan works here.
    #[error("another portolan holds {}", path.display())]
    Locked {
        /// The lock's file.
        path: PathBuf,
    },
    /// A generation that is not there.
    #[error("there is no generation {number}")]
    NoGeneration {
        /// The number that was asked for.
        number: u64,
        /// Those there are.
        known: Vec<u64>,
    },
}

/// What a record is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concerns {
    /// To know what the node is to hold, and what of it is ours.
    Node,
    /// One generation, of which there are others.
    Generation(u64),
}

fn of_another(format: &str, tool: Option<&str>, known: &str) -> String {
    let ours = env!("CARGO_PKG_VERSION");
    let written = match tool {
        Some(tool) => format!("portolan {tool} wrote it in the format {format:?}"),
        None => format!("its format is {format:?}"),
    };
    format!("{written}, and this portolan, {ours}, reads {known:?}")
}

impl StoreError {
    /// For `map_err`: what was tried with which path.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, problem: &str) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            problem: problem.to_owned(),
            concerns: Concerns::Node,
        }
    }

    /// A record that cannot be read, where another format than this is not known.
    pub(super) fn unreadable(path: &Path, problem: Unreadable, known: &'static str) -> Self {
        match problem {
            Unreadable::Damaged(problem) => Self::damaged(path, &problem),
            Unreadable::Senseless(problem) => Self::corrupt(path, &problem),
            Unreadable::Another { format, tool } => Self::Another {
                path: path.to_owned(),
                format,
                tool,
                known,
            },
        }
    }

    /// The same, of a record that is needed for this.
    pub(super) fn concerning(mut self, what: Concerns) -> Self {
        if let Self::Damaged { concerns, .. } = &mut self {
            *concerns = what;
        }
        self
    }

    pub(super) fn corrupt(path: &Path, problem: &dyn ToString) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

impl Explain for StoreError {
    fn exit(&self) -> Exit {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Exit::NoPermission
            }
            Self::Io { .. } => Exit::Io,
            Self::Unsafe { .. } => Exit::NoPermission,
            Self::Damaged { .. } | Self::Corrupt { .. } | Self::Another { .. } => Exit::Data,
            Self::Locked { .. } => Exit::Busy,
            Self::NoGeneration { .. } => Exit::NoInput,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => Some(
                "keep the records where files can be written, with --state-dir: those under /run are \
                 gone after a boot"
                    .to_owned(),
            ),
            Self::Io { .. } => None,
            Self::Unsafe { .. } => Some(
                "nobody but its owner may write there: chown root and chmod 700, or choose another \
                 with --state-dir"
                    .to_owned(),
            ),
            Self::Damaged {
                concerns: Concerns::Generation(_),
                ..
            } => Some("`portolan history` lists the others".to_owned()),
            Self::Damaged { .. } => {
                Some("what the kernel holds is in `portolan observe`".to_owned())
            }
            Self::Another { tool: Some(tool), .. } => Some(format!(
                "use portolan {tool}; what the kernel holds is in `portolan observe`"
            )),
            Self::Corrupt { .. } | Self::Another { tool: None, .. } => Some(
                "a newer portolan may have written it: use that one; what the kernel holds is in \
                 `portolan observe`"
                    .to_owned(),
            ),
            Self::Locked { .. } => {
                Some("wait for it, or give it longer with --lock-timeout".to_owned())
            }
            Self::NoGeneration { known, .. } => Some(match &known[..] {
                [] => "nothing was applied yet".to_owned(),
                known => {
                    let known: Vec<String> = known.iter().map(u64::to_string).collect();
                    format!("there are: {}", known.join(", "))
                }
            }),
        }
    }
}
