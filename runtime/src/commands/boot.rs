//! The generation that was confirmed last, after a boot.

use portolan_compiler::kernel::sysctl::Sysctl;
use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::{Claims, plan};

use super::mirrored;
use super::planning::{PlanningError, ground, state_of};
use super::session::{Narrator, Session};
use crate::cli::Failure;
use crate::host::Holds;
use crate::transaction::Change;
use crate::transaction::store::{Generation, Kind};

/// Brings back the current generation where this boot has not had it yet.
pub(super) fn bring_back(
    session: &Session,
    narrator: &mut Narrator<'_, '_, '_>,
) -> Result<(), Failure> {
    let Some(current) = session.store.current()? else {
        return Ok(());
    };
    if current.boot == session.node.0.boot()? {
        return Ok(());
    }
    let generation = session.store.generation(current.generation)?;
    if generation.kind == Kind::Cleanup {
        return Ok(());
    }
    narrator.say(&mirrored::of_generation(&generation));
    let holds = session.holds()?;
    let plan = towards(session, &generation, &holds)?;
    let change = Change {
        kind: Kind::Boot,
        plan,
        drain: 0,
        confirm: None,
    };
    session.engine(narrator).apply(change)?;
    narrator.say(&format!(
        "Brought back generation {} after a boot.\n",
        current.generation
    ));
    Ok(())
}

/// The plan that leads to a generation. Settings that it does not ask for, and that a later one
/// changed, go back to what was found before the first.
pub(super) fn towards(
    session: &Session,
    generation: &Generation,
    holds: &Holds,
) -> Result<PlanFile, Failure> {
    let found = session.store.found()?;
    let mut state = state_of(generation)?;
    let asked = |key| state.sysctls.iter().any(|sysctl| sysctl.key == key);
    let others: Vec<Sysctl> = found
        .sysctls()
        .into_iter()
        .filter(|sysctl| !asked(sysctl.key))
        .collect();
    state.sysctls.extend(others);
    state.timeouts = state.timeouts.or(found.timeouts());
    let claims = Claims::tracked(holds.inventory.clone()).with_services(holds.services.clone());
    let plan = plan(&state, &holds.observed, &claims).map_err(PlanningError::Impossible)?;
    Ok(PlanFile {
        node: generation.node.clone(),
        kube_version: generation.kube_version,
        target: generation.objects,
        observed: ground(&holds.observed),
        steps: plan.steps,
        files: generation.files.clone(),
        services: generation.services.clone(),
    })
}
