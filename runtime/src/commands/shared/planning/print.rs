//! The plan with colours.

use anstyle::{AnsiColor, Style};
use portolan_compiler::plan::render::{self, Page};

/// The plan as text; output takes the colours out where they are not wanted.
pub(in crate::commands) fn human(page: &Page<'_>) -> String {
    let text = render::human(page);
    text.lines().map(coloured).collect()
}

fn coloured(line: &str) -> String {
    let style = match line
        .strip_prefix("    ")
        .and_then(|rest| rest.chars().next())
    {
        Some('+') => AnsiColor::Green.on_default(),
        Some('~') => AnsiColor::Yellow.on_default(),
        Some('-') => AnsiColor::Red.on_default(),
        Some('!') => AnsiColor::BrightRed.on_default().bold(),
        _ if line.starts_with("  ") && !line.starts_with("   ") => Style::new().bold(),
        _ if line.starts_with("Plan: ") => Style::new().bold(),
        _ => return format!("{line}\n"),
    };
    format!("{style}{line}{style:#}\n")
}
