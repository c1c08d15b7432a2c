//! The node's own programs, which read what has no interface worth speaking to ourselves.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::host::HostError;

/// Where distributions install them. `PATH` is not asked: this may run as root.
const FOLDERS: [&str; 5] = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"];

/// A program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Program {
    /// Its name.
    pub(super) name: &'static str,
    /// The package that distributions have it in.
    pub(super) package: &'static str,
}

impl Program {
    /// Runs it with an empty environment, and gives what it prints.
    pub(super) fn run(self, args: &[&str]) -> Result<String, HostError> {
        for folder in FOLDERS {
            let path = PathBuf::from(folder).join(self.name);
            let started = Command::new(&path)
                .args(args)
                .env_clear()
                .stdin(Stdio::null())
                .output();
            let output = match started {
                Err(error) if is_missing(&error) => continue,
                Err(source) => return Err(HostError::Start { path, source }),
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
        Err(HostError::NoProgram {
            program: self.name,
            package: self.package,
        })
    }

    /// Runs it, and gives what it prints; `None` where it is not there.
    pub(super) fn run_if_installed(self, args: &[&str]) -> Result<Option<String>, HostError> {
        match self.run(args) {
            Err(HostError::NoProgram { .. }) => Ok(None),
            other => other.map(Some),
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
    }

    #[test]
    fn other_encodings_do_no_harm() {
        let text = SHELL.run(&["-c", "printf '\\344 x'"]).unwrap();
        assert_eq!(text, "\u{fffd} x");
    }
}
