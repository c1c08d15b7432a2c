//! Arguments and work that commands share which plan: what is asked for, what is ours, what is more
//! likely a mistake than meant.

mod desired;
mod error;
mod own_name;
mod ownership;
pub(in crate::commands) mod print;
mod state;
pub(in crate::commands) mod taken;

use std::path::Path;

use clap::Args;
use portolan_compiler::mode::NodeState;
use portolan_compiler::observed::Observed;
use portolan_compiler::plan::file::{Files, Ground, PlanFile, Terms};
use portolan_compiler::plan::{Claims, EmptyInput, Guard, Plan, plan};

use super::manifests::{COMPILES, FileArgs, ManifestArgs, Telling};
use super::profile::ProfileArgs;
use crate::commands::shared::Context;
use crate::host::Holds;
use crate::report::{Clock, Failure};
use crate::rules::Rules;
use crate::transaction::store::Generation;
pub(in crate::commands) use desired::Desired;
pub(in crate::commands) use error::PlanningError;
pub(in crate::commands) use own_name::{Offered, OwnName};
use ownership::OwnershipArgs;
pub(in crate::commands) use state::{LockArgs, StateArgs, seconds};

/// What is asked for, apart from a compiled folder, and what may be done for it.
#[derive(Debug, Args)]
#[command(mut_arg("filename", |arg| arg.help(COMPILES)))]
pub(in crate::commands) struct PlanningArgs {
    #[command(flatten)]
    pub(in crate::commands) files: FileArgs,

    #[command(flatten)]
    manifests: ManifestArgs,

    /// Plan for this Node [default: the folder's only one, or the configuration's hostnameOverride]
    #[arg(long, value_name = "NAME", help_heading = "What to compile")]
    pub(in crate::commands) node: Option<String>,

    #[command(flatten)]
    profile: ProfileArgs,

    #[command(flatten)]
    ownership: OwnershipArgs,

    /// Refuse to remove, or leave without endpoints, more than this share of the virtual servers
    #[arg(
        long,
        value_name = "PERCENT",
        default_value_t = 25,
        value_parser = clap::value_parser!(u8).range(..=100),
        help_heading = "Safety"
    )]
    max_removal: u8,

    /// Accept input without any Service
    #[arg(long, help_heading = "Safety")]
    allow_empty: bool,
}

impl PlanningArgs {
    /// Whether what is there is claimed, whoever made it.
    pub(in crate::commands) fn takes_over(&self) -> bool {
        self.ownership.claims_everything()
    }

    /// Loads what is asked for; `None` where the input is refused, which has been told.
    pub(in crate::commands) fn desired(
        &self,
        offer: Option<Offer<'_>>,
        telling: Telling,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Desired>, Failure> {
        desired::load(self, offer, telling, context, clock)
    }

    /// What is ours on a node.
    fn claims(&self, desired: &Desired, holds: &Holds) -> Claims {
        let inventory = holds.inventory.clone();
        let claims = self.ownership.claims(desired.exclude.clone(), inventory);
        claims.with_services(holds.services.clone())
    }

    /// Plans the way there from what a node holds.
    pub(in crate::commands) fn plan(
        &self,
        desired: &Desired,
        holds: &Holds,
    ) -> Result<Plan, PlanningError> {
        let claims = self.claims(desired, holds);
        let planned = plan(&desired.state, &holds.observed, &claims);
        let mut plan = planned.map_err(PlanningError::Impossible)?;
        plan.count_connections(&holds.connections);
        let guard = Guard {
            removal_percent: self.max_removal,
            empty: if self.allow_empty {
                EmptyInput::Meant
            } else {
                EmptyInput::Refused
            },
        };
        guard.check(&plan).map_err(PlanningError::Refused)?;
        Ok(plan)
    }

    /// The plan with everything that carrying it out takes.
    pub(in crate::commands) fn file(
        &self,
        desired: &Desired,
        holds: &Holds,
        plan: &Plan,
    ) -> PlanFile {
        PlanFile {
            node: desired.node.clone(),
            kube_version: Some(desired.emulates.version),
            input: desired.input,
            target: desired.target,
            observed: Ground {
                machine: holds.machine,
                ..ground(&holds.observed)
            },
            terms: Some(Terms::of(&self.claims(desired, holds))),
            steps: plan.steps.clone(),
            files: Files::of(&desired.state),
            services: desired.services(holds).names(),
        }
    }
}

/// Compiled rules, and who is to take them.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) struct Offer<'a> {
    /// What they are called.
    pub(in crate::commands) path: &'a Path,
    pub(in crate::commands) rules: &'a Rules,
    /// This node; nobody where a capture stands for one.
    pub(in crate::commands) to: Option<&'a OwnName>,
}

/// What a generation asks a node to hold.
pub(in crate::commands) fn state_of(generation: &Generation) -> Result<NodeState, PlanningError> {
    generation
        .files
        .state()
        .map_err(|problem| PlanningError::Generation {
            number: generation.number,
            problem,
        })
}

/// What a plan on this state is made on, wherever that is.
pub(in crate::commands) fn ground(observed: &Observed) -> Ground {
    Ground {
        digest: observed.digest(),
        parts: observed.digests(),
        machine: None,
    }
}
