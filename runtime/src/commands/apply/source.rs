//! What is to be applied.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::plan::file::PlanFile;

use super::ApplyArgs;
use super::error::ApplyError;
use crate::cli::{Clock, Context, Failure};
use crate::commands::planning::Desired;

/// What is to be applied.
#[derive(Debug)]
pub(super) enum Source {
    /// A plan that somebody has reviewed.
    Plan(Box<PlanFile>),
    /// A state that is to be planned for.
    Desired(Box<Desired>),
}

impl Source {
    /// Loads it; `None` where the input is refused, which has been told.
    pub(super) fn load(
        args: &ApplyArgs,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Self>, Failure> {
        let folder: Option<&Path> = match &args.source {
            Some(path) if !path.is_dir() => {
                clock.begin_phase("load files");
                return Ok(Some(Self::Plan(Box::new(plan(path)?))));
            }
            other => other.as_deref(),
        };
        let desired = args.planning.desired(folder, context, clock)?;
        Ok(desired.map(|desired| Self::Desired(Box::new(desired))))
    }
}

fn plan(path: &Path) -> Result<PlanFile, ApplyError> {
    let owned = || -> PathBuf { path.to_owned() };
    let text = fs::read_to_string(path).map_err(|source| ApplyError::Read {
        path: owned(),
        source,
    })?;
    let plan = PlanFile::read(&text).map_err(|problem| ApplyError::NotAPlan {
        path: owned(),
        problem,
    })?;
    plan.files.state().map_err(|problem| ApplyError::BadState {
        path: owned(),
        problem,
    })?;
    Ok(plan)
}
