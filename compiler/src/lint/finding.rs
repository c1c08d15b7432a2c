//! What lint reports.

use std::fmt;

use super::{Need, RuleId};
use crate::bundle::Digest;
use crate::compile::Summary;
use crate::diag::{self, Code, Diagnostic, LeftOut, Severity};
use crate::english::{agree, count};
use crate::front::LintConfig;
use crate::model::filter::Shown;
use crate::source::LineColumn;

/// One finding of lint, with everything a renderer needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it belongs to.
    pub kind: FindingKind,
    /// What is wrong, where, and what to do. Its severity is the one that counts here.
    pub diagnostic: Diagnostic,
    /// Where its text ends, where it is about text.
    pub end: Option<LineColumn>,
    /// Stays the same while rule, object and port do, wherever they stand: `sha256:` of these. Of
    /// several findings alike each has its own.
    pub fingerprint: Digest,
    /// Why somebody accepts it.
    pub suppressed: Option<String>,
    /// Whose it is.
    pub lies_in: LiesIn,
}

/// Where what a finding is about stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiesIn {
    /// In the input, at least in part, or nowhere.
    Input,
    /// In the base alone: whoever changes the input can do nothing about it.
    Base,
}

/// What a finding belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A rule of the catalogue.
    Rule(RuleId),
    /// None: something that compile reports too, such as text that is no YAML.
    Other(Code),
}

impl FindingKind {
    /// The rule's id, or the code.
    pub fn id(self) -> &'static str {
        match self {
            Self::Rule(rule) => rule.as_str(),
            Self::Other(code) => code.as_str(),
        }
    }
}

/// A rule that lint did not check, for want of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchecked {
    /// Which rule was not checked.
    pub rule: RuleId,
    /// What is missing; `None` where the rule was switched off.
    pub need: Option<Need>,
}

/// What a filter left of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// The Services that are told about.
    pub shown: Shown,
    /// How many findings that count are about others.
    pub findings: usize,
    /// How many of them are errors.
    pub errors: usize,
}

impl fmt::Display for Filtered {
    /// `12 of 40 Services are shown, those in namespace shop; 3 findings about others are left out, 1 of
    /// them an error`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            shown,
            findings,
            errors,
        } = self;
        if *findings == 0 {
            return write!(f, "{shown}; no finding is about others");
        }
        let are = agree(*findings, "is", "are");
        let left_out = count(*findings, "finding");
        write!(f, "{shown}; {left_out} about others {are} left out")?;
        match errors {
            0 => Ok(()),
            _ if errors == findings => {
                write!(f, ", {}", agree(*errors, "an error", "all of them errors"))
            }
            _ => {
                let what = agree(*errors, "an error", "errors");
                write!(f, ", {errors} of them {what}")
            }
        }
    }
}

/// What lint found in an input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The findings: errors first, then by place. Those that are suppressed are among them. Of those
    /// alike they are the first [`diag::MOST_ALIKE`].
    pub findings: Vec<Finding>,
    /// Findings beyond, counted.
    pub left_out: Vec<LeftOut<FindingKind>>,
    /// Suppressed ones beyond, counted.
    pub suppressed_left_out: Vec<LeftOut<FindingKind>>,
    /// How many findings lie in the base alone and are what compile refuses.
    pub refused_in_base: usize,
    /// Rules that lint checks and this time did not, in order.
    pub unchecked: Vec<Unchecked>,
    /// What was read.
    pub summary: Summary,
    /// What a filter left of it; `None` where nothing was filtered.
    pub filtered: Option<Filtered>,
    /// Which kube-proxy was mirrored and what says so: a line for people.
    pub mirrors: String,
    /// Each `LintConfig` of the input, whether it decided or not.
    pub configs: Vec<LintConfig>,
}

impl Report {
    /// The findings that count.
    pub fn active(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none())
    }

    /// The findings that are the input's to answer for.
    pub fn of_input(&self) -> impl Iterator<Item = &Finding> {
        self.active()
            .filter(|finding| finding.lies_in == LiesIn::Input)
    }

    /// How many findings that count lie in the base alone.
    pub fn of_base(&self) -> usize {
        self.active().count() - self.of_input().count()
    }

    /// How many findings that count have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        let told = self.active();
        let told = told.filter(|finding| finding.diagnostic.severity == severity);
        told.count() + diag::bound::count(&self.left_out, severity)
    }

    /// How many findings are suppressed.
    pub fn suppressed(&self) -> usize {
        let beyond = self.suppressed_left_out.iter().map(|one| one.count);
        self.findings.len() - self.active().count() + beyond.sum::<usize>()
    }

    /// Puts findings about inputs that could not even be read as text before the others.
    pub fn add_rejected(&mut self, rejected: &diag::Report) {
        let beyond = rejected.left_out.iter().map(|one| LeftOut {
            severity: one.severity,
            sort: FindingKind::Other(one.sort),
            count: one.count,
        });
        self.left_out.splice(0..0, beyond);
        let rejected = rejected.diagnostics.iter().map(|diagnostic| Finding {
            kind: FindingKind::Other(diagnostic.code),
            fingerprint: Digest::of(
                format!("{}\n{}", diagnostic.code, diagnostic.message).as_bytes(),
            ),
            diagnostic: diagnostic.clone(),
            end: None,
            suppressed: None,
            lies_in: LiesIn::Input,
        });
        self.findings.splice(0..0, rejected);
    }
}
