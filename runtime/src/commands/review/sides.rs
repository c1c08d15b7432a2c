//! The two sides: what the revision has, and what the working tree has.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use portolan_compiler::compile::Input;

use super::ReviewArgs;
use super::error::{IsNew, ReviewError};
use super::judge::{Edit, Judge};
use crate::commands::shared::sides::Files;
use crate::input::{self, Before, Loaded};
use crate::report::Failure;
use crate::settings::Settings;

/// What a cluster is made of before a change and after it.
pub(super) struct Both {
    pub(super) old: Files,
    pub(super) new: Files,
    /// What lint is told beside its input.
    lint_config: Vec<(String, Vec<u8>)>,
}

impl Both {
    pub(super) fn find(
        args: &ReviewArgs,
        settings: &Settings,
        judge: &Judge,
    ) -> Result<Self, Failure> {
        if args.files.filename.is_empty() {
            let is_new = match judge.edit {
                Edit::New { .. } => IsNew::Yes,
                _ => IsNew::No,
            };
            let revision = judge.revision.name.clone();
            return Err(ReviewError::NoInputs { revision, is_new }.into());
        }
        let is_pipe = |path: &OsString| path == "-";
        if args
            .files
            .filename
            .iter()
            .chain(&args.manifests.base)
            .any(is_pipe)
        {
            return Err(ReviewError::Pipe.into());
        }
        let out = args.out.iter().map(|path| path.as_os_str());
        let named = args.files.filename.iter().chain(&args.manifests.base);
        for path in named.map(OsString::as_os_str).chain(out) {
            refuse_links(path, judge)?;
        }
        let (of_old, mut old_paths) = of_revision(&args.files.filename, args, judge)?;
        let (base, given) = of_revision(&args.manifests.base, args, judge)?;
        // What lies outside of the repository is the same on both sides.
        let mut new_paths: Vec<OsString> = args.files.filename.clone();
        new_paths.retain(|path| Path::new(path).symlink_metadata().is_ok());
        if of_old.is_empty() && old_paths.is_empty() && new_paths.is_empty() {
            let paths = args.files.filename.iter();
            return Err(ReviewError::NoSide {
                revision: judge.revision.name.clone(),
                paths: paths
                    .map(|path| path.to_string_lossy().into_owned())
                    .collect(),
            }
            .into());
        }
        // A base that the change brings completes both sides: it is no change of the cluster.
        let base = (!base.is_empty() && given.is_empty()).then_some(base);
        let label = |before: &str| {
            let names = args.files.filename.iter();
            let names = names.map(|name| format!("{before}{}", name.to_string_lossy()));
            names.collect::<Vec<_>>().join(", ")
        };
        if of_old.is_empty() {
            old_paths.clear();
        }
        let old_label = if of_old.is_empty() && old_paths.is_empty() {
            "@nothing".to_owned()
        } else {
            label(&format!("{}:", judge.revision.name))
        };
        Ok(Self {
            old: Files {
                label: old_label,
                read: of_old,
                paths: old_paths,
                base,
            },
            new: Files {
                label: label(""),
                read: Vec::new(),
                paths: new_paths,
                base: None,
            },
            lint_config: settings.lint_config()?.into_iter().collect(),
        })
    }

    /// What the working tree has, with what lint is told.
    pub(super) fn load_new(&self, args: &ReviewArgs) -> Result<Loaded, Failure> {
        self.load(&self.new, args)
    }

    /// What the revision has, with what lint is told.
    pub(super) fn load_old(&self, args: &ReviewArgs) -> Result<Input, Failure> {
        let Loaded { sources, .. } = self.load(&self.old, args)?;
        Ok(Input { sources })
    }

    fn load(&self, side: &Files, args: &ReviewArgs) -> Result<Loaded, Failure> {
        let given = match &side.base {
            Some(_) => &[][..],
            None => &args.manifests.base[..],
        };
        let arguments = input::arguments(&side.paths, given, |_, _| None);
        let files = side.read.iter().chain(&self.lint_config).cloned();
        let before = Before {
            files: files.collect(),
            base: side.base.clone().unwrap_or_default(),
            again: None,
        };
        let reading = args.manifests.reading.reading();
        input::load_with(before, &arguments, &reading, &mut std::io::empty()).map_err(Failure::all)
    }
}

/// A change could put a link on the way to what is named.
fn refuse_links(path: &OsStr, judge: &Judge) -> Result<(), ReviewError> {
    let path = Path::new(path);
    match judge.top.typed(path) {
        None => Ok(()),
        Some(below) => judge
            .top
            .refuse_links(&below)
            .map_err(|outside| ReviewError::Link {
                path: path.to_owned(),
                outside,
            }),
    }
}

/// Files with their names, and paths that are no revision's.
type Found = (Vec<(String, Vec<u8>)>, Vec<OsString>);

/// What the revision has of these paths, and those that are no revision's.
fn of_revision(paths: &[OsString], args: &ReviewArgs, judge: &Judge) -> Result<Found, Failure> {
    let reading = args.manifests.reading.reading();
    let (mut files, mut elsewhere) = (Vec::new(), Vec::new());
    for path in paths {
        match judge.top.typed(Path::new(path)) {
            None => elsewhere.push(path.clone()),
            Some(below) if judge.revision.has(&below)? => {
                files.extend(judge.revision.manifests(&below, &reading)?);
            }
            Some(_) => {}
        }
    }
    Ok((files, elsewhere))
}
