use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use serde::Serialize;

use super::shared::profile::ModeArg;
use crate::commands::shared::Context;
use crate::doctor::{self, Finding, FindingId, Severity};
use crate::host;
use crate::report::{Exit, Failure};
use portolan_compiler::escape::{self, visible};

/// Say what is wrong with this machine, and what to do
///
/// Looks at capabilities, kernel modules, programs and their releases, both variants of iptables, a
/// running kube-proxy, and what its other modes left behind. Changes nothing. Sees most as root.
///
/// Only what the proxy mode needs has to be there.
///
/// The exit code is 1 where there is an error or a warning, and 0 where all is well.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The proxy mode that the node is to serve in
    #[arg(long, value_name = "MODE", value_enum, default_value_t = ModeArg::Ipvs)]
    mode: ModeArg,

    /// How to print the findings
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    output: Format,
}

/// A form that findings are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[value(help = "For people")]
    Text,
    /// For programs.
    #[value(help = "For programs")]
    Json,
}

pub(crate) fn run(args: &DoctorArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let node = host::machine()?;
    let findings = doctor::findings(&doctor::examine(&*node)?, args.mode.into());
    match args.output {
        Format::Text => context.streams.stdout.styled(&text(&findings)),
        Format::Json => context.streams.stdout.document(&json(&findings)),
    }
    Ok(exit(&findings))
}

fn exit(findings: &[Finding]) -> Exit {
    let counts = |finding: &Finding| finding.id.severity() < Severity::Info;
    if findings.iter().any(counts) {
        Exit::Differs
    } else {
        Exit::Done
    }
}

const BOLD: Style = Style::new().bold();

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::BrightRed.on_default().bold(),
        Severity::Warning => AnsiColor::BrightYellow.on_default().bold(),
        Severity::Info => AnsiColor::BrightBlue.on_default().bold(),
    }
}

/// As compilers print their diagnostics.
// Writing to a String cannot fail.
fn text(findings: &[Finding]) -> String {
    let mut out = String::new();
    for Finding { id, seen, advice } in findings {
        let severity = id.severity();
        let style = style(severity);
        let _ = writeln!(
            out,
            "{style}{severity}[{id}]{style:#}{BOLD}: {}{BOLD:#}",
            visible(seen)
        );
        for step in advice {
            let _ = writeln!(out, "  help: {}", visible(step));
        }
    }
    if findings.is_empty() {
        out.push_str("Nothing is wrong with this machine, as far as could be seen.\n");
    }
    out
}

/// The document of `--output json`. Its members are in the order of their names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    findings: Vec<Entry<'a>>,
    format: &'static str,
    format_version: &'static str,
}

#[derive(Debug, Serialize)]
struct Entry<'a> {
    advice: &'a [String],
    id: FindingId,
    seen: &'a str,
    severity: Severity,
}

fn json(findings: &[Finding]) -> String {
    let document = Document {
        findings: findings
            .iter()
            .map(|finding| Entry {
                advice: &finding.advice,
                id: finding.id,
                seen: &finding.seen,
                severity: finding.id.severity(),
            })
            .collect(),
        format: "portolan-doctor",
        format_version: "1.0",
    };
    escape::json(&document)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: FindingId) -> Finding {
        Finding {
            id,
            seen: "a\u{1b}[2J thing".to_owned(),
            advice: vec!["one".to_owned(), "two".to_owned()],
        }
    }

    #[test]
    fn information_alone_is_no_reason_to_fail() {
        assert_eq!(exit(&[]), Exit::Done);
        assert_eq!(exit(&[finding(FindingId::ModulesNotLoaded)]), Exit::Done);
        assert_eq!(exit(&[finding(FindingId::IptablesMode)]), Exit::Differs);
        assert_eq!(exit(&[finding(FindingId::NoNetAdmin)]), Exit::Differs);
    }

    #[test]
    fn people_read_what_was_seen_and_what_to_do() {
        let text = text(&[finding(FindingId::BothVariants)]);
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "warning[both-variants]: a\\u{1b}[2J thing\n  help: one\n  help: two\n"
        );
    }

    #[test]
    fn programs_read_the_same() {
        let text = json(&[finding(FindingId::Unread)]);
        assert_eq!(
            text,
            r#"{
  "findings": [
    {
      "advice": [
        "one",
        "two"
      ],
      "id": "unread",
      "seen": "a\u001b[2J thing",
      "severity": "warning"
    }
  ],
  "format": "portolan-doctor",
  "formatVersion": "1.0"
}
"#
        );
    }
}
