//! What a rule of the catalogue is.

use std::fmt;
use std::str::FromStr;

use crate::diag::Severity;

/// What is known of a rule. [`super::RuleId::entry`] has it.
#[derive(Debug, Clone, Copy)]
pub struct RuleEntry {
    /// Its id, such as `PTL011`; it never changes.
    pub id: &'static str,
    /// How much its findings matter where nothing else is said.
    pub severity: Severity,
    /// What it finds, in a few words.
    pub title: &'static str,
    /// What exactly it finds, why that matters and what to do.
    pub explanation: &'static str,
    /// Where it comes from: a CVE, a kube-proxy issue, a measurement. Empty where reason suffices.
    pub source: &'static str,
    /// Who checks it.
    pub checked: Checked,
}

/// Who checks a rule.
#[derive(Debug, Clone, Copy)]
pub enum Checked {
    /// `portolan lint` does, on what was read.
    Here {
        /// What the input must have for it.
        needs: &'static [Need],
        /// A manifest that triggers it, and one that does not.
        examples: Examples,
    },
    /// Manifests do not show it; who finds it, and how.
    Elsewhere(&'static str),
}

/// Two small manifests, tested as they stand.
#[derive(Debug, Clone, Copy)]
pub struct Examples {
    /// The rule has a finding here.
    pub triggers: &'static str,
    /// The rule has no finding here.
    pub passes: &'static str,
}

closed_set! {
    /// What a rule needs to know that not every input has, with what is wrong where it is missing; in the
    /// order in which they are told.
    pub enum Need {
        /// A Node or `NodeFacts`.
        Node = "the input has no Node or NodeFacts",
        /// A kube-proxy configuration, of any of the kinds that hold one.
        Configuration = "the input has no kube-proxy configuration",
        /// An `EndpointSlice` or Endpoints: Git often has none.
        Endpoints = "the input has no EndpointSlice or Endpoints",
        /// Everything that was passed, readable: the rule concludes from what is missing.
        Whole = "part of the input could not be read",
    }
}

/// Text that is no rule of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRule;

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no rule of the catalogue")?;
        match super::RuleId::ALL {
            [first, .., last] => write!(f, ", which is {} to {}", first.as_str(), last.as_str()),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for UnknownRule {}

impl FromStr for super::RuleId {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        Self::ALL
            .iter()
            .copied()
            .find(|rule| rule.as_str() == text)
            .ok_or(UnknownRule)
    }
}

impl super::RuleId {
    /// The number by which people name it: `PTL011`.
    pub fn as_str(self) -> &'static str {
        self.entry().id
    }

    /// What the input must have for it; nothing too for a rule that is checked elsewhere.
    pub fn needs(self) -> &'static [Need] {
        match self.entry().checked {
            Checked::Here { needs, .. } => needs,
            Checked::Elsewhere(_) => &[],
        }
    }

    /// Whether lint is who checks it.
    pub fn is_checked_here(self) -> bool {
        matches!(self.entry().checked, Checked::Here { .. })
    }
}

impl fmt::Display for super::RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
