//! The difference in the format asked for.

use anstyle::{AnsiColor, Style};
use portolan_compiler::diff::render::{self, Compared, Outline};
use portolan_compiler::escape::visible;

use super::{DiffArgs, Difference, Format};
use crate::commands::shared::Context;
use crate::commands::shared::compare::PICTURE;

pub(super) fn print(
    args: &DiffArgs,
    difference: &Difference,
    sides: &Compared,
    context: &mut Context<'_, '_>,
) {
    let stdout = &mut context.streams.stdout;
    match (args.output, difference) {
        (Format::Json, Difference::Service(services)) => {
            stdout.document(&render::service_json(&services.diff, sides));
        }
        (Format::Json, Difference::Kernel(diff)) => {
            stdout.document(&render::kernel_json(diff, sides));
        }
        (Format::Json, Difference::Unified(files)) => {
            stdout.document(&render::unified_json(&plain(files), sides));
        }
        (Format::Human, Difference::Unified(files)) => {
            for (_, diff) in files {
                stdout.styled(diff);
            }
            for note in &sides.notes {
                context
                    .streams
                    .stderr
                    .say(&format!("note: {}\n", visible(note)));
            }
        }
        (format, difference) => {
            let mut outline = outline(difference);
            outline.old.clone_from(&sides.old);
            outline.new.clone_from(&sides.new);
            outline.notes.extend_from_slice(&sides.notes);
            outline.say(&sides.of_services);
            match format {
                Format::Markdown => {
                    stdout.document(&render::markdown(&outline, &args.marker));
                }
                Format::Github => stdout.document(&render::github(&outline)),
                Format::Gitlab => stdout.document(&render::gitlab(&outline)),
                Format::Human | Format::Json => {
                    let text = render::human(&outline);
                    let text: String = text.lines().map(coloured).collect();
                    stdout.styled(&text);
                }
            }
        }
    }
}

fn outline(difference: &Difference) -> Outline {
    match difference {
        Difference::Service(services) => {
            let mut outline = Outline::services(&services.diff, &services.places);
            if (1..=PICTURE).contains(&services.picture.edges()) {
                outline.picture = Some(services.picture.mermaid());
            }
            outline
        }
        Difference::Kernel(diff) => Outline::kernel(diff),
        Difference::Unified(files) => Outline::unified(plain(files)),
    }
}

/// Without colours.
fn plain(files: &[(String, String)]) -> Vec<(String, String)> {
    let strip = |text: &str| anstream::adapter::strip_str(text).to_string();
    let files = files.iter();
    files
        .map(|(name, diff)| (name.clone(), strip(diff)))
        .collect()
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
