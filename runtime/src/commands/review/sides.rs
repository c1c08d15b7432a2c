//! The two sides: what the revision has, and what the working tree has.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use portolan_compiler::compile::Input;
use portolan_compiler::diag::some;

use super::ReviewArgs;
use super::error::{IsNew, ReviewError};
use super::judge::{Edit, Judge};
use super::places::Places;
use crate::commands::shared::sides::{Files, Tracked};
use crate::input::{self, Before, Loaded};
use crate::report::Failure;
use crate::settings::Settings;

/// What a cluster is made of before a change and after it.
pub(super) struct Both {
    pub(super) old: Files,
    pub(super) new: Files,
    /// The base that is given, where a side has none of its own.
    pub(super) given: Vec<OsString>,
    /// What to know of what was read.
    pub(super) notes: Vec<String>,
    /// Folders and files that were named in the working tree.
    named: Vec<OsString>,
    /// What lint is told beside its input.
    lint_config: Vec<(String, Vec<u8>)>,
}

impl Both {
    pub(super) fn find(
        args: &ReviewArgs,
        places: &Places,
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
        let named = [&places.old, &places.old_base, &places.new, &places.new_base];
        if named.into_iter().flatten().any(|path| path == "-") {
            return Err(ReviewError::Pipe.into());
        }
        let out = places.out.iter().map(|path| path.as_os_str());
        let named = named.into_iter().flatten().map(OsString::as_os_str);
        for path in named.chain(out) {
            refuse_links(path, judge)?;
        }
        let (of_old, mut old_paths) = of_revision(&places.old, args, judge)?;
        let (base, given) = of_revision(&places.old_base, args, judge)?;
        let mut new_named = places.new.clone();
        new_named.retain(|path| Path::new(path).symlink_metadata().is_ok());
        let New { read, paths, notes } = of_working_tree(&new_named, args, judge)?;
        if of_old.is_empty() && old_paths.is_empty() && new_named.is_empty() {
            let paths = places.old.iter();
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
        let label = |before: &str, names: &[OsString]| {
            let names = names.iter();
            let names = names.map(|name| format!("{before}{}", name.to_string_lossy()));
            names.collect::<Vec<_>>().join(", ")
        };
        if of_old.is_empty() {
            old_paths.clear();
        }
        let old_label = if of_old.is_empty() && old_paths.is_empty() {
            "@nothing".to_owned()
        } else {
            label(&format!("{}:", judge.revision.name), &places.old)
        };
        Ok(Self {
            old: Files {
                label: old_label,
                read: of_old,
                paths: old_paths,
                base,
            },
            new: Files {
                label: label("", &places.new),
                read,
                paths,
                base: None,
            },
            given: places.new_base.clone(),
            notes,
            named: new_named,
            lint_config: settings.lint_config()?.into_iter().collect(),
        })
    }

    /// A kustomization where manifests are looked for: it is none, and nothing is made of it.
    pub(super) fn unrendered(&self) -> Option<PathBuf> {
        const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
        let mut named = self.named.iter().map(Path::new);
        named.find_map(|path| {
            let mut files = NAMES.iter().map(|name| path.join(name));
            files.find(|file| file.is_file())
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
            None => &self.given[..],
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

/// What the working tree has.
#[derive(Default)]
struct New {
    /// Names and bytes of what Git has or would take.
    read: Vec<(String, Vec<u8>)>,
    /// What lies outside of the repository, and is the same on both sides.
    paths: Vec<OsString>,
    notes: Vec<String>,
}

/// What the working tree has of these paths: of folders what Git has or would take, since the revision
/// can have no more.
fn of_working_tree(named: &[OsString], args: &ReviewArgs, judge: &Judge) -> Result<New, Failure> {
    let reading = args.manifests.reading.reading();
    let mut new = New::default();
    let (mut missing, mut left_out) = (Vec::new(), Vec::new());
    for path in named {
        let Some(below) = judge.top.typed(Path::new(path)) else {
            new.paths.push(path.clone());
            continue;
        };
        let tracked = Tracked::below(&below)?;
        let is_read = |file: &&str| {
            let rest = Path::new(file)
                .strip_prefix(&below)
                .unwrap_or(Path::new(file));
            let is_itself = rest.as_os_str().is_empty();
            is_itself || reading.reads(&rest.to_string_lossy())
        };
        let sparse = tracked.sparse().filter(is_read);
        let here = |file: &&str| judge.top.seen_from_here(Path::new(file));
        let sparse = sparse.filter(|file| here(file).symlink_metadata().is_err());
        missing.extend(sparse.map(str::to_owned));
        let is_tracked = |file: &Path| {
            let below = judge.top.typed(file);
            below.is_some_and(|below| tracked.has(&below))
        };
        let found = input::wanted(Path::new(path), &reading, is_tracked)?;
        new.read.extend(found.0);
        left_out.extend(found.1);
    }
    if !missing.is_empty() {
        return Err(ReviewError::NotCheckedOut(missing).into());
    }
    if !left_out.is_empty() {
        let files = left_out.iter().map(|path| path.display().to_string());
        new.notes.push(format!(
            "left out here, as Git neither has nor would take it: {}",
            some(files.collect::<Vec<_>>().iter())
        ));
    }
    Ok(new)
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
