//! PTL040, the part that still parses: YAML that other readers take for something else.

use super::super::subject::Subject;
use crate::diag::{Code, Finding, Findings, Place};
use crate::front::{self, Ambiguity};
use crate::source::ObjectKind;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    front::ambiguities(
        subject.sources,
        subject.objects,
        &mut |object, path, what| {
            // Only portolan reads its own kinds, and workloads are no subject of its.
            let kind = subject.objects.name(object).kind;
            if matches!(
                kind,
                ObjectKind::LintConfig
                    | ObjectKind::NodeFacts
                    | ObjectKind::Pod
                    | ObjectKind::DaemonSet
                    | ObjectKind::Workload(_)
                    | ObjectKind::Installer(_)
            ) {
                return;
            }
            let (message, help) = match what {
                Ambiguity::Boolean(text) => (
                    format!("{text} is a boolean to readers of YAML 1.1, and text to others"),
                    "write true or false; where text is meant, put it in quotes",
                ),
                Ambiguity::Octal(text) => (
                    format!("{text} is octal to some readers, and decimal or text to others"),
                    "write the number that is meant without zeros before it; where text is meant, put it in quotes",
                ),
                Ambiguity::Alias => (
                    "an alias stands for text that is written elsewhere".to_owned(),
                    "write it out: a reviewer of a change sees only what changes here",
                ),
            };
            let place = Place::Field(object, path);
            let finding = match what {
                // Readers agree on it; people may not.
                Ambiguity::Alias => Finding::warning(Code::YamlAmbiguous, place, message),
                _ => Finding::error(Code::YamlAmbiguous, place, message),
            };
            findings.push(finding.help(help));
        },
    );
}
