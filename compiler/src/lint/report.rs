//! From what was found to what is reported: rules, severities, suppressions, fingerprints.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{Meaning, is_for_information, meaning};
use super::finding::{Filtered, Finding, FindingKind, LiesIn, Report, Unchecked};
use super::index::Index;
use super::scope::Scope;
use super::subject::Subject;
use super::suppress::Suppressions;
use super::{Need, RuleId};
use crate::bundle::Digest;
use crate::compile::Summary;
use crate::diag::{self, Code, Findings, LeftOut, Place, Severity};
use crate::front::lint_config::Level;
use crate::model::filter::{Filter, Shown};
use crate::source::{ObjectId, Role};

/// What decides on what is reported.
pub(super) struct Assembly<'a, M> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) disabled: &'a [RuleId],
    /// Whose findings are told, and what that leaves of the Services.
    pub(super) filter: &'a Filter,
    pub(super) shown: Option<Shown>,
    /// Whether the input has what a rule needs.
    pub(super) met: M,
    pub(super) summary: Summary,
    pub(super) mirrors: String,
}

/// A finding on its way into the report.
struct Candidate {
    kind: FindingKind,
    severity: Severity,
    suppressed: Option<String>,
    lies_in: LiesIn,
    finding: diag::Finding,
}

impl<M: Fn(Need) -> bool> Assembly<'_, M> {
    pub(super) fn report(self, compiled: Findings, mut ruled: Findings) -> Report {
        let Subject {
            own,
            base,
            objects,
            sources,
            ..
        } = *self.subject;
        let index = Index::new([own, base], objects);
        let mut suppressions = Suppressions::read(index.annotated(), &mut ruled);

        let scope = Scope {
            filter: self.filter,
            index: &index,
            objects,
        };
        let refused = compiled.iter().filter(|finding| {
            finding.severity == Severity::Error
                && scope.has(finding)
                && kind(finding.code).is_some()
                && self.lies_in(finding) == LiesIn::Base
        });
        let refused_in_base = refused.collect::<BTreeSet<_>>().len();
        let mut candidates: Vec<Candidate> = Vec::new();
        for finding in compiled {
            candidates.extend(self.compiled(finding, &index, &mut suppressions));
        }
        for finding in ruled {
            let severity = finding.severity;
            candidates.extend(self.candidate(finding, severity, &index, &mut suppressions));
        }
        let mut unused = Findings::default();
        // What could not be read may be what would have been suppressed.
        let whole = (self.met)(Need::Whole);
        suppressions.report_unused(|rule| whole && self.is_checked(rule), &mut unused);
        for finding in unused {
            let severity = finding.severity;
            candidates.extend(self.candidate(finding, severity, &index, &mut suppressions));
        }

        candidates.sort_by(|one, other| one.finding.cmp_place(&other.finding));
        candidates.dedup_by(|one, other| one.finding == other.finding);
        // Text that is read as something else is refused where it stands; that readers differ on
        // it goes without saying.
        candidates.dedup_by(|later, one| {
            one.finding.place == later.finding.place
                && one.finding.code == Code::WrongType
                && later.finding.code == Code::YamlAmbiguous
        });
        let mut candidates: Vec<(Candidate, Digest)> = {
            let fingerprints = fingerprints(&candidates, &index);
            candidates.into_iter().zip(fingerprints).collect()
        };
        let others = candidates.extract_if(.., |(candidate, _)| !scope.has(&candidate.finding));
        let others = others.filter(|(candidate, _)| candidate.suppressed.is_none());
        let others: Vec<Severity> = others.map(|(candidate, _)| candidate.severity).collect();
        let errors = others.iter().filter(|one| **one == Severity::Error);
        let filtered = self.shown.clone().map(|shown| Filtered {
            shown,
            errors: errors.count(),
            findings: others.len(),
        });
        let (suppressed_left_out, left_out) = bound(&mut candidates);
        let resolved = diag::resolve(
            candidates.iter().map(|(candidate, _)| &candidate.finding),
            sources,
            objects,
        );
        let mut findings: Vec<Finding> = candidates
            .into_iter()
            .zip(resolved)
            .map(|((candidate, fingerprint), mut diagnostic)| {
                diagnostic.severity = candidate.severity;
                let end = diagnostic
                    .location
                    .as_ref()
                    .map(|at| sources.line_column(at.span.source, at.span.end));
                Finding {
                    kind: candidate.kind,
                    end,
                    diagnostic,
                    fingerprint,
                    suppressed: candidate.suppressed,
                    lies_in: candidate.lies_in,
                }
            })
            .collect();
        findings.sort_by(|one, other| {
            diag::order(&one.diagnostic).cmp(&diag::order(&other.diagnostic))
        });
        Report {
            findings,
            left_out,
            suppressed_left_out,
            refused_in_base,
            filtered,
            unchecked: RuleId::ALL
                .iter()
                .filter_map(|rule| self.unchecked(*rule))
                .collect(),
            summary: self.summary,
            mirrors: self.mirrors,
            configs: own
                .lint
                .iter()
                .map(|config| (*config.value).clone())
                .collect(),
        }
    }

    /// A finding of compile's: what compile refuses is an error here too, and nothing changes that.
    fn compiled(
        &self,
        finding: diag::Finding,
        index: &Index<'_>,
        suppressions: &mut Suppressions,
    ) -> Option<Candidate> {
        let kind = kind(finding.code)?;
        if finding.severity == Severity::Error {
            if let FindingKind::Rule(rule) = kind {
                suppressions.refuse(rule, objects(&finding, index));
            }
            return Some(Candidate {
                kind,
                severity: Severity::Error,
                suppressed: None,
                lies_in: self.lies_in(&finding),
                finding,
            });
        }
        let severity = match kind {
            FindingKind::Rule(rule) => rule.entry().severity,
            FindingKind::Other(code) if is_for_information(code) => Severity::Info,
            FindingKind::Other(_) => finding.severity,
        };
        self.candidate(finding, severity, index, suppressions)
    }

    fn candidate(
        &self,
        finding: diag::Finding,
        severity: Severity,
        index: &Index<'_>,
        suppressions: &mut Suppressions,
    ) -> Option<Candidate> {
        let kind = kind(finding.code)?;
        let FindingKind::Rule(rule) = kind else {
            return Some(Candidate {
                kind,
                severity,
                suppressed: None,
                lies_in: self.lies_in(&finding),
                finding,
            });
        };
        if !self.is_checked(rule) {
            return None;
        }
        let severity = match self.subject.settings.levels.get(&rule) {
            Some(Level::Error) => Severity::Error,
            Some(Level::Warning) => Severity::Warning,
            Some(Level::Info) => Severity::Info,
            Some(Level::Off) | None => severity,
        };
        let suppressed = suppressions.reason(rule, objects(&finding, index));
        Some(Candidate {
            kind,
            severity,
            suppressed,
            lies_in: self.lies_in(&finding),
            finding,
        })
    }

    /// A finding lies in the base where all its places do.
    fn lies_in(&self, finding: &diag::Finding) -> LiesIn {
        let Subject {
            objects, sources, ..
        } = *self.subject;
        let in_base = |place: &Place| {
            let source = match place {
                Place::Nowhere => return false,
                Place::Span(span) => span.source,
                Place::Field(object, _) => objects.document(*object).span.source,
            };
            sources.get(source).role == Role::Base
        };
        let also = finding.also.iter().map(|(place, _)| place);
        if std::iter::once(&finding.place).chain(also).all(in_base) {
            LiesIn::Base
        } else {
            LiesIn::Input
        }
    }

    fn is_checked(&self, rule: RuleId) -> bool {
        rule.is_checked_here() && self.unchecked(rule).is_none()
    }

    /// Why a rule that lint checks was not checked.
    fn unchecked(&self, rule: RuleId) -> Option<Unchecked> {
        if !rule.is_checked_here() {
            return None;
        }
        let off = self.subject.settings.levels.get(&rule) == Some(&Level::Off);
        if off || self.disabled.contains(&rule) {
            return Some(Unchecked { rule, need: None });
        }
        let unmet = rule.needs().iter().find(|need| !(self.met)(**need));
        unmet.map(|need| Unchecked {
            rule,
            need: Some(*need),
        })
    }
}

/// Keeps as many candidates of a sort as are told; counts the others, those that are suppressed apart.
fn bound(
    candidates: &mut Vec<(Candidate, Digest)>,
) -> (Vec<LeftOut<FindingKind>>, Vec<LeftOut<FindingKind>>) {
    let beyond = diag::bound::bound(candidates, |(candidate, _)| {
        // What lies in the base must not push out what counts.
        let sort = (
            candidate.kind,
            candidate.suppressed.is_some(),
            candidate.lies_in,
        );
        (candidate.severity, sort)
    });
    let of = |suppressed: bool| {
        let alike = beyond.iter().filter(|one| one.sort.1 == suppressed);
        let counts = alike.map(|one| LeftOut {
            severity: one.severity,
            sort: one.sort.0,
            count: one.count,
        });
        counts.collect()
    };
    (of(true), of(false))
}

/// The object that a finding is about, and the Service that belongs to.
fn objects(finding: &diag::Finding, index: &Index<'_>) -> impl Iterator<Item = ObjectId> {
    let object = match &finding.place {
        Place::Field(object, _) => Some(*object),
        Place::Nowhere | Place::Span(_) => None,
    };
    let owner = object.and_then(|object| index.owner(object));
    object.into_iter().chain(owner)
}

fn kind(code: Code) -> Option<FindingKind> {
    match meaning(code) {
        Meaning::Rule(rule) => Some(FindingKind::Rule(rule)),
        Meaning::Itself => Some(FindingKind::Other(code)),
        Meaning::Nothing => None,
    }
}

/// Of what each finding is about; of several that are about the same, the order of their messages
/// tells them apart.
fn fingerprints(candidates: &[Candidate], index: &Index<'_>) -> Vec<Digest> {
    let key = |candidate: &Candidate| {
        let [kind, namespace, name, port] = index.subject(&candidate.finding.place);
        let id = candidate.kind.id();
        format!("portolan-lint 1\n{id}\n{kind}\n{namespace}\n{name}\n{port}\n")
    };
    let mut order: Vec<(String, &str, usize)> = candidates
        .iter()
        .enumerate()
        .map(|(at, candidate)| (key(candidate), candidate.finding.message.as_str(), at))
        .collect();
    order.sort_unstable();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut fingerprints: Vec<Option<Digest>> = vec![None; candidates.len()];
    for (key, _, at) in &order {
        let number = seen.entry(key).or_default();
        *number += 1;
        fingerprints[*at] = Some(match number {
            1 => Digest::of(key.as_bytes()),
            _ => Digest::of(format!("{key}{number}\n").as_bytes()),
        });
    }
    fingerprints.into_iter().flatten().collect()
}
