//! What is to be applied.

use std::io;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{Edition, Target};
use portolan_compiler::plan::file::PlanFile;

use super::ApplyArgs;
use super::error::ApplyError;
use crate::commands::shared::Context;
use crate::commands::shared::bundles::bundle;
use crate::commands::shared::manifests::Telling;
use crate::commands::shared::planning::{Desired, Offer, OwnName};
use crate::commands::shared::{mirrored, unused};
use crate::input::read::{self, FILE_BYTES};
use crate::report::{Clock, Failure, UsageError};
use crate::rules::{BundleFile, Rules, RulesError};
use crate::trust::Presented;

/// What is to be applied, and what it is from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) wish: Wish,
    /// The bundle that vouches for it, where there is one.
    bundle: Option<Box<BundleFile>>,
    /// What it is called where nothing vouches for it.
    plain: &'static str,
}

/// What is to be applied.
#[derive(Debug)]
pub(super) enum Wish {
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
        let path = match args.source.as_deref().map(Named::parse) {
            Some(Named::Plan(path)) => {
                unused::beside_plan(&context.given, path)?;
                clock.begin_phase("load files");
                let plan = plan(path)?;
                let mirrors = mirrored::of_plan(path, plan.kube_version, plan.files.mode());
                mirrored::say(&mirrors, context);
                let bundle = args.bundle.as_deref().map(|path| made_of(path, &plan));
                return Ok(Some(Self {
                    wish: Wish::Plan(Box::new(plan)),
                    bundle: args.signed(bundle.transpose()?)?,
                    plain: "a plan",
                }));
            }
            Some(Named::Rules(path)) => Some(path),
            None => None,
        };
        if args.bundle.is_some() {
            return Err(UsageError::new(
                "--bundle says what a plan was made of, and no plan is given",
                "leave it out, or name the bundle in place of what is given",
            )
            .into());
        }
        let rules = path.map(|path| Ok::<_, RulesError>((path, Rules::open(path)?)));
        let rules = rules.transpose()?;
        let own = match rules {
            Some(_) => Some(OwnName::of(args.lock.state.existing()?.as_ref())?),
            None => None,
        };
        let offer = rules.as_ref().map(|(path, rules)| Offer {
            path,
            rules,
            to: own.as_ref(),
        });
        let desired = args
            .planning
            .desired(offer, Telling::AtOnce, context, clock)?;
        let Some(desired) = desired else {
            return Ok(None);
        };
        let (bundle, plain) = match rules {
            Some((_, Rules::Bundle(file))) => (Some(*file), "a bundle"),
            Some((_, Rules::Folder(_))) => (None, "a folder"),
            None => (None, "what is compiled from manifests"),
        };
        Ok(Some(Self {
            wish: Wish::Desired(Box::new(desired)),
            bundle: args.signed(bundle)?,
            plain,
        }))
    }

    /// What it leads to.
    pub(super) fn target(&self) -> Target {
        match &self.wish {
            Wish::Plan(plan) => plan.target,
            Wish::Desired(desired) => desired.target,
        }
    }

    /// What vouches for it.
    pub(super) fn presented(&self) -> Presented<'_> {
        match &self.bundle {
            Some(file) => Presented::Bundle(file),
            None => Presented::Plain(self.plain),
        }
    }

    /// Which edition of which cluster's rules it is, where it says so.
    pub(super) fn edition(&self) -> Option<&Edition> {
        self.bundle.as_ref()?.bundle().edition()
    }
}

impl ApplyArgs {
    /// A bundle with the signature that is named.
    fn signed(&self, bundle: Option<BundleFile>) -> Result<Option<Box<BundleFile>>, Failure> {
        match (bundle, &self.signature) {
            (Some(file), Some(path)) => Ok(Some(Box::new(file.with_signature(path)?))),
            (Some(file), None) => Ok(Some(Box::new(file))),
            (None, None) => Ok(None),
            (None, Some(_)) => Err(UsageError::new(
                "--signature is of a bundle, and none is given",
                "name the bundle that it is of; what a plan was made of, --bundle says",
            )
            .into()),
        }
    }
}

/// The bundle that a plan was made of.
fn made_of(path: &Path, plan: &PlanFile) -> Result<BundleFile, Failure> {
    let file = bundle(path)?;
    let found = file.read(Some(plan.node.as_str()))?.target;
    if found != plan.target {
        let path = path.to_owned();
        let planned = plan.target;
        return Err(ApplyError::OtherBundle {
            path,
            found,
            planned,
        }
        .into());
    }
    Ok(file)
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
            _ if argument.is_dir() || Rules::is_bundle(argument) => Self::Rules(argument),
            _ => Self::Plan(argument),
        }
    }
}

fn plan(path: &Path) -> Result<PlanFile, ApplyError> {
    let owned = || -> PathBuf { path.to_owned() };
    let bytes = read::file(path, FILE_BYTES);
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
