//! What is to be applied.

use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{Edition, Target};
use portolan_compiler::plan::file::{FileError, Files, PlanFile};

use super::ApplyArgs;
use super::error::ApplyError;
use crate::commands::shared::Context;
use crate::commands::shared::bundles::bundle;
use crate::commands::shared::manifests::Telling;
use crate::commands::shared::planning::{Desired, Offer, OwnName};
use crate::commands::shared::{mirrored, unused};
use crate::input::read::{self, FILE_BYTES};
use crate::report::{Clock, Failure, UsageError};
use crate::rules::{BundleFile, Rules};
use crate::trust::{Presented, Trust, Vouched};

/// What is to be applied, and what it is from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) wish: Wish,
    /// Which edition of which cluster's rules it is, where it says so.
    pub(super) edition: Option<Edition>,
    /// What the node demands.
    pub(super) trust: Trust,
    /// Who vouches for it.
    pub(super) vouched: Vouched,
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
    /// Loads it; `None` where the input is refused, which has been told. Nothing is unpacked or read of
    /// what nobody vouches for, where that is demanded.
    pub(super) fn load(
        args: &ApplyArgs,
        context: &mut Context<'_, '_>,
        clock: &Clock,
    ) -> Result<Option<Self>, Failure> {
        let path = match args.source.as_deref().map(Named::parse) {
            Some(Named::Plan(path)) => {
                // Its node, to be sure; and what the signature of its bundle does not cover.
                let apart: &[&str] = match args.bundle {
                    Some(_) => &["node", "takeover"],
                    None => &["node"],
                };
                unused::beside_plan(&context.given, path, apart)?;
                clock.begin_phase("load files");
                let bundle = args.made_of()?;
                let trust = args.trust.trust()?;
                let presented = bundle.as_ref().map_or(Presented::Plan, Presented::Bundle);
                let vouched = trust.vouch(presented, args.trust.unsigned())?;
                let plan = plan(path)?;
                if let Some(file) = &bundle {
                    made_of(file, &plan)?;
                }
                let mirrors = mirrored::of_plan(path, plan.kube_version, plan.files.mode());
                mirrored::say(&mirrors, context);
                return Ok(Some(Self {
                    wish: Wish::Plan(Box::new(plan)),
                    edition: bundle.and_then(|file| file.bundle().edition().cloned()),
                    trust,
                    vouched,
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
        let rules = path.map(|path| Ok::<_, Failure>((path, args.signed(Rules::open(path)?)?)));
        let rules = rules.transpose()?;
        if rules.is_none() && args.signature.is_some() {
            return Err(no_bundle_to_sign().into());
        }
        let trust = args.trust.trust()?;
        let presented = Presented::of(rules.as_ref().map(|(_, rules)| rules));
        let vouched = trust.vouch(presented, args.trust.unsigned())?;
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
        Ok(Some(Self {
            wish: Wish::Desired(Box::new(desired)),
            edition: rules.and_then(|(_, rules)| rules.edition().cloned()),
            trust,
            vouched,
        }))
    }

    /// What it leads to.
    pub(super) fn target(&self) -> Target {
        match &self.wish {
            Wish::Plan(plan) => plan.target,
            Wish::Desired(desired) => desired.target,
        }
    }
}

impl ApplyArgs {
    /// The bundle that a plan was made of, with the signature that is named.
    fn made_of(&self) -> Result<Option<BundleFile>, Failure> {
        match (
            self.bundle.as_deref().map(bundle).transpose()?,
            &self.signature,
        ) {
            (Some(file), Some(path)) => Ok(Some(file.with_signature(path)?)),
            (None, Some(_)) => Err(no_bundle_to_sign().into()),
            (bundle, None) => Ok(bundle),
        }
    }

    /// Rules with the signature that is named.
    fn signed(&self, rules: Rules) -> Result<Rules, Failure> {
        match (rules, &self.signature) {
            (Rules::Bundle(file), Some(path)) => {
                Ok(Rules::Bundle(Box::new(file.with_signature(path)?)))
            }
            (Rules::Folder(_), Some(_)) => Err(no_bundle_to_sign().into()),
            (rules, None) => Ok(rules),
        }
    }
}

fn no_bundle_to_sign() -> UsageError {
    UsageError::new(
        "--signature is of a bundle, and none is given",
        "name the bundle that it is of; what a plan was made of, --bundle says",
    )
}

/// A plan was made of this bundle: it leads to what that has for its node, and says the same of Services.
fn made_of(file: &BundleFile, plan: &PlanFile) -> Result<(), Failure> {
    let rules = file.read(Some(plan.node.as_str()))?;
    if Files::of(&rules.state) == plan.files {
        return Ok(());
    }
    Err(ApplyError::OtherBundle {
        path: file.path().to_owned(),
        found: rules.target,
        planned: plan.target,
    }
    .into())
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
    let bytes = bytes.map_err(|source| ApplyError::Read {
        path: owned(),
        source,
    })?;
    let text = String::from_utf8(bytes).map_err(|_| FileError::NotAPlan);
    let plan = text.and_then(|text| PlanFile::read(&text));
    plan.map_err(|problem| ApplyError::NotAPlan {
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
