//! The part that runs on the machine itself: boots the kernel and waits for what happens there.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

use super::results;
use super::{FOLDER, KILL_STRIDE};

/// The script that boots the kernel.
const KERNEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/kernel");
/// How often the folder is looked into.
const INTERVAL: Duration = Duration::from_millis(50);
/// How many of the last lines explain what went wrong in the kernel.
const LAST_LINES: usize = 20;

/// Runs the cases that the arguments select, all in one boot; without any nothing is booted.
pub(super) fn run(arguments: &Arguments, names: impl Iterator<Item = String>) -> ExitCode {
    let kernel: Arc<OnceLock<Kernel>> = Arc::default();
    let nocapture = arguments.nocapture;
    let trials: Vec<Trial> = names
        .map(|name| {
            let kernel = Arc::clone(&kernel);
            Trial::test(name.clone(), move || {
                let said = kernel.get().ok_or("no kernel was booted")?.result(&name)?;
                if nocapture {
                    eprint!("{said}");
                }
                Ok(())
            })
        })
        .collect();
    let selected = trials.iter().any(|trial| !arguments.is_filtered_out(trial));
    if selected && !arguments.list {
        match Kernel::boot() {
            Ok(booted) => kernel.get_or_init(|| booted),
            Err(refusal) => return refusal,
        };
    }
    let conclusion = libtest_mimic::run(arguments, trials);
    if let Some(kernel) = kernel.get() {
        kernel.wait();
    }
    conclusion.exit_code()
}

/// A kernel in which this program runs.
struct Kernel {
    process: Mutex<Child>,
    folder: TempDir,
}

impl Kernel {
    /// Boots, and returns as soon as this program runs inside. Where that fails, the reason is on
    /// standard error.
    fn boot() -> Result<Self, ExitCode> {
        let refuse = |reason: &dyn std::fmt::Display| {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        };
        if !cfg!(target_os = "linux") {
            return Err(refuse(&format_args!(
                "the kernel tests need Debian 12 or 13 on amd64, and this machine runs {}",
                env::consts::OS
            )));
        }
        let folder =
            TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| refuse(&error))?;
        let program = env::current_exe().map_err(|error| refuse(&error))?;
        let mut marker = std::ffi::OsString::from(format!("{FOLDER}="));
        marker.push(folder.path());
        let mut process = Command::new(KERNEL)
            .arg(folder.path())
            .arg("env")
            .arg(marker)
            .args(env::var(KILL_STRIDE).map(|stride| format!("{KILL_STRIDE}={stride}")))
            .arg(program)
            .args(env::args_os().skip(1))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| refuse(&format_args!("cannot start {KERNEL}: {error}")))?;
        while !folder.path().join("started").exists() {
            match process.try_wait() {
                Ok(None) => thread::sleep(INTERVAL),
                Ok(Some(status)) => {
                    let code = status.code().and_then(|code| u8::try_from(code).ok());
                    return Err(code.map_or(ExitCode::FAILURE, ExitCode::from));
                }
                Err(error) => return Err(refuse(&error)),
            }
        }
        Ok(Self {
            process: Mutex::new(process),
            folder,
        })
    }

    /// Waits for what becomes of a case.
    fn result(&self, name: &str) -> Result<String, Failed> {
        loop {
            // Asked for first: a result may appear just before the kernel ends.
            let ended = self.ended();
            if let Some(result) = results::read(self.folder.path(), name) {
                return result.map_err(Failed::from);
            }
            if ended {
                let log = last_lines(&self.folder.path().join("log"));
                return Err(format!("the kernel ended without this case's result\n{log}").into());
            }
            thread::sleep(INTERVAL);
        }
    }

    fn ended(&self) -> bool {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(process.try_wait(), Ok(None))
    }

    /// Waits until the kernel is down.
    fn wait(&self) {
        while !self.ended() {
            thread::sleep(INTERVAL);
        }
    }
}

fn last_lines(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
