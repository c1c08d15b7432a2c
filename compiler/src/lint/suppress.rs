//! Findings that somebody has looked at and accepts, by annotation:
//!
//! ```text
//! portolan.dev/ignore: "PTL011=advertised by the router; PTL015=health checks are ours"
//! ```
//!
//! Rules with their reasons, separated by `;`. What has no reason does not count.

use std::collections::BTreeMap;

use super::RuleId;
use crate::diag::{Code, Finding, Findings, Place};
use crate::source::{FieldPath, ObjectId};

/// The annotation by which an object suppresses findings of rules, with reasons.
pub const ANNOTATION: &str = "portolan.dev/ignore";

/// All suppressions of the input.
#[derive(Debug, Default)]
pub(super) struct Suppressions {
    list: BTreeMap<(ObjectId, RuleId), Suppression>,
}

#[derive(Debug)]
struct Suppression {
    reason: String,
    used: Used,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    Yes,
    Not,
    /// By a finding that compile refuses the input for.
    InVain,
}

impl Suppressions {
    /// Reads the annotations; what does not count is reported.
    pub(super) fn read<'a>(
        annotated: impl Iterator<Item = (ObjectId, &'a BTreeMap<String, String>)>,
        findings: &mut Findings,
    ) -> Self {
        let mut list = BTreeMap::new();
        for (object, annotations) in annotated {
            let Some(text) = annotations.get(ANNOTATION) else {
                continue;
            };
            for entry in text
                .split(';')
                .map(str::trim)
                .filter(|entry| !entry.is_empty())
            {
                match parse(entry) {
                    Ok((rule, reason)) => {
                        let suppression = Suppression {
                            reason: reason.to_owned(),
                            used: Used::Not,
                        };
                        list.insert((object, rule), suppression);
                    }
                    Err(error) => findings.push(
                        Finding::warning(
                            Code::Suppression,
                            place(object),
                            format!("{entry:?} suppresses nothing: {error}"),
                        )
                        .help("write it as PTL011=why that is fine here; PTL015=why that is too"),
                    ),
                }
            }
        }
        Self { list }
    }

    /// Why a finding of this rule is accepted, if it is at one of these objects.
    pub(super) fn reason(
        &mut self,
        rule: RuleId,
        objects: impl IntoIterator<Item = ObjectId>,
    ) -> Option<String> {
        let object = objects
            .into_iter()
            .find(|object| self.list.contains_key(&(*object, rule)))?;
        let suppression = self.list.get_mut(&(object, rule))?;
        suppression.used = Used::Yes;
        Some(suppression.reason.clone())
    }

    /// Notes that compile refuses the input for a finding of this rule, whatever an annotation says.
    pub(super) fn refuse(&mut self, rule: RuleId, objects: impl IntoIterator<Item = ObjectId>) {
        for object in objects {
            if let Some(suppression) = self.list.get_mut(&(object, rule)) {
                suppression.used = Used::InVain;
            }
        }
    }

    /// Reports what no finding needed, as far as its rule was checked, and what does not help.
    pub(super) fn report_unused(&self, checked: impl Fn(RuleId) -> bool, findings: &mut Findings) {
        for ((object, rule), suppression) in &self.list {
            let finding = match suppression.used {
                Used::Yes => continue,
                Used::Not if !checked(*rule) => continue,
                Used::Not => Finding::info(
                    Code::Suppression,
                    place(*object),
                    format!("{rule} is suppressed here, and there is nothing to suppress"),
                ),
                Used::InVain => Finding::warning(
                    Code::Suppression,
                    place(*object),
                    format!("{rule} cannot be suppressed here: compile refuses the input for it"),
                ),
            };
            findings.push(finding.help("remove it from the annotation"));
        }
    }
}

fn place(object: ObjectId) -> Place {
    let annotations = FieldPath::root().key("metadata").key("annotations");
    Place::Field(object, annotations.key(ANNOTATION))
}

/// Why an entry does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum EntryError {
    #[error("it has no reason")]
    NoReason,
    #[error("it names no rule of the catalogue")]
    NoRule,
}

fn parse(entry: &str) -> Result<(RuleId, &str), EntryError> {
    let (rule, reason) = entry.split_once('=').unwrap_or((entry, ""));
    let rule = rule.trim().parse().map_err(|_| EntryError::NoRule)?;
    match reason.trim() {
        "" => Err(EntryError::NoReason),
        reason => Ok((rule, reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_a_rule_and_a_reason() {
        for (entry, expected) in [
            ("PTL011=ours", Ok((RuleId::Ptl011, "ours"))),
            ("PTL011 = see a=b ", Ok((RuleId::Ptl011, "see a=b"))),
            ("PTL011", Err(EntryError::NoReason)),
            ("PTL011=", Err(EntryError::NoReason)),
            ("PTL999=ours", Err(EntryError::NoRule)),
            ("all=ours", Err(EntryError::NoRule)),
        ] {
            assert_eq!(parse(entry), expected, "{entry}");
        }
    }
}
