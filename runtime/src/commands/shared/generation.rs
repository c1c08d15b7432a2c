//! The way to a generation that was applied before.

use portolan_compiler::plan::file::PlanFile;
use portolan_compiler::plan::{Claims, FoundSettings, Plan, plan};
use portolan_compiler::target::target;

use super::planning::{PlanningError, ground, state_of};
use super::session::Session;
use crate::host::Holds;
use crate::report::Failure;
use crate::transaction::store::Generation;

/// The plan that leads to a generation, and what carries it out. Settings that it does not ask for, and that a later one
/// changed, go back to what was found before the first.
pub(in crate::commands) fn plan_towards(
    session: &Session,
    generation: &Generation,
    holds: &Holds,
) -> Result<(PlanFile, Plan), Failure> {
    let found = session.store.found()?;
    let state = state_of(generation)?;
    let claims = Claims::tracked(holds.inventory.clone())
        .with_services(holds.services.clone())
        .putting_back(FoundSettings {
            sysctls: found.sysctls(),
            timeouts: found.timeouts(),
        });
    let mut plan = plan(&state, &holds.observed, &claims).map_err(PlanningError::Impossible)?;
    plan.count_connections(&holds.connections);
    let file = PlanFile {
        node: generation.node.clone(),
        kube_version: generation.kube_version,
        input: generation.input,
        target: target(&state),
        observed: ground(&holds.observed),
        terms: None,
        steps: plan.steps.clone(),
        files: generation.files.clone(),
        services: generation.services.clone(),
    };
    Ok((file, plan))
}
