//! Which machine this is, which boot of it, and how long ago that was.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use portolan_compiler::bundle::Digest;
use rustix::io::FdFlags;
use rustix::time::{ClockId, clock_gettime};

use super::proc;
use crate::host::{HostError, Inheritance};

const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// Which boot of the machine this is: what a kernel held before another is gone.
///
/// # Errors
/// Where the kernel does not answer.
pub fn boot() -> Result<String, HostError> {
    proc(BOOT)
}

/// Seconds since the machine was started, those it slept included (`CLOCK_BOOTTIME`): nobody sets
/// this clock.
///
/// # Errors
/// Never, here.
pub fn uptime() -> Result<u64, HostError> {
    let now = clock_gettime(ClockId::Boottime);
    Ok(now.tv_sec.try_into().unwrap_or(0))
}

/// Which machine, which boot of it, and which network namespace: what a plan that was made on a
/// running node is good for.
///
/// # Errors
/// Where the kernel does not answer.
pub fn identity() -> Result<Digest, HostError> {
    let path = "/proc/self/ns/net";
    let namespace = fs::metadata(path).map_err(|source| HostError::Proc {
        path: path.to_owned(),
        source,
    })?;
    // A machine without one has its boot to tell it by.
    let machine = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let text = format!("{}\n{}\n{}\n", machine.trim(), boot()?, namespace.ino());
    Ok(Digest::of(text.as_bytes()))
}

/// Decides whether programs that are started from now on hold a file open, and with it a lock.
///
/// # Errors
/// Where the kernel refuses.
pub fn inherited(file: &File, inheritance: Inheritance) -> io::Result<()> {
    let flags = match inheritance {
        Inheritance::Passed => FdFlags::empty(),
        Inheritance::Kept => FdFlags::CLOEXEC,
    };
    Ok(rustix::io::fcntl_setfd(file, flags)?)
}
