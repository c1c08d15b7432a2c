//! Options that the input at hand has no use for: they are refused, since whoever gives one expects
//! it to count.

use std::path::Path;

use portolan_compiler::english::agree;
use portolan_compiler::escape::visible;

use super::manifests::ManifestArgs;
use super::planning::{PlanningArgs, StateArgs};
use super::profile::ProfileArgs;
use super::sides::{Origin, Side};
use crate::commands::shared::Given;
use crate::report::UsageError;

/// Refuses options that say how manifests are read and compiled, where rules are compiled already.
pub(in crate::commands) fn beside_rules(given: &Given, folder: &Path) -> Result<(), UsageError> {
    match compiling(given) {
        None => Ok(()),
        Some(option) => Err(UsageError::new(
            format!(
                "{option} says how manifests are compiled, and {} is compiled already",
                visible(&folder.display().to_string())
            ),
            format!(
                "leave it out, or name the manifests with -f; MANIFEST there says which release and \
                 mode it mirrors, and `portolan compile {option} ... --out` compiles it anew"
            ),
        )),
    }
}

/// Refuses options that decide what is planned, where the plan is made already. What may be
/// said of it all the same is named by its identifier.
pub(in crate::commands) fn beside_plan(
    given: &Given,
    plan: &Path,
    apart: &[&str],
) -> Result<(), UsageError> {
    match given.first_of::<PlanningArgs>(apart) {
        None => Ok(()),
        Some(option) => Err(UsageError::new(
            format!(
                "{option} decides what is planned, and {} is a plan already",
                visible(&plan.display().to_string())
            ),
            format!("leave it out, or make the plan anew: `portolan plan {option} ... --out`"),
        )),
    }
}

/// Refuses to look for records beside what is no plan.
pub(in crate::commands) fn beside_artefact(given: &Given, file: &Path) -> Result<(), UsageError> {
    match given.first_of::<StateArgs>(&[]) {
        None => Ok(()),
        Some(option) => Err(UsageError::new(
            format!(
                "{option} says where this machine's records are, and {} is no plan that they could be \
                 asked about",
                visible(&file.display().to_string())
            ),
            "leave it out",
        )),
    }
}

/// Refuses to look for records beside a capture, which brings its own.
pub(in crate::commands) fn beside_capture(given: &Given, capture: &Path) -> Result<(), UsageError> {
    match given.first_of::<StateArgs>(&[]) {
        None => Ok(()),
        Some(option) => Err(UsageError::new(
            format!(
                "{option} says where this machine's records are, and the node is taken from {}",
                visible(&capture.display().to_string())
            ),
            "leave one of the two out; what is portolan's in a capture, its file inventory says",
        )),
    }
}

/// Refuses options that say how manifests are compiled where no side is any, and where records are
/// where no side is from there.
pub(in crate::commands) fn beside_sides(given: &Given, sides: &[&Side]) -> Result<(), UsageError> {
    let any = |origin| sides.iter().any(|side| side.origin() == origin);
    let labels: Vec<String> = sides.iter().map(|side| visible(&side.label)).collect();
    let labels = labels.join(" and ");
    let lacks = agree(sides.len(), "is none", "are none");
    if !any(Origin::Manifests)
        && let Some(option) = compiling(given)
    {
        return Err(UsageError::new(
            format!("{option} says how manifests are compiled, and {labels} {lacks}"),
            "leave it out, or name manifests; rules that are compiled already, captures and records \
             are taken as they are",
        ));
    }
    if !any(Origin::Records)
        && let Some(option) = given.first_of::<StateArgs>(&[])
    {
        return Err(UsageError::new(
            format!("{option} says where this machine's records are, and {labels} {lacks}"),
            "leave it out, or name @current or a generation such as @3",
        ));
    }
    Ok(())
}

/// Refuses to be told for each side what only manifests are compiled by.
pub(in crate::commands) fn for_each_side(
    option: &str,
    sides: [&Side; 2],
) -> Result<(), UsageError> {
    let other = sides.iter().find(|side| side.origin() != Origin::Manifests);
    match other {
        None => Ok(()),
        Some(side) => Err(UsageError::new(
            format!(
                "{option} is given for each side, and {} is not compiled here",
                visible(&side.label)
            ),
            format!("give {option} once, for the side that is manifests"),
        )),
    }
}

/// The first option that says how manifests are read and compiled.
fn compiling(given: &Given) -> Option<String> {
    given
        .first_of::<ProfileArgs>(&[])
        .or_else(|| given.first_of::<ManifestArgs>(&[]))
}
