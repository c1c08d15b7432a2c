//! Records that cannot be used.

use std::io;
use std::path::{Path, PathBuf};

use super::seal::Unreadable;
use crate::host::Signal;
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
    /// They are root's, and somebody else asks.
    #[error("{} is root's, and nobody else reads it", path.display())]
    Roots {
        /// The folder of the records.
        path: PathBuf,
    },
    /// Somebody else could change what is run as root.
    #[error("{} {problem}", path.display())]
    Unsafe {
        /// The folder of the records, or one that it lies in.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something is among the records that could be somebody else's.
    #[error("{} {problem}", path.display())]
    Misplaced {
        /// What it is called.
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
    /// Somebody wants this to end.
    #[error("ended by {0} while it waited for another portolan")]
    Interrupted(Signal),
    /// What is there in place of the lock cannot be taken.
    #[error("{} is not the file that the lock is", path.display())]
    NoLock {
        /// What the lock is called.
        path: PathBuf,
    },
    /// A generation that tells nothing of what was asked for.
    #[error("generation {number} was taken from the node: what was asked for is not known")]
    Unknown {
        /// Its number.
        number: u64,
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

/// The way out wherever a record is lost.
pub(in crate::transaction) const TAKE: &str = "`portolan recover --to node` takes what the node holds as what is: it keeps lost records \
     aside, and the next apply works";

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

    /// Whether the record is lost, whoever made it so; what another portolan wrote is not.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Misplaced { .. } | Self::Damaged { .. } | Self::Corrupt { .. }
        )
    }

    pub(super) fn corrupt(path: &Path, problem: &dyn ToString) -> Self {
        Self::Corrupt {
            path: path.to_owned(),
            problem: problem.to_string(),
        }
    }
}

/// What whoever is not root lacks.
const AS_ROOT: &str = "run it as root, with sudo for example: nobody else sees what was applied, what is \
                       under way, nor what the kernel holds";

impl Explain for StoreError {
    fn exit(&self) -> Exit {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Exit::NoPermission
            }
            Self::Io { .. } => Exit::Io,
            Self::Roots { .. }
            | Self::Unsafe { .. }
            | Self::Misplaced { .. }
            | Self::NoLock { .. } => Exit::NoPermission,
            Self::Damaged { .. } | Self::Corrupt { .. } | Self::Another { .. } => Exit::Data,
            Self::Locked { .. } => Exit::Busy,
            Self::Interrupted(signal) => signal.exit(),
            Self::NoGeneration { .. } | Self::Unknown { .. } => Exit::NoInput,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => Some(
                "keep the records where files can be written, with --state-dir: those under /run are \
                 gone after a boot"
                    .to_owned(),
            ),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                Some(AS_ROOT.to_owned())
            }
            Self::Roots { .. } => Some(AS_ROOT.to_owned()),
            Self::Io { .. } | Self::Interrupted(_) => None,
            Self::Unsafe { .. } => Some(
                "nobody but its owner may write there: chown root and chmod 700, or choose another \
                 with --state-dir"
                    .to_owned(),
            ),
            Self::Damaged {
                concerns: Concerns::Generation(_),
                ..
            } => Some("choose another: `portolan history` lists them".to_owned()),
            Self::Damaged { .. } => Some(TAKE.to_owned()),
            Self::Misplaced { .. } => Some(format!(
                "a record is its owner's own file, which nobody else may write to; if it is not to \
                 be trusted, {TAKE}"
            )),
            Self::Another { tool: Some(tool), .. } => Some(format!(
                "use portolan {tool}; what the kernel holds is in `portolan observe`"
            )),
            Self::Another { tool: None, .. } => Some(
                "a newer portolan may have written it: use that one; what the kernel holds is in \
                 `portolan observe`"
                    .to_owned(),
            ),
            Self::Corrupt { .. } => Some(format!(
                "a newer portolan may have written it: use that one; else {TAKE}"
            )),
            Self::NoLock { .. } => Some("remove it: nothing is kept there".to_owned()),
            Self::Unknown { .. } => Some(
                "apply what the node is to hold; `portolan history` lists what it held before"
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
