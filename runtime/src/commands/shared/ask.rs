//! Whoever is at a terminal is shown what will happen to a node, and asked.
//!
//! Whether somebody is there is what standard input says, and nothing else: neither where the other streams
//! lead nor who reads the result changes who is asked.

use std::fmt;
use std::io::{self, Write};

use clap::Args;
use portolan_compiler::plan::render::Page;

use super::planning::print;
use super::session::{Narrator, Session};
use crate::host::{Holds, Terminal};
use crate::report::{Device, Exit, Explain, Failure, Look, Output};
use crate::transaction::TransactionError;

/// Whether a change is asked about.
#[derive(Debug, Args)]
pub(in crate::commands) struct ConsentArgs {
    /// Do not ask: this is meant. Needed wherever nobody sits at a terminal
    #[arg(short, long, help_heading = "Safety")]
    yes: bool,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Question {
    Apply,
    /// To this generation.
    RollBack(u64),
    CleanUp,
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply => f.write_str("Apply this?"),
            Self::RollBack(number) => write!(f, "Roll back to generation {number}?"),
            Self::CleanUp => f.write_str("Remove all this?"),
        }
    }
}

impl Question {
    fn way_out(self) -> &'static str {
        match self {
            Self::Apply => {
                "pass --yes, or write the plan with `portolan plan --out plan.json`, look at it, and \
                 apply that: what was reviewed is not asked about"
            }
            Self::RollBack(_) | Self::CleanUp => "look at it with --plan, and pass --yes",
        }
    }
}

impl ConsentArgs {
    /// Asks whether a plan is to be carried out that was made on what the node holds. What has no steps is
    /// not asked about.
    ///
    /// # Errors
    /// Where it is not to be, or nobody can be asked; nothing was touched.
    pub(in crate::commands) fn obtain(
        &self,
        question: Question,
        (page, holds): (&Page<'_>, &Holds),
        session: &Session,
        narrator: &mut Narrator<'_, '_, '_>,
    ) -> Result<(), Failure> {
        if self.yes || page.plan.is_empty() {
            return Ok(());
        }
        let streams = &mut *narrator.context.streams;
        if streams.stdin_device != Device::Terminal {
            return Err(AskError::Nobody(question).into());
        }
        let look = match streams.stderr.device() {
            Device::Terminal => streams.stderr.look(),
            Device::Other => Look::Plain,
        };
        let text = format!(
            "{}\n{question} Only yes is taken for yes: ",
            print::human(page)
        );
        let mut shown = Vec::new();
        Output::new(&mut shown, look, Device::Terminal).styled(&text);
        // A terminal that cannot be written to cannot be read from either, which is told.
        let mut say = |terminal: &mut dyn Write| drop(terminal.write_all(&shown));
        let answer = Terminal::open()
            .and_then(|mut terminal| terminal.answer(&mut say, &|| session.signal().is_some()))
            .map_err(|source| AskError::Terminal { question, source })?;
        if let Some(signal) = session.signal() {
            return Err(TransactionError::Interrupted(signal).into());
        }
        if answer.is_none_or(|answer| answer.trim() != "yes") {
            return Err(AskError::Declined.into());
        }
        // However long that took, what is done is what was shown.
        if session.holds()?.observed.digest() != holds.observed.digest() {
            return Err(AskError::Changed.into());
        }
        Ok(())
    }
}

/// Why a change is not made; nothing was touched.
#[derive(Debug, thiserror::Error)]
enum AskError {
    /// It would have to be asked about.
    #[error("this changes the node, and nobody can be asked: standard input is no terminal")]
    Nobody(Question),
    /// The terminal went away, or is none.
    #[error("this changes the node, and nobody can be asked")]
    Terminal {
        question: Question,
        #[source]
        source: io::Error,
    },
    /// Somebody said no.
    #[error("nothing was changed: the answer was not yes")]
    Declined,
    /// Somebody else was quicker.
    #[error("the node changed while the question waited for its answer; nothing was touched")]
    Changed,
}

impl Explain for AskError {
    fn exit(&self) -> Exit {
        match self {
            Self::Nobody(_) | Self::Terminal { .. } => Exit::Usage,
            Self::Declined => Exit::Interrupted,
            Self::Changed => Exit::Stale,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Nobody(question) | Self::Terminal { question, .. } => {
                Some(question.way_out().to_owned())
            }
            Self::Declined => None,
            Self::Changed => Some("run it again, and look at what is shown then".to_owned()),
        }
    }
}
