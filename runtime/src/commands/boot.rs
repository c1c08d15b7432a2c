//! The generation that was confirmed last, after a boot.

use portolan_compiler::back::sysctl::Sysctl;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::file::{Ground, PlanFile};
use portolan_compiler::plan::{Claims, Ownership, plan};

use super::planning::{PlanningError, ground};
use super::session::{Narrator, Session};
use crate::cli::Failure;
use crate::transaction::Change;
use crate::transaction::store::{Found, Generation, Kind};

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
    let holds = session.holds()?;
    let claims = Claims {
        ownership: Ownership::Tracked,
        inventory: holds.inventory,
    };
    let found = session.store.found()?;
    let plan = towards(&generation, &holds.observed, &claims, &found)?;
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
    generation: &Generation,
    observed: &Observed,
    claims: &Claims,
    found: &Found,
) -> Result<PlanFile, Failure> {
    let mut state = generation
        .files
        .state()
        .map_err(|problem| PlanningError::Generation {
            number: generation.number,
            problem,
        })?;
    let asked = |key| state.sysctls.iter().any(|sysctl| sysctl.key == key);
    let others: Vec<Sysctl> = found
        .sysctls()
        .into_iter()
        .filter(|sysctl| !asked(sysctl.key))
        .collect();
    state.sysctls.extend(others);
    state.timeouts = state.timeouts.or(found.timeouts());
    let plan = plan(&state, observed, claims).map_err(PlanningError::Impossible)?;
    Ok(PlanFile {
        node: generation.node.clone(),
        target: generation.objects,
        observed: Ground {
            machine: None,
            ..ground(observed)
        },
        steps: plan.steps,
        files: generation.files.clone(),
    })
}
