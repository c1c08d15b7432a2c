//! What is to be applied.

use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Target;
use portolan_compiler::plan::file::PlanFile;

use super::ApplyArgs;
use super::error::ApplyError;
use crate::commands::shared::Context;
use crate::commands::shared::manifests::Telling;
use crate::commands::shared::planning::{Desired, Offer, OwnName};
use crate::commands::shared::{mirrored, unused};
use crate::input::read::{self, FILE_BYTES};
use crate::report::{Clock, Failure};

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
        let folder = match args.source.as_deref().map(Named::parse) {
            Some(Named::Plan(path)) => {
                unused::beside_plan(&context.given, path)?;
                clock.begin_phase("load files");
                let plan = plan(path)?;
                let mirrors = mirrored::of_plan(path, plan.kube_version, plan.files.mode());
                mirrored::say(&mirrors, context);
                return Ok(Some(Self::Plan(Box::new(plan))));
            }
            Some(Named::Rules(path)) => Some(path),
            None => None,
        };
        let own = match folder {
            Some(_) => Some(OwnName::of(args.lock.state.existing()?.as_ref())?),
            None => None,
        };
        let folder = folder.map(|folder| Offer {
            folder,
            to: own.as_ref(),
        });
        let desired = args
            .planning
            .desired(folder, Telling::AtOnce, context, clock)?;
        Ok(desired.map(|desired| Self::Desired(Box::new(desired))))
    }
}

impl Source {
    /// What it leads to.
    pub(super) fn target(&self) -> Target {
        match self {
            Self::Plan(plan) => plan.target,
            Self::Desired(desired) => desired.target,
        }
    }
}

/// What an argument names. Said as what it is, nothing that is put there makes it anything else.
#[derive(Debug, PartialEq, Eq)]
enum Named<'a> {
    Plan(&'a Path),
    Rules(&'a Path),
}

impl<'a> Named<'a> {
    fn parse(argument: &'a Path) -> Self {
        let said = |prefix| argument.to_str()?.strip_prefix(prefix).map(Path::new);
        match (said("plan:"), said("rules:")) {
            (Some(path), _) => Self::Plan(path),
            (_, Some(path)) => Self::Rules(path),
            _ if argument.is_dir() => Self::Rules(argument),
            _ => Self::Plan(argument),
        }
    }
}

fn plan(path: &Path) -> Result<PlanFile, ApplyError> {
    let owned = || -> PathBuf { path.to_owned() };
    let bytes = read::named(path, FILE_BYTES);
    let text = bytes.and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    });
    let text = text.map_err(|source| ApplyError::Read {
        path: owned(),
        source,
    })?;
    PlanFile::read(&text).map_err(|problem| ApplyError::NotAPlan {
        path: owned(),
        problem,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_counts_and_not_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let said = |prefix: &str| format!("{prefix}{}", here.display());
        assert_eq!(Named::parse(here), Named::Rules(here));
        assert_eq!(
            Named::parse(&here.join("plan.json")),
            Named::Plan(&here.join("plan.json"))
        );
        assert_eq!(Named::parse(Path::new(&said("plan:"))), Named::Plan(here));
        assert_eq!(
            Named::parse(Path::new("rules:x")),
            Named::Rules(Path::new("x"))
        );
    }
}
