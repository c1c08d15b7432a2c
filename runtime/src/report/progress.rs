//! How long the phases of a run take, and a line on the terminal when that is noticeable.

use std::fmt::Write as _;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use portolan_compiler::compile::{Observer, Phase};

use super::{Device, Output, Verbosity};

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the line is drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// Back to the first column, and clear the line.
const CLEAR: &str = "\r\x1b[K";

/// Measures the phases of a run.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    timeline: Mutex<Timeline>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Timeline {
    phases: Vec<(&'static str, Instant)>,
    over: Vec<(&'static str, Duration)>,
    idle: bool,
}

/// Whether a line may be drawn while work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProgressLine {
    /// It may, where stderr is a terminal.
    Drawn,
    /// It may not.
    Hidden,
}

impl ProgressLine {
    /// What suits these streams: no line on a terminal where results appear too, nor for those who
    /// asked for silence.
    pub(crate) fn suited(verbosity: Verbosity, results: Device) -> Self {
        match (verbosity, results) {
            (Verbosity::Quiet, _) | (_, Device::Terminal) => Self::Hidden,
            _ => Self::Drawn,
        }
    }
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            start: Instant::now(),
            timeline: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    /// Begins a phase of the command's own.
    pub(crate) fn begin_phase(&self, name: &'static str) {
        let mut timeline = self.timeline();
        timeline.end();
        timeline.phases.push((name, Instant::now()));
    }

    /// Does some work, and meanwhile draws a line on the terminal if it takes long.
    pub(crate) fn watch<T>(
        &self,
        stderr: &mut Output<'_>,
        line: ProgressLine,
        work: impl FnOnce() -> T,
    ) -> T {
        self.timeline().idle = false;
        let result = match (stderr.device(), line) {
            (Device::Terminal, ProgressLine::Drawn) => thread::scope(|scope| {
                scope.spawn(|| self.draw(stderr));
                // Ends the thread even if the work panics: the scope waits for it.
                let _guard = EndOnDrop(self);
                work()
            }),
            _ => work(),
        };
        self.timeline().end();
        result
    }

    /// How long each phase took.
    pub(crate) fn report(&self) -> String {
        let mut text = String::new();
        for (name, time) in &self.timeline().over {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<12}{:>8.3} s", time.as_secs_f64());
        }
        let _ = writeln!(
            text,
            "{:<12}{:>8.3} s",
            "in all",
            self.start.elapsed().as_secs_f64()
        );
        text
    }

    fn draw(&self, stderr: &mut Output<'_>) {
        let mut timeline = self.timeline();
        let mut wait = PATIENCE;
        let mut drawn = false;
        loop {
            let waited = self
                .ended
                .wait_timeout_while(timeline, wait, |timeline| !timeline.idle);
            timeline = waited.unwrap_or_else(PoisonError::into_inner).0;
            if timeline.idle {
                break;
            }
            let phase = timeline.phases.last().map_or("", |(name, _)| name);
            let seconds = self.start.elapsed().as_secs_f64();
            stderr.draw(&format!("{CLEAR}{phase} ... {seconds:.1} s"));
            drawn = true;
            wait = TICK;
        }
        if drawn {
            stderr.draw(CLEAR);
        }
    }

    fn timeline(&self) -> MutexGuard<'_, Timeline> {
        // The timeline is whole after each statement, so a panic elsewhere does not harm it.
        self.timeline.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Clock {
    fn begin(&self, phase: Phase) {
        self.begin_phase(match phase {
            Phase::Read => "read",
            Phase::Model => "model",
            Phase::Lower => "lower",
            Phase::Emit => "emit",
        });
    }
}

impl Timeline {
    fn end(&mut self) {
        if let Some((name, since)) = self.phases.pop() {
            self.over.push((name, since.elapsed()));
        }
    }
}

struct EndOnDrop<'a>(&'a Clock);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.timeline().idle = true;
        self.0.ended.notify_all();
    }
}
