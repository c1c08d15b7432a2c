//! The node's own programs, which read what has no interface worth speaking to ourselves.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use portolan_compiler::kernel::text::LINE_LIMIT;

use super::child::{self, Cut, Patience};
use crate::host::HostError;

/// Where distributions install them. `PATH` is not asked: this may run as root.
const FOLDERS: [&str; 5] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

/// A program of the system that is started to read or change a subsystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Program {
    /// Name of its file, without a folder.
    pub(super) name: &'static str,
    /// The package that distributions have it in.
    pub(super) package: &'static str,
}

impl Program {
    /// Fails where it is not there.
    pub(super) fn is_installed(self) -> Result<(), HostError> {
        let mut paths = FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join(self.name));
        if paths.any(|path| path.exists()) {
            Ok(())
        } else {
            Err(self.not_installed())
        }
    }

    fn not_installed(self) -> HostError {
        HostError::NoProgram {
            program: self.name,
            package: self.package,
        }
    }

    /// Runs it with an empty environment and nothing to read, and gives what it prints.
    pub(super) fn run(self, args: &[&str]) -> Result<String, HostError> {
        self.feed(args, "")
    }

    /// Runs it with an empty environment and this to read, and gives what it prints.
    pub(super) fn feed(self, args: &[&str], input: &str) -> Result<String, HostError> {
        self.run_within(args, input, Patience::READING)
    }

    fn run_within(
        self,
        args: &[&str],
        input: &str,
        patience: Patience,
    ) -> Result<String, HostError> {
        let _span = tracing::debug_span!("program", name = self.name).entered();
        for folder in FOLDERS {
            let path = PathBuf::from(folder).join(self.name);
            let mut command = Command::new(&path);
            command.args(args).env_clear();
            // A key pressed at the terminal is for us, who know what is half done.
            command.process_group(0);
            let output = match child::output(&mut command, input, patience) {
                Err(Cut::Failed(error)) if is_missing(&error) => continue,
                Err(Cut::Failed(source)) => return Err(HostError::Start { path, source }),
                Err(Cut::Hung(after)) => {
                    return Err(HostError::Hung {
                        program: self.name,
                        seconds: after.as_secs(),
                    });
                }
                Err(Cut::Signalled(signal)) => {
                    return Err(HostError::Interrupted {
                        program: self.name,
                        signal,
                    });
                }
                Ok(output) => output,
            };
            if !output.status.success() {
                return Err(HostError::Program {
                    program: self.name,
                    status: output.status,
                    message: one_line(&output.stderr),
                });
            }
            // Comments of other software's rules may be in any encoding.
            return Ok(match String::from_utf8(output.stdout) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            });
        }
        Err(self.not_installed())
    }

    /// Runs it with a script to read, each line of which is checked once more: it is run as root, and
    /// every reader has some limit beyond which it cuts or overflows.
    pub(super) fn carry_out(self, args: &[&str], script: &str) -> Result<(), HostError> {
        self.check(script, |line| {
            line.len() >= LINE_LIMIT || line.chars().any(char::is_control)
        })?;
        self.run_within(args, script, Patience::CHANGING).map(drop)
    }

    /// The same with lines that the program may have printed itself, as long as it prints them: nft
    /// writes a rule that chooses among hundreds of endpoints in one, and reads lines of any length.
    pub(super) fn carry_out_listing(self, args: &[&str], script: &str) -> Result<(), HostError> {
        self.check(script, |line| line.chars().any(char::is_control))?;
        self.run_within(args, script, Patience::CHANGING).map(drop)
    }

    fn check(self, script: &str, is_unsafe: impl Fn(&str) -> bool) -> Result<(), HostError> {
        match script.lines().find(|line| is_unsafe(line)) {
            None => Ok(()),
            Some(line) => Err(HostError::UnsafeLine {
                program: self.name,
                line: line.chars().take(80).collect(),
            }),
        }
    }

    /// Runs it, and gives what it prints; `None` where it is not there.
    pub(super) fn run_if_installed(self, args: &[&str]) -> Result<Option<String>, HostError> {
        match self.run(args) {
            Err(HostError::NoProgram { .. }) => Ok(None),
            other => other.map(Some),
        }
    }
}

/// Runs a command that is not to print anything to its end, or ends it where it hangs.
///
/// # Errors
/// Where it cannot be started, or was ended.
pub fn run_to_end(command: &mut Command) -> io::Result<ExitStatus> {
    command.process_group(0);
    match child::output(command, "", Patience::READING) {
        Ok(output) => Ok(output.status),
        Err(Cut::Failed(error)) => Err(error),
        Err(Cut::Hung(after)) => {
            let problem = format!("it did not end within {} s", after.as_secs());
            Err(io::Error::new(io::ErrorKind::TimedOut, problem))
        }
        Err(Cut::Signalled(signal)) => {
            let problem = format!("ended by {signal}");
            Err(io::Error::new(io::ErrorKind::Interrupted, problem))
        }
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn one_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    match lines[..] {
        [] => "it did not say why".to_owned(),
        _ => lines.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHELL: Program = Program {
        name: "sh",
        package: "dash",
    };

    #[test]
    fn programs_see_nothing_of_our_environment() {
        let text = SHELL.run(&["-c", "echo \"$HOME$CARGO_PKG_NAME\""]).unwrap();
        assert_eq!(text, "\n");
    }

    #[test]
    fn what_is_fed_arrives_whole_whatever_is_printed_meanwhile() {
        let input = "0123456789abcde\n".repeat(20_000);
        let program = Program {
            name: "cat",
            package: "coreutils",
        };
        assert_eq!(program.feed(&[], &input).unwrap(), input);
        let deaf = SHELL.feed(&["-c", "echo no >&2; exit 1"], &input);
        assert_eq!(
            deaf.unwrap_err().to_string(),
            "sh failed (exit status: 1): no"
        );
    }

    #[test]
    fn scripts_are_checked_line_by_line() {
        let long = "x".repeat(LINE_LIMIT);
        for script in ["a\tb\n", "a\u{1b}[2J\n", &long] {
            let refused = SHELL.carry_out(&[], script).unwrap_err();
            assert!(matches!(refused, HostError::UnsafeLine { .. }), "{refused}");
        }
        SHELL.carry_out(&[], "true\n").unwrap();
    }

    #[test]
    fn a_failure_is_told_on_one_line() {
        let script = "echo first >&2; echo >&2; echo ' second' >&2; exit 3";
        let error = SHELL.run(&["-c", script]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sh failed (exit status: 3): first; second"
        );
    }

    #[test]
    fn a_missing_program_names_its_package() {
        let program = Program {
            name: "no-such-program",
            package: "nothing",
        };
        let error = program.run(&[]).unwrap_err();
        assert!(matches!(
            error,
            HostError::NoProgram {
                package: "nothing",
                ..
            }
        ));
        assert_eq!(program.run_if_installed(&[]).unwrap(), None);
        assert!(program.is_installed().is_err());
        SHELL.is_installed().unwrap();
    }

    #[test]
    fn other_encodings_do_no_harm() {
        let text = SHELL.run(&["-c", "printf '\\344 x'"]).unwrap();
        assert_eq!(text, "\u{fffd} x");
    }
}
