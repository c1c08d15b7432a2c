//! Signals: before the first step they end a transaction, later they wait for the end of a phase.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use crate::report::Exit;

/// A signal that asks to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// From the keyboard.
    Interrupt,
    /// From whoever manages the process.
    Terminate,
    /// The terminal went away.
    HangUp,
}

impl Signal {
    const ALL: [Self; 3] = [Self::Interrupt, Self::Terminate, Self::HangUp];

    /// How a run ends that it ended.
    pub fn exit(self) -> Exit {
        match self {
            Self::Interrupt => Exit::Interrupted,
            Self::Terminate | Self::HangUp => Exit::Terminated,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::HangUp => "SIGHUP",
        })
    }
}

/// When a signal is followed that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heed {
    /// At once, also by programs that only read: nothing was touched.
    AtOnce,
    /// At the next boundary of a phase. Programs are left to their work, and ended where they do not
    /// come to its end.
    AtBoundaries,
}

/// Who knows whether a signal came.
pub trait Interrupts {
    /// The signal that came, if one did.
    fn pending(&self) -> Option<Signal>;

    /// Decides when signals are followed from now on.
    fn heed(&self, _: Heed) {}
}

/// No signal ever comes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Never;

impl Interrupts for Never {
    fn pending(&self) -> Option<Signal> {
        None
    }
}

/// The signals of this process, from now on.
#[derive(Debug)]
pub struct Signals(());

/// What came; a signal belongs to the whole process, so whoever waits for a program looks here too.
static CAME: LazyLock<[(Signal, Arc<AtomicBool>); 3]> =
    LazyLock::new(|| Signal::ALL.map(|signal| (signal, Arc::default())));

static AT_BOUNDARIES: AtomicBool = AtomicBool::new(false);

impl Signals {
    /// Catches signals; none where the system has none.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn catch() -> std::io::Result<Self> {
        for (signal, flag) in &*CAME {
            register(*signal, flag)?;
        }
        Ok(Self(()))
    }
}

impl Interrupts for Signals {
    fn pending(&self) -> Option<Signal> {
        came()
    }

    fn heed(&self, when: Heed) {
        AT_BOUNDARIES.store(when == Heed::AtBoundaries, Ordering::SeqCst);
    }
}

/// The signal that came, if one was caught.
pub(super) fn came() -> Option<Signal> {
    let mut all = CAME.iter();
    let found = all.find(|(_, flag)| flag.load(Ordering::SeqCst));
    found.map(|(signal, _)| *signal)
}

/// When it is followed.
#[cfg(target_os = "linux")]
pub(super) fn heed() -> Heed {
    if AT_BOUNDARIES.load(Ordering::SeqCst) {
        Heed::AtBoundaries
    } else {
        Heed::AtOnce
    }
}

#[cfg(target_os = "linux")]
fn register(signal: Signal, flag: &Arc<AtomicBool>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let number = match signal {
        Signal::Interrupt => SIGINT,
        Signal::Terminate => SIGTERM,
        Signal::HangUp => SIGHUP,
    };
    signal_hook::flag::register(number, Arc::clone(flag)).map(drop)
}

#[cfg(not(target_os = "linux"))]
fn register(_: Signal, _: &Arc<AtomicBool>) -> std::io::Result<()> {
    Ok(())
}
