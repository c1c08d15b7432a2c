//! Changes that cannot be reviewed.

use std::path::PathBuf;

use crate::input::SETTINGS_FILE;
use crate::report::{Exit, Explain};
use crate::settings::Outside;

/// Why there is no review.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReviewError {
    /// Not within a repository.
    #[error("there is no Git repository around this folder")]
    NoRepository,
    /// Nothing says what to read.
    #[error("nothing says which manifests to review: {revision} has no {SETTINGS_FILE} that does")]
    NoInputs {
        /// The revision before the change.
        revision: String,
        /// Whether the working tree has a file that could.
        is_new: IsNew,
    },
    /// Neither side has any.
    #[error("neither {revision} nor the working tree has {}", paths.join(", "))]
    NoSide {
        /// The revision before the change.
        revision: String,
        /// What was asked for.
        paths: Vec<String>,
    },
    /// A link could lead anywhere.
    #[error("the path {} {outside}", path.display())]
    Link {
        /// What was asked for.
        path: PathBuf,
        /// How it leads out.
        outside: Outside,
    },
    /// A pipe is no revision's.
    #[error("a review reads files and folders of both sides, and no pipe (-)")]
    Pipe,
    /// The settings are not text.
    #[error("{0} is not UTF-8")]
    NoText(String),
    /// The manifests are refused.
    #[error("the manifests are refused\n{}", .0.trim_end())]
    Refused(
        /// What is wrong with them.
        String,
    ),
    /// There is nothing to compare, which must not read as if all were well.
    #[error("neither side has a Service")]
    NoService(
        /// What would be of use once it is rendered, if that is there.
        Option<PathBuf>,
    ),
    /// Git has files there that the working tree lacks.
    #[error("{} is in Git, and not checked out here", .0.join(", "))]
    NotCheckedOut(Vec<String>),
    /// One side is refused.
    #[error("a side is refused, and nothing is compared")]
    SideRefused,
}

/// Whether a change brings the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IsNew {
    Yes,
    No,
}

impl Explain for ReviewError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoRepository
            | Self::NoSide { .. }
            | Self::NoService(_)
            | Self::NotCheckedOut(_) => Exit::NoInput,
            Self::NoInputs { .. } | Self::Pipe => Exit::Usage,
            Self::Link { .. } | Self::NoText(_) | Self::Refused(_) | Self::SideRefused => {
                Exit::Data
            }
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoRepository => "run it in a checkout".to_owned(),
            Self::NoInputs {
                is_new: IsNew::Yes, ..
            } => format!(
                "the {SETTINGS_FILE} that this change brings decides from the next one on; once it is \
                 committed, `portolan review HEAD` takes it, and until then name manifests with -f"
            ),
            Self::NoInputs {
                is_new: IsNew::No, ..
            } => format!("name manifests with -f, or commit a {SETTINGS_FILE} with inputs"),
            Self::NoSide { .. } => "check the paths: they are from here".to_owned(),
            Self::Link { .. } => "name the file or folder itself".to_owned(),
            Self::Pipe => "write it to a file first, and name that".to_owned(),
            Self::NoText(_) => "save it as UTF-8".to_owned(),
            Self::Refused(_) => return None,
            Self::NoService(None) => {
                "check what is read: -R or `recursive: true` reads folders in folders".to_owned()
            }
            Self::NoService(Some(path)) => format!(
                "{} is for kustomize, which is not run: commit what `kustomize build` makes of it, and name that",
                path.display()
            ),
            Self::NotCheckedOut(_) => {
                "a sparse checkout leaves it out: git sparse-checkout add FOLDER, or leave it out with --exclude"
                    .to_owned()
            }
            Self::SideRefused => {
                "what is found in the manifests says why; what the revision has is \
                                  told by: portolan diff REV:PATH @nothing"
                    .to_owned()
            }
        })
    }
}
