//! The lock: one portolan at a time changes a node.
//!
//! Programs that it starts hold the lock as well. If it is killed while one of them works, whoever
//! recovers waits for that program, and sees what it did.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::{StoreError, trust};
use crate::host::{self, Inheritance, Interrupts};

/// How often a lock that is held is tried again.
const INTERVAL: Duration = Duration::from_millis(50);

/// Who works on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// The lock is free.
    Nobody,
    /// The process that took the lock, by its number, or a program that it started.
    Process(u32),
    /// A process whose number the kernel does not tell.
    Somebody,
}

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock, for which it waits.
    pub(super) fn take(
        path: &Path,
        patience: Duration,
        interrupts: &dyn Interrupts,
    ) -> Result<Self, StoreError> {
        let file = trust::open_lock(path).map_err(|error| unlockable(error, path))?;
        let begin = Instant::now();
        loop {
            if let Some(signal) = interrupts.pending() {
                return Err(StoreError::Interrupted(signal));
            }
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if begin.elapsed() < patience => {
                    thread::sleep(INTERVAL);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked {
                        path: path.to_owned(),
                    });
                }
                Err(TryLockError::Error(source)) => {
                    return Err(StoreError::io("lock", path)(source));
                }
            }
        }
        host::inherited(&file, Inheritance::Passed).map_err(StoreError::io("pass on", path))?;
        Ok(Self { file })
    }

    /// Who holds it, without waiting and without keeping it.
    pub(super) fn holder(path: &Path) -> Result<Holder, StoreError> {
        let file = trust::open(path).map_err(|error| unlockable(error, path))?;
        let Some(file) = file else {
            return Ok(Holder::Nobody);
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(Holder::Nobody),
            Err(TryLockError::WouldBlock) => {
                Ok(host::lock_holder(&file).map_or(Holder::Somebody, Holder::Process))
            }
            Err(TryLockError::Error(source)) => Err(StoreError::io("lock", path)(source)),
        }
    }

    /// Starts something that outlives this process and is not to hold the lock.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub fn without<T>(&self, start: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        host::inherited(&self.file, Inheritance::Kept)?;
        let started = start();
        host::inherited(&self.file, Inheritance::Passed)?;
        started
    }
}

/// Nothing is kept in the lock, so nothing of it is lost.
fn unlockable(error: StoreError, path: &Path) -> StoreError {
    if error.is_damage() {
        StoreError::NoLock {
            path: path.to_owned(),
        }
    } else {
        error
    }
}
