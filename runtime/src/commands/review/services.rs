//! What changes for the users of Services, and whether that is more than may change at once.

use std::collections::BTreeSet;
use std::path::PathBuf;

use portolan_compiler::diff::Subject;
use portolan_compiler::diff::render::{Compared, Outline, service_json};
use portolan_compiler::diff::service::ServiceDiff;

use super::ReviewArgs;
use super::error::ReviewError;
use super::part::ReviewPart;
use super::sides::Both;
use crate::commands::shared::Context;
use crate::commands::shared::compare::{self, PICTURE};
use crate::commands::shared::planning::StateArgs;
use crate::commands::shared::sides::{Loading, SideArgs, Wanted, pair_or_declared, remarks};
use crate::report::{Clock, Exit, Failure};

/// What a change does to Services, ready to be printed.
pub(super) struct Changed {
    pub(super) outline: Outline,
    /// The same for machines.
    pub(super) json: String,
    /// Why it is more than may change at once.
    pub(super) beyond: Option<String>,
    /// Whether anything changes.
    pub(super) changes: bool,
}

impl Changed {
    pub(super) fn exit(&self) -> Exit {
        if self.beyond.is_some() {
            Exit::Differs
        } else {
            Exit::Done
        }
    }
}

/// Compares the two sides.
pub(super) fn look(
    args: &ReviewArgs,
    sides: &Both,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> ReviewPart<Changed> {
    compare(args, sides, context, clock).into()
}

fn compare(
    args: &ReviewArgs,
    sides: &Both,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Changed, Failure> {
    let mirror = args.profile.mirror();
    let mut manifests = args.manifests.clone();
    manifests.base.clone_from(&sides.given);
    let side_args = SideArgs {
        manifests,
        node: args.node.clone(),
        state: StateArgs {
            state_dir: PathBuf::new(),
        },
    };
    let mut loading = Loading::new(&side_args, clock);
    let wanted = (Wanted::Files(&sides.old), Wanted::Files(&sides.new));
    let loaded = loading.load_both((wanted.0, mirror), (wanted.1, mirror), context)?;
    let (old, new) = loaded.ok_or(ReviewError::SideRefused)?;
    let pairing = pair_or_declared(&old, &new, args.node.as_deref())?;
    clock.begin_phase("compare");
    let mut services = compare::services(&old, &new, &pairing, &|_| true)?;
    let owners = services.diff.gathered.keys();
    let subjects: Vec<&Subject> = owners.map(|owner| &owner.subject).collect();
    // A line of what was is no line of the change.
    services.places = new.places(subjects.into_iter());
    let diff = &services.diff;
    if diff.totals.is_nothing() {
        return Err(ReviewError::NoService(sides.unrendered()).into());
    }
    let changed: BTreeSet<&str> = ServiceDiff::services(diff).collect();
    let labels = (old.label.clone(), new.label.clone());
    let mut notes = remarks::notes((&labels.0, &old), (&labels.1, &new), &changed);
    if pairing.has_no_node() {
        notes.push(compare::NO_NODE.to_owned());
    }
    let compared = Compared {
        of_services: remarks::of_services(&old, &new, &changed),
        old: labels.0,
        new: labels.1,
        notes,
        ..Compared::default()
    };
    let mut outline = Outline::services(diff, &services.places);
    if (1..=PICTURE).contains(&services.picture.edges()) {
        outline.picture = Some(services.picture.mermaid());
    }
    let json = service_json(diff, &compared);
    outline.old = compared.old;
    outline.new = compared.new;
    outline.notes.extend(compared.notes);
    outline.notes.extend(sides.notes.iter().cloned());
    outline.say(&compared.of_services);
    Ok(Changed {
        changes: !diff.is_empty(),
        beyond: args
            .blast_radius
            .and_then(|radius| compare::beyond(radius, diff)),
        outline,
        json,
    })
}
