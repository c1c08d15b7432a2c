//! Which findings of lint are new.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::diag::{Severity, Style};
use portolan_compiler::english::count;
use portolan_compiler::front::LintConfig;
use portolan_compiler::lint::{self, Finding, Report, SettingsFrom, render};

use super::part::ReviewPart;
use super::sides::Both;
use super::{Read, ReviewArgs};
use crate::commands::shared::Context;
use crate::report::{Clock, Exit, Failure};

/// What a change does to the `LintConfig` of the manifests, by which it is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    None,
    New,
    Gone,
    Changed,
}

impl Edit {
    fn of(old: &[LintConfig], new: &[LintConfig]) -> Self {
        match (old, new) {
            (old, new) if old == new => Self::None,
            ([], _) => Self::New,
            (_, []) => Self::Gone,
            _ => Self::Changed,
        }
    }

    /// What to know of it, in a sentence without a full stop.
    pub(super) fn said(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::New => Some("a LintConfig is new: it decides about nothing yet"),
            Self::Gone => Some("the LintConfig goes: what it said before the change decides still"),
            Self::Changed => {
                Some("the LintConfig is edited: what it said before the change decides")
            }
        }
    }
}

/// What lint finds after a change, and what of it is new.
pub(super) struct Findings {
    /// What is new, and lies in the input at least in part.
    pub(super) new: Report,
    /// Those that are new, and those from before.
    pub(super) all: Report,
    /// How many findings there were before, and are still.
    pub(super) as_before: usize,
    /// How many there were before, and are no more.
    pub(super) gone: usize,
    /// How many more are suppressed by annotations than before.
    pub(super) newly_suppressed: usize,
    /// What the change does to what lint is told.
    pub(super) edit: Edit,
    /// The new ones for people, with colours.
    pub(super) text: String,
    fail_on: Severity,
}

impl Findings {
    /// All of them in a few words.
    pub(super) fn said(&self) -> String {
        let beyond = self.new.left_out.iter().map(|one| one.count);
        let new = self.new.findings.len() + beyond.sum::<usize>();
        let new = match new {
            0 => "No new finding".to_owned(),
            _ => count(new, "new finding"),
        };
        let others = [
            (self.as_before, "as before"),
            (self.gone, "gone"),
            (self.newly_suppressed, "newly suppressed by annotation"),
        ];
        let others = others.iter().filter(|(number, _)| *number > 0);
        others.fold(new, |said, (number, what)| {
            format!("{said}, {number} {what}")
        })
    }

    /// Whether a new finding is severe enough.
    pub(super) fn exit(&self) -> Exit {
        let mut severities = self.new.findings.iter().map(|one| one.diagnostic.severity);
        let beyond = self.new.left_out.iter().map(|one| one.severity);
        if severities.any(|one| one <= self.fail_on)
            || beyond.into_iter().any(|one| one <= self.fail_on)
        {
            Exit::Differs
        } else {
            Exit::Done
        }
    }
}

/// Lints both sides.
pub(super) fn look(
    args: &ReviewArgs,
    sides: &Both,
    read: Read<'_>,
    context: &Context<'_, '_>,
    clock: &Clock,
) -> ReviewPart<Findings> {
    compare(args, sides, read, context, clock).into()
}

fn compare(
    args: &ReviewArgs,
    sides: &Both,
    (input, rejected): Read<'_>,
    context: &Context<'_, '_>,
    clock: &Clock,
) -> Result<Findings, Failure> {
    let options = |settings| {
        let disabled = args.disable.clone();
        lint::Options {
            settings,
            ..args
                .profile
                .mirror()
                .lint_options(args.node.clone(), &args.manifests, disabled)
        }
    };
    let has_old = !sides.old.is_nothing();
    let mut old = lint::lint(&sides.load_old(args)?, &options(SettingsFrom::Input), clock);
    // A change does not decide by what it is judged.
    let before = SettingsFrom::Before(old.configs.clone());
    let mut new = lint::lint(input, &options(before), clock);
    let edit = Edit::of(&old.configs, &new.configs);
    if !has_old {
        old = Report::default();
    }
    if let Some(rejected) = rejected {
        new.add_rejected(rejected);
    }
    let all = new.clone();
    let (fresh, as_before, gone) = apart(&old, &new);
    // Of kinds of which there were more than are told before, nobody knows which are new.
    let sorts: BTreeSet<_> = old.left_out.iter().map(|one| one.sort).collect();
    let mut left_out = std::mem::take(&mut new.left_out);
    left_out.retain(|one| !sorts.contains(&one.sort));
    let new = Report {
        findings: fresh,
        left_out,
        suppressed_left_out: Vec::new(),
        ..new
    };
    Ok(Findings {
        as_before,
        gone,
        newly_suppressed: all.suppressed().saturating_sub(old.suppressed()),
        edit,
        text: render::text(
            &new,
            &input.sources,
            Style::Coloured,
            context.verbosity.alike(),
        ),
        new,
        all,
        fail_on: args.fail_on.into(),
    })
}

/// The findings that are new, how many are as before, and how many are gone. Of an object and a rule as many
/// are new as there are more; those that say what was said before are not among them.
fn apart(old: &Report, new: &Report) -> (Vec<Finding>, usize, usize) {
    let mut before: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for one in old.of_input() {
        let said = before.entry((one.kind, one.diagnostic.object.as_deref()));
        said.or_default().push(&one.diagnostic.message);
    }
    let mut unlike = Vec::new();
    let mut as_before = 0;
    for one in new.of_input() {
        let said = before.get_mut(&(one.kind, one.diagnostic.object.as_deref()));
        let same = said.and_then(|said| {
            let at = said
                .iter()
                .position(|said| *said == one.diagnostic.message)?;
            Some(said.swap_remove(at))
        });
        match same {
            Some(_) => as_before += 1,
            None => unlike.push(one),
        }
    }
    unlike.retain(|one| {
        let said = before.get_mut(&(one.kind, one.diagnostic.object.as_deref()));
        let other_words = said.and_then(Vec::pop).is_some();
        as_before += usize::from(other_words);
        !other_words
    });
    let gone = before.values().map(Vec::len).sum();
    (unlike.into_iter().cloned().collect(), as_before, gone)
}
