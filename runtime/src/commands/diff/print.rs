//! The difference in the format asked for.

use portolan_compiler::diff::render::{self, Compared, Outline};
use portolan_compiler::escape::visible;

use super::{DiffArgs, Difference};
use crate::commands::shared::Context;
use crate::commands::shared::compare::PICTURE;
use crate::commands::shared::outlined::{self, Format};

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
            outlined::print(&outline, format, &args.marker, stdout);
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

/// The texts of files without the escape sequences that colour them.
fn plain(files: &[(String, String)]) -> Vec<(String, String)> {
    let strip = |text: &str| anstream::adapter::strip_str(text).to_string();
    let files = files.iter();
    files
        .map(|(name, diff)| (name.clone(), strip(diff)))
        .collect()
}
