//! From an argument to a side.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::fs;
use std::path::Path;

use portolan_compiler::bundle::{ArtefactKind, Bundle, Manifest};
use portolan_compiler::compile::BaseServices;
use portolan_compiler::diag::some;
use portolan_compiler::escape::visible;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::observed::CaptureFile;
use portolan_compiler::plan::Inventory;
use portolan_compiler::source::{Again, ObjectName, Stands};
use portolan_compiler::source_map;

use super::argument::{FilesKind, FilesPlace, Named};
use super::passed::PassedBy;
use super::{Content, Found, Side, Told, manifests, revision};
use crate::commands::shared::Context;
use crate::commands::shared::mirrored;
use crate::commands::shared::profile::Mirror;
use crate::commands::shared::sides::SideArgs;
use crate::commands::shared::sides::error::DiffError;
use crate::commands::shared::sides::git::{self, Blob};
use crate::host;
use crate::input::read::{FILE_BYTES, Root};
use crate::input::{self, InputError, Instead, Links, Recursion};
use crate::out::Folder;
use crate::report::{Clock, Failure, Verbosity};
use crate::rules::{BundleFile, Rules, RulesError, is_plan};

/// What is to be loaded.
#[derive(Debug, Clone, Copy)]
pub(in crate::commands) enum Wanted<'a> {
    /// What an argument names.
    Argument(&'a OsStr),
    /// Several files and folders of manifests.
    Files(&'a Files),
}

/// Manifests from several places, which are one side.
#[derive(Debug, Clone, Default)]
pub(in crate::commands) struct Files {
    /// What the side is called.
    pub(in crate::commands) label: String,
    /// What is read already: names and bytes.
    pub(in crate::commands) read: Vec<(String, Vec<u8>)>,
    /// What is to be read.
    pub(in crate::commands) paths: Vec<OsString>,
    /// Its own base, where it is not the one that is given.
    pub(in crate::commands) base: Option<Vec<(String, Vec<u8>)>>,
}

impl Files {
    /// Whether there is nothing to read.
    pub(in crate::commands) fn is_nothing(&self) -> bool {
        self.read.is_empty() && self.paths.is_empty()
    }
}

/// Loads sides, all in the same way.
pub(in crate::commands) struct Loading<'a> {
    pub(super) args: &'a SideArgs,
    pub(super) clock: &'a Clock,
    /// What came through the pipe, for a second look at it.
    stdin: Option<Vec<u8>>,
    /// Which kube-proxy the side before mirrors: that is not said twice.
    mirrors: String,
    /// The base of the side that is loaded, where it is not the one that is given.
    pub(super) base: Option<Vec<(String, Vec<u8>)>>,
    /// What the base has no longer on the side that is loaded.
    pub(super) gone: BTreeSet<ObjectName>,
    /// How the line is typed again with other text in the place of the side that is loaded.
    pub(super) again: Option<Again>,
}

impl<'a> Loading<'a> {
    pub(in crate::commands) fn new(args: &'a SideArgs, clock: &'a Clock) -> Self {
        Self {
            args,
            clock,
            stdin: None,
            mirrors: String::new(),
            base: None,
            gone: BTreeSet::new(),
            again: None,
        }
    }

    /// Loads both sides, as [`Self::load`]; what only one of them has in its own input the other's base
    /// does not supply, so that it comes or goes.
    pub(in crate::commands) fn load_both(
        &mut self,
        old: (Wanted<'_>, Mirror),
        new: (Wanted<'_>, Mirror),
        context: &mut Context<'_, '_>,
    ) -> Result<Option<(Side, Side)>, Failure> {
        let sides = (
            self.load_wanted(old.0, old.1, context)?,
            self.load_wanted(new.0, new.1, context)?,
        );
        let (Some(a), Some(b)) = sides else {
            return Ok(None);
        };
        let gone = match self.args.manifests.base_services() {
            BaseServices::Keep => [a.taken_away(&b), b.taken_away(&a)],
            BaseServices::Leave | BaseServices::KeepBut(_) => [BTreeSet::new(), BTreeSet::new()],
        };
        // What there is to say was said the first time.
        let verbosity = std::mem::replace(&mut context.verbosity, Verbosity::Quiet);
        let mut without = |side, (wanted, mirror): (Wanted<'_>, Mirror), gone: BTreeSet<_>| {
            if gone.is_empty() {
                return Ok(Some(side));
            }
            self.gone = gone;
            self.load_wanted(wanted, mirror, context)
        };
        let [of_old, of_new] = gone;
        let sides = without(a, old, of_old).and_then(|a| Ok(a.zip(without(b, new, of_new)?)));
        self.gone = BTreeSet::new();
        context.verbosity = verbosity;
        sides
    }

    fn load_wanted(
        &mut self,
        wanted: Wanted<'_>,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Side>, Failure> {
        match wanted {
            Wanted::Argument(argument) => self.load(argument, mirror, context),
            Wanted::Files(files) => {
                self.clock.begin_phase("load");
                self.base.clone_from(&files.base);
                let content = if files.is_nothing() {
                    Ok(Some(Content::Nothing))
                } else {
                    self.manifests(files.read.clone(), &files.paths, mirror, context)
                };
                self.base = None;
                Ok(content?.map(|content| Side {
                    label: files.label.clone(),
                    told: Told::Word,
                    content,
                }))
            }
        }
    }

    /// Loads a side; `None` where its manifests are refused, which has been told.
    pub(in crate::commands) fn load(
        &mut self,
        argument: &OsStr,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Side>, Failure> {
        self.clock.begin_phase("load");
        let mut label = argument.to_string_lossy().into_owned();
        let mut told = Told::Nature;
        let content = match Named::parse(argument)? {
            Named::Live => {
                let holds = host::services(Inventory::default())?;
                Some(Content::Observed(Box::new(Found {
                    observed: holds.observed,
                    node_addresses: None,
                    remarks: Vec::new(),
                })))
            }
            // With the base kept, its Services are there all the same.
            Named::Nothing => match self.args.manifests.base_services() {
                BaseServices::Keep => self.manifests(Vec::new(), &[], mirror, context)?,
                BaseServices::Leave | BaseServices::KeepBut(_) => Some(Content::Nothing),
            },
            Named::Current => Some(self.generation(None, context)?),
            Named::Generation(number) => Some(self.generation(Some(number), context)?),
            Named::Files { kind, place } => {
                label = place.to_string();
                self.again = again(argument, &place, context);
                told = kind.map_or(Told::Look, |_| Told::Word);
                match place {
                    FilesPlace::Stdin => {
                        let bytes = match &self.stdin {
                            Some(bytes) => bytes.clone(),
                            None => self.read_stdin(context)?,
                        };
                        let files = vec![(input::STDIN.to_owned(), bytes)];
                        self.manifests(files, &[], mirror, context)?
                    }
                    FilesPlace::Path(path) => self.path(&path, kind, mirror, context)?,
                    FilesPlace::Git(text) => self.git(&text, kind, mirror, context)?,
                }
            }
        };
        Ok(content.map(|content| Side {
            label,
            told,
            content,
        }))
    }

    fn read_stdin(&mut self, context: &mut Context<'_, '_>) -> Result<Vec<u8>, InputError> {
        let bytes = input::pipe(context.streams.stdin)?;
        Ok(self.stdin.insert(bytes).clone())
    }

    fn generation(
        &mut self,
        number: Option<u64>,
        context: &mut Context<'_, '_>,
    ) -> Result<Content, Failure> {
        let store = self.args.state.existing()?.ok_or(DiffError::NoRecords)?;
        let number = match number {
            Some(number) => number,
            None => store.current()?.ok_or(DiffError::NoRecords)?.generation,
        };
        let generation = store.generation(number)?;
        let state = generation
            .files
            .state()
            .map_err(|problem| DiffError::Generation { number, problem })?;
        self.say(&mirrored::of_generation(&generation), context);
        Ok(Content::Generation(generation.node, Box::new(state)))
    }

    fn path(
        &mut self,
        path: &Path,
        kind: Option<FilesKind>,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        if kind.is_none()
            && path.is_dir()
            && let Some(files) = single_objects(path)
        {
            return self.manifests(files, &[], mirror, context);
        }
        if let Some(name) = path.to_str()
            && path.symlink_metadata().is_err()
            && revision::is_revision(name)
        {
            return Err(DiffError::RevisionAlone(name.to_owned()).into());
        }
        let kind = match kind {
            Some(kind) => kind,
            None if is_plan(path) => {
                let path = path.to_owned();
                return Err(RulesError::Plan { path }.into());
            }
            None => self.look(path)?,
        };
        match kind {
            FilesKind::Rules => {
                let rules = Rules::open(path)?;
                self.rules(rules, &path.display(), context).map(Some)
            }
            FilesKind::Capture => capture(path).map(Some),
            FilesKind::Manifests => self.manifests(Vec::new(), &[path.into()], mirror, context),
        }
    }

    /// As what a path is to be read.
    fn look(&self, path: &Path) -> Result<FilesKind, Failure> {
        if !path.is_dir() {
            return Ok(if Rules::is_bundle(path) {
                FilesKind::Rules
            } else {
                FilesKind::Manifests
            });
        }
        let has = |name: &str| path.join(name).symlink_metadata().is_ok();
        let compiled = Folder::new(path).is_compiled() || Rules::is_bundle(path);
        let captured = CAPTURED.iter().any(|file| has(file.as_str()))
            && !matches!(Instead::of(path), Some(Instead::OneNode(_)));
        let other = |below: &Path| compiled && below.to_str().is_some_and(is_compiled);
        let manifests = (compiled || captured)
            && input::has_manifests(path, &self.args.manifests.reading.reading(), other)?;
        Ok(told(
            &path.to_string_lossy(),
            compiled,
            captured,
            manifests,
        )?)
    }

    fn git(
        &mut self,
        argument: &str,
        kind: Option<FilesKind>,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        let reading = self.args.manifests.reading.reading();
        let deep = reading.recursion == Recursion::Deep;
        let is_captured = |path: &str| path.parse::<CaptureFile>().is_ok();
        let is_special = |path: &str| match kind {
            Some(FilesKind::Manifests) => false,
            Some(FilesKind::Rules) => path == Manifest::FILE_NAME || path.starts_with("nodes/"),
            Some(FilesKind::Capture) => is_captured(path),
            None => path == Manifest::FILE_NAME || path.starts_with("nodes/") || is_captured(path),
        };
        let has_manifests = matches!(kind, None | Some(FilesKind::Manifests));
        let is_manifest = |path: &str| has_manifests && reading.reads(path);
        let passed = PassedBy::new(&reading);
        let wanted = git::Wanted {
            file: &|path| is_special(path) || is_manifest(path),
            folder: &|path| has_manifests && reading.enters(path),
            beside: &|path| has_manifests && passed.wants(path),
        };
        let mut orphans = false;
        let files = match git::read(argument, reading.links, &wanted)? {
            git::Found::File(bytes) if takes_bundle(kind, &bytes) => {
                let file = BundleFile::of(Path::new(argument), bytes, None)?;
                let rules = Rules::Bundle(Box::new(file));
                return self.rules(rules, &argument, context).map(Some);
            }
            git::Found::File(bytes) => vec![(argument.to_owned(), bytes)],
            git::Found::Folder { mut files, modules } => {
                files.retain(|file| {
                    let text = str::from_utf8(&file.bytes);
                    !text.is_ok_and(|text| input::is_settings(Path::new(&file.path), text))
                });
                let modules = modules.iter().map(String::as_str).filter(|path| {
                    let hidden = path.split('/').any(|part| part.starts_with('.'));
                    deep && !hidden && !input::is_excluded(&reading.exclude, path)
                });
                if let Some(warning) = left_out(argument, &modules.collect::<Vec<_>>())
                    && context.verbosity > Verbosity::Quiet
                {
                    context.streams.stderr.say(&warning);
                }
                let has = |name: &str| files.iter().any(|file| file.path == name);
                let own = |file: &Blob| {
                    file.path == Manifest::FILE_NAME
                        && str::from_utf8(&file.bytes).is_ok_and(Manifest::begins)
                };
                let compiled = files.iter().any(own);
                orphans = files.iter().any(|file| is_compiled(&file.path));
                let captured = CAPTURED.iter().any(|file| has(file.as_str()));
                let mut manifests = files.iter().filter(|file| is_manifest(&file.path));
                let manifests = manifests.any(|file| !compiled || !is_compiled(&file.path));
                let kind = match kind {
                    Some(kind) => kind,
                    None => told(argument, compiled, captured, manifests)?,
                };
                if kind != FilesKind::Manifests {
                    // A link among them is none of portolan's files.
                    let special = files.iter().filter(|file| is_special(&file.path));
                    let kept = keep(argument, special.filter(|file| !file.is_link))?;
                    return Ok(Some(match kind {
                        FilesKind::Rules => {
                            let rules = Rules::Folder(Folder::new(kept.path()));
                            self.rules(rules, &argument, context)?.keeping(kept)
                        }
                        _ => capture(kept.path())?,
                    }));
                }
                if files.iter().any(|file| is_manifest(&file.path)) {
                    passed.refuse(argument, &files)?;
                }
                let files = files.into_iter().filter(|file| is_manifest(&file.path));
                let slash = if argument.ends_with([':', '/']) {
                    ""
                } else {
                    "/"
                };
                files
                    .map(|file| (format!("{argument}{slash}{}", file.path), file.bytes))
                    .collect()
            }
        };
        if files.is_empty() {
            let argument = argument.to_owned();
            return Err(if orphans {
                DiffError::NoManifest { argument }
            } else {
                DiffError::Empty { argument }
            }
            .into());
        }
        self.manifests(files, &[], mirror, context)
    }

    fn manifests(
        &mut self,
        files: Vec<(String, Vec<u8>)>,
        paths: &[OsString],
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        let compiled = manifests::compile(self, files, paths, mirror, context)?;
        Ok(compiled.map(|compiled| Content::Manifests(Box::new(compiled))))
    }

    /// Compiled rules, and what they are called.
    fn rules(
        &mut self,
        rules: Rules,
        name: &dyn Display,
        context: &mut Context<'_, '_>,
    ) -> Result<Content, Failure> {
        let nodes = rules.nodes()?;
        let wanted = |node: &NodeName| {
            self.args
                .node
                .as_deref()
                .is_none_or(|one| node.as_str() == one)
        };
        let of_wanted = nodes.iter().filter(|(node, _)| wanted(node));
        let of_wanted: Vec<_> = of_wanted
            .map(|(node, emulates)| (node, *emulates))
            .collect();
        if !of_wanted.is_empty() {
            self.say(&mirrored::of_rules(&rules, name, &of_wanted), context);
        }
        Ok(Content::Rules {
            nodes: nodes.into_iter().map(|(node, _)| node).collect(),
            rules,
            _kept: None,
        })
    }

    /// Says what a side mirrors, unless the one before mirrors the same.
    pub(super) fn say(&mut self, mirrors: &str, context: &mut Context<'_, '_>) {
        if self.mirrors != mirrors {
            mirrored::say(mirrors, context);
            mirrors.clone_into(&mut self.mirrors);
        }
    }
}

impl Content {
    fn keeping(mut self, kept: tempfile::TempDir) -> Self {
        if let Self::Rules { _kept, .. } = &mut self {
            *_kept = Some(kept);
        }
        self
    }
}

/// How the line is typed again with other text in a side's place.
fn again(argument: &OsStr, place: &FilesPlace, context: &Context<'_, '_>) -> Option<Again> {
    let again = context.typed.again(input::Role::Input, argument)?;
    let stands = match place {
        FilesPlace::Git(_) => Stands::InRevision,
        FilesPlace::Stdin | FilesPlace::Path(_) => Stands::Here,
    };
    // What its files are called begins with this.
    let argument = place.to_string();
    Some(Again {
        argument,
        stands,
        ..again
    })
}

/// Says of submodules that they are not read; nothing where there are none.
fn left_out(side: &str, modules: &[&str]) -> Option<String> {
    let what = match modules.len() {
        0 => return None,
        1 => "a submodule",
        _ => "submodules",
    };
    let shown = some(modules.iter());
    let line = format!(
        "warning: {side} has {what} that a revision does not hold, left out: {shown}; check it out with its submodules and name the folder to read them"
    );
    Some(format!("{}\n", visible(&line)))
}

/// As what a folder is to be read, where that was not said.
///
/// # Errors
/// Where it could be several: whoever adds a file could choose.
fn told(
    side: &str,
    is_compiled: bool,
    is_capture: bool,
    has_manifests: bool,
) -> Result<FilesKind, DiffError> {
    let kinds = [
        (is_compiled, FilesKind::Rules),
        (is_capture, FilesKind::Capture),
        (has_manifests, FilesKind::Manifests),
    ];
    let found: Vec<_> = kinds.iter().filter(|(is, _)| *is).collect();
    match found[..] {
        [] => Ok(FilesKind::Manifests),
        [(_, kind)] => Ok(*kind),
        _ => Err(DiffError::TwoReadings {
            side: side.to_owned(),
            readings: found.iter().map(|(_, kind)| kind.reading()).collect(),
        }),
    }
}

fn capture(path: &Path) -> Result<Content, Failure> {
    let (holds, about) = host::capture::read(path)?;
    Ok(Content::Observed(Box::new(Found {
        observed: holds.observed,
        node_addresses: about.node_addresses,
        remarks: about.remarks.iter().map(ToString::to_string).collect(),
    })))
}

/// Whether a file of a revision is a bundle, as far as it may be one.
fn takes_bundle(kind: Option<FilesKind>, bytes: &[u8]) -> bool {
    match kind {
        Some(FilesKind::Rules) => true,
        Some(FilesKind::Manifests | FilesKind::Capture) => false,
        None => Bundle::begins(bytes),
    }
}

/// Files that no capture is without.
const CAPTURED: [CaptureFile; 2] = [CaptureFile::VirtualServers, CaptureFile::Sets];

/// Whether a file is one that compile writes beside a MANIFEST, by its path.
fn is_compiled(path: &str) -> bool {
    let Some(below) = path.strip_prefix("nodes/") else {
        return path == Manifest::FILE_NAME;
    };
    below.split_once('/').is_some_and(|(_, name)| {
        [source_map::FILE_NAME, Manifest::FILE_NAME].contains(&name)
            || name.parse::<ArtefactKind>().is_ok()
    })
}

/// The files of a folder as kubectl makes them for its differ: an object each, named after it, such
/// as `v1.Service.shop.cart`. `None` for any other folder.
fn single_objects(path: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let root = Root::open(path, Links::Within).ok()?;
    let mut files = Vec::new();
    for entry in fs::read_dir(path).ok()? {
        let path = entry.ok()?.path();
        let file = path.file_name()?;
        let name = file.to_str()?;
        let is_kind = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
        let is_object = name.split('.').count() >= 3 && name.split('.').any(is_kind);
        if input::is_manifest(&path) || !is_object {
            return None;
        }
        let bytes = root.read(Path::new(file), FILE_BYTES).ok()?;
        files.push((path.display().to_string(), bytes));
    }
    files.sort();
    let made_by_kubectl = |name: &str| name.starts_with("LIVE-") || name.starts_with("MERGED-");
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    (!files.is_empty() || made_by_kubectl(name)).then_some(files)
}

/// Puts files into a folder of their own.
fn keep<'a>(
    argument: &str,
    files: impl Iterator<Item = &'a Blob>,
) -> Result<tempfile::TempDir, DiffError> {
    let fail = |source| DiffError::Keep {
        argument: argument.to_owned(),
        source,
    };
    let kept = tempfile::tempdir().map_err(fail)?;
    for file in files {
        let path = kept.path().join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        fs::write(path, &file.bytes).map_err(fail)?;
    }
    Ok(kept)
}
