//! A difference in the format asked for.

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use portolan_compiler::diff::render::{self, Outline};

use super::from_top::FromTop;
use crate::report::Output;

/// How the difference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum Format {
    /// As text
    Human,
    /// As one JSON document
    Json,
    /// As one comment on a change
    Markdown,
    /// As GitHub's workflow commands
    Github,
    /// As a Code Quality report of GitLab
    Gitlab,
}

/// Prints an outline; as text where the format has a document of its own.
pub(in crate::commands) fn print(
    outline: &Outline,
    format: Format,
    marker: &str,
    stdout: &mut Output<'_>,
) {
    match format {
        Format::Markdown => stdout.document(&render::markdown(outline, marker)),
        Format::Github => stdout.document(&render::github(&FromTop::here().outline(outline))),
        Format::Gitlab => {
            let top = FromTop::here();
            let elsewhere = top.elsewhere(outline);
            stdout.document(&render::gitlab(&top.outline(outline), &elsewhere));
        }
        Format::Human | Format::Json => {
            stdout.styled(&text(outline));
        }
    }
}

/// As text, with colours.
pub(in crate::commands) fn text(outline: &Outline) -> String {
    render::human(outline).lines().map(coloured).collect()
}

/// By the sign in the sixth column, or the heading in the third.
fn coloured(line: &str) -> String {
    let sign = line
        .strip_prefix("     ")
        .and_then(|rest| rest.chars().next());
    let style = match sign {
        Some('+') => AnsiColor::Green.on_default(),
        Some('~') => AnsiColor::Yellow.on_default(),
        Some('-') => AnsiColor::Red.on_default(),
        Some('!') => AnsiColor::BrightRed.on_default().bold(),
        _ if line.starts_with("  ") && !line.starts_with("   ") => Style::new().bold(),
        _ => return format!("{line}\n"),
    };
    format!("{style}{line}{style:#}\n")
}
