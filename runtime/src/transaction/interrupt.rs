//! Signals: before the first step they end a transaction, later they wait for the end of a phase.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Who knows whether a signal came.
pub trait Interrupts {
    /// The signal that came, if one did.
    fn pending(&self) -> Option<Signal>;
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
#[derive(Debug, Default)]
pub struct Signals {
    caught: Vec<(Signal, Arc<AtomicBool>)>,
}

impl Signals {
    /// Catches signals; none where the system has none.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn catch() -> std::io::Result<Self> {
        let mut signals = Self::default();
        for signal in [Signal::Interrupt, Signal::Terminate, Signal::HangUp] {
            let flag = Arc::new(AtomicBool::new(false));
            register(signal, &flag)?;
            signals.caught.push((signal, flag));
        }
        Ok(signals)
    }
}

impl Interrupts for Signals {
    fn pending(&self) -> Option<Signal> {
        let came = |(signal, flag): &(Signal, Arc<AtomicBool>)| {
            flag.load(Ordering::SeqCst).then_some(*signal)
        };
        self.caught.iter().find_map(came)
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
