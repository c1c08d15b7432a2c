//! The command itself: within this process, or as the program.

use std::fmt;
use std::path::Path;
use std::process::Command;

use portolan_runtime::app;
use portolan_runtime::report::{Device, Exit, Output, Streams};

/// The program as it was built for these tests.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_portolan");

/// Where the cases keep a node's records.
pub(crate) const STATE: &str = "/run/portolan";

/// How a command ended, and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}\n{}{}", self.exit, self.stdout, self.stderr)
    }
}

impl Run {
    /// It has to end so.
    #[track_caller]
    pub(crate) fn ends(self, exit: Exit) -> Self {
        assert_eq!(self.exit, exit, "{self}");
        self
    }
}

/// Runs the command with words that spaces separate, within this process.
pub(crate) fn portolan(words: &str) -> Run {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut stdin: &[u8] = &[];
    let exit = app::run(
        std::iter::once("portolan").chain(words.split_whitespace()),
        &mut Streams {
            stdin: &mut stdin,
            stdin_device: Device::Other,
            stdout: Output::plain(&mut stdout),
            stderr: Output::plain(&mut stderr),
        },
    );
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run {
        exit,
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

/// The same on the records of the case's node.
pub(crate) fn on_node(words: &str) -> Run {
    portolan(&format!("{words} --state-dir {STATE}"))
}

/// The program with words that spaces separate, to be started.
pub(crate) fn program(words: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(words.split_whitespace())
        .args(["--state-dir", STATE]);
    command
}

/// Writes files into a folder of this name, and gives the flags that name them.
pub(crate) fn inputs<'f>(
    folder: &str,
    files: impl IntoIterator<Item = (&'f str, String)>,
) -> String {
    let folder = Path::new("/run").join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let write = |(name, text): (&str, String)| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        format!(" -f {}", path.display())
    };
    files.into_iter().map(write).collect()
}
