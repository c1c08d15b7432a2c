use std::path::{Path, PathBuf};

use clap::Args;
use portolan_compiler::escape::visible;

use super::shared::save::save;
use crate::commands::shared::Context;
use crate::report::{Exit, Explain, Failure, Verbosity};

/// Write the units for systemd that this portolan is run by
///
/// One brings the rules back after a boot, one takes away what has drained; neither needs a network.
/// They name this program where it is now, or the one that --program names.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    after_help = "\
Examples:
  portolan systemd --out /etc/systemd/system
  systemctl daemon-reload
  systemctl enable --now portolan.service portolan-drain.timer"
)]
pub(crate) struct SystemdArgs {
    /// Write them into this folder, which is there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Run the portolan at this path
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
}

/// The units, as they are packaged: by their names.
const UNITS: [(&str, &str); 3] = [
    (
        "portolan.service",
        include_str!("../../systemd/portolan.service"),
    ),
    (
        "portolan-drain.service",
        include_str!("../../systemd/portolan-drain.service"),
    ),
    (
        "portolan-drain.timer",
        include_str!("../../systemd/portolan-drain.timer"),
    ),
];

/// The program in the units as they are packaged.
const PACKAGED: &str = "ExecStart=/usr/bin/portolan ";

/// No units were written.
#[derive(Debug, thiserror::Error)]
enum SystemdError {
    /// Which program this is cannot be found out.
    #[error("cannot find out which program this is")]
    Program(#[source] std::io::Error),
    /// Nowhere to write to.
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// The folder that was named.
        path: PathBuf,
    },
    /// A path that a unit could not name as it is.
    #[error("{} cannot be named in a unit", path.display())]
    Path {
        /// The program's path.
        path: PathBuf,
    },
}

impl Explain for SystemdError {
    fn exit(&self) -> Exit {
        match self {
            Self::Program(_) => Exit::Internal,
            Self::Path { .. } => Exit::Usage,
            Self::NoFolder { .. } => Exit::NoInput,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoFolder { path } => format!("make it first: mkdir -p {}", path.display()),
            Self::Program(_) | Self::Path { .. } => {
                "name the program with --program: an absolute path of letters, digits and ./_+-@"
                    .to_owned()
            }
        })
    }
}

pub(crate) fn run(args: &SystemdArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let program = match &args.program {
        Some(program) => program.clone(),
        None => std::env::current_exe().map_err(SystemdError::Program)?,
    };
    let name = plain(&program).ok_or_else(|| SystemdError::Path {
        path: program.clone(),
    })?;
    if !args.out.is_dir() {
        let path = args.out.clone();
        return Err(SystemdError::NoFolder { path }.into());
    }
    for (unit, text) in UNITS {
        let text = text.replace(PACKAGED, &["ExecStart=", name, " "].concat());
        save(&args.out.join(unit), text.as_bytes())?;
        let path = args.out.join(unit).display().to_string();
        context
            .streams
            .stdout
            .say(&[&visible(&path), "\n"].concat());
    }
    if context.verbosity > Verbosity::Quiet {
        context.streams.stderr.say(
            "Next: systemctl daemon-reload; systemctl enable --now portolan.service portolan-drain.timer\n",
        );
    }
    Ok(Exit::Done)
}

/// A path that systemd reads as it stands: no blanks, no quotes, no `%` and no `$`.
fn plain(path: &Path) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./_+-@".contains(c);
    let text = path.to_str()?;
    (path.is_absolute() && text.chars().all(is_plain)).then_some(text)
}
