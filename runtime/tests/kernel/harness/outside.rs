//! The part that runs on the machine itself: boots the kernels and waits for what happens there.

use std::env;
use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;

use super::results;
use super::share::Share;
use super::{FOLDER, KILL_STRIDE, SHARE};

/// The script that boots the kernel.
const KERNEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../.ci/kernel");
/// How often the folder is looked into.
const INTERVAL: Duration = Duration::from_millis(50);
/// How many of the last lines explain what went wrong in the kernel.
const LAST_LINES: usize = 20;

/// How many processors a kernel has.
const CPUS: &str = "KERNEL_CPUS";
/// The most kernels at a time, each of which takes its memory.
const MOST: usize = 4;

/// Runs the cases that the arguments select, in as many kernels as there are processors: in one kernel
/// emulated processors would hold each other up. None is booted without a case to run.
pub(super) fn run(arguments: &Arguments, names: Vec<String>) -> ExitCode {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let kernels: Vec<Arc<OnceLock<Kernel>>> =
        (0..processors.min(MOST)).map(|_| Arc::default()).collect();
    let nocapture = arguments.nocapture;
    // As shares are dealt out.
    let trials: Vec<Trial> = names
        .into_iter()
        .zip(kernels.iter().cycle())
        .map(|(name, kernel)| {
            let kernel = Arc::clone(kernel);
            Trial::test(name.clone(), move || {
                let said = kernel.get().ok_or("no kernel was booted")?.result(&name)?;
                if nocapture {
                    eprint!("{said}");
                }
                Ok(())
            })
        })
        .collect();
    let selected = |trial: &Trial| !arguments.list && !arguments.is_filtered_out(trial);
    for (share, kernel) in Share::of(kernels.len()).zip(&kernels) {
        if !share.take(&trials).any(selected) {
            continue;
        }
        match Kernel::boot(share) {
            Ok(booted) => kernel.get_or_init(|| booted),
            Err(refusal) => return refusal,
        };
    }
    let conclusion = libtest_mimic::run(arguments, trials);
    for kernel in kernels.iter().filter_map(|kernel| kernel.get()) {
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
    fn boot(share: Share) -> Result<Self, ExitCode> {
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
            .env(CPUS, env::var(CPUS).unwrap_or_else(|_| "1".to_owned()))
            .arg(folder.path())
            .arg("env")
            .arg(marker)
            .arg(format!("{SHARE}={share}"))
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

impl Drop for Kernel {
    /// Where it is not waited for, as another did not boot, it is not left behind.
    fn drop(&mut self) {
        let process = self.process.get_mut();
        let process = process.unwrap_or_else(PoisonError::into_inner);
        if matches!(process.try_wait(), Ok(None)) {
            // Not `Child::kill`, which would leave behind what the script has started.
            let kill = format!("kill {}", process.id());
            let told = Command::new("sh").args(["-c", &kill]).status();
            if told.is_ok_and(|status| status.success()) {
                drop(process.wait());
            }
        }
    }
}

fn last_lines(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
