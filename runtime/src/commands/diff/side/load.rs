//! From an argument to a side.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Manifest;
use portolan_compiler::compile::BaseServices;
use portolan_compiler::observed::CaptureFile;
use portolan_compiler::plan::Inventory;

use super::{Content, Side, manifests};
use crate::cli::{Clock, Context, Failure};
use crate::commands::diff::SideArgs;
use crate::commands::diff::error::DiffError;
use crate::commands::diff::git::{self, Found};
use crate::commands::profile::Mirror;
use crate::host;
use crate::input::{self, InputError, Recursion};
use crate::out::Folder;

/// Loads sides, all in the same way.
pub(in crate::commands) struct Loading<'a> {
    pub(super) args: &'a SideArgs,
    pub(super) clock: &'a Clock,
    /// What came through the pipe, for a second look at it.
    stdin: Option<Vec<u8>>,
}

/// What an argument names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Live,
    Nothing,
    Current,
    Generation(u64),
    Git(String),
    Stdin,
    Path(PathBuf),
}

impl<'a> Loading<'a> {
    pub(in crate::commands) fn new(args: &'a SideArgs, clock: &'a Clock) -> Self {
        Self {
            args,
            clock,
            stdin: None,
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
        let content = match named(argument)? {
            Named::Live => {
                let holds = host::services(Inventory::default())?;
                Some(Content::Observed(Box::new(holds.observed)))
            }
            // With the base kept, its Services are there all the same.
            Named::Nothing => match self.args.manifests.base_services() {
                BaseServices::Keep => self.manifests(Vec::new(), &[], mirror, context)?,
                BaseServices::Leave => Some(Content::Nothing),
            },
            Named::Current => Some(self.generation(None)?),
            Named::Generation(number) => Some(self.generation(Some(number))?),
            Named::Git(text) => self.git(&text, mirror, context)?,
            Named::Stdin => {
                let bytes = match &self.stdin {
                    Some(bytes) => bytes.clone(),
                    None => self.read_stdin(context)?,
                };
                self.manifests(vec![("<stdin>".to_owned(), bytes)], &[], mirror, context)?
            }
            Named::Path(path) => self.path(&path, argument, mirror, context)?,
        };
        Ok(content.map(|content| Side {
            label: argument.to_string_lossy().into_owned(),
            content,
        }))
    }

    fn read_stdin(&mut self, context: &mut Context<'_, '_>) -> Result<Vec<u8>, InputError> {
        let mut bytes = Vec::new();
        let read = context.streams.stdin.read_to_end(&mut bytes);
        read.map_err(InputError::Stdin)?;
        Ok(self.stdin.insert(bytes).clone())
    }

    fn generation(&self, number: Option<u64>) -> Result<Content, Failure> {
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
        Ok(Content::Generation(generation.node, Box::new(state)))
    }

    fn path(
        &self,
        path: &Path,
        argument: &OsStr,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        if path.is_dir() {
            if let Some(content) = special(path)? {
                return Ok(Some(content));
            }
            if let Some(files) = single_objects(path) {
                return self.manifests(files, &[], mirror, context);
            }
        }
        self.manifests(Vec::new(), &[argument.to_owned()], mirror, context)
    }

    fn git(
        &self,
        argument: &str,
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        let deep = self.args.manifests.recursion() == Recursion::Deep;
        let is_special = |path: &str| {
            path == Manifest::FILE_NAME
                || path.starts_with("nodes/")
                || CaptureFile::ALL.iter().any(|file| file.name() == path)
        };
        let is_manifest = |path: &str| {
            let hidden = path.split('/').any(|part| part.starts_with('.'));
            input::is_manifest(Path::new(path)) && !hidden && (deep || !path.contains('/'))
        };
        let found = git::read(argument, |path| is_special(path) || is_manifest(path))?;
        let files = match found {
            Found::File(bytes) => vec![(argument.to_owned(), bytes)],
            Found::Folder(files) => {
                let kept = keep(argument, files.iter().filter(|(path, _)| is_special(path)))?;
                if let Some(content) = special(kept.path())? {
                    return Ok(Some(content.keeping(kept)));
                }
                let files = files.into_iter().filter(|(path, _)| is_manifest(path));
                let slash = if argument.ends_with([':', '/']) {
                    ""
                } else {
                    "/"
                };
                files
                    .map(|(path, bytes)| (format!("{argument}{slash}{path}"), bytes))
                    .collect()
            }
        };
        if files.is_empty() {
            let argument = argument.to_owned();
            return Err(DiffError::Empty { argument }.into());
        }
        self.manifests(files, &[], mirror, context)
    }

    fn manifests(
        &self,
        files: Vec<(String, Vec<u8>)>,
        paths: &[OsString],
        mirror: Mirror,
        context: &mut Context<'_, '_>,
    ) -> Result<Option<Content>, Failure> {
        let compiled = manifests::compile(self, files, paths, mirror, context)?;
        Ok(compiled.map(|compiled| Content::Manifests(Box::new(compiled))))
    }
}

impl Content {
    fn keeping(mut self, kept: tempfile::TempDir) -> Self {
        if let Self::Folder { _kept, .. } = &mut self {
            *_kept = Some(kept);
        }
        self
    }
}

fn named(argument: &OsStr) -> Result<Named, DiffError> {
    let path = || Named::Path(argument.into());
    let Some(text) = argument.to_str() else {
        return Ok(path());
    };
    if text == "-" {
        return Ok(Named::Stdin);
    }
    if let Some(word) = text.strip_prefix('@') {
        return match word {
            "live" => Ok(Named::Live),
            "nothing" => Ok(Named::Nothing),
            "current" => Ok(Named::Current),
            number => number
                .parse()
                .map(Named::Generation)
                .map_err(|_| DiffError::UnknownAt(text.to_owned())),
        };
    }
    let is_url = text.contains("://");
    if text.contains(':') && !is_url && !Path::new(text).exists() {
        return Ok(Named::Git(text.to_owned()));
    }
    Ok(path())
}

/// A compiled folder or a capture, if it is one.
fn special(path: &Path) -> Result<Option<Content>, Failure> {
    let folder = Folder::new(path);
    if folder.is_compiled() {
        return Ok(Some(Content::Folder {
            nodes: folder.nodes()?,
            folder,
            _kept: None,
        }));
    }
    let capture = [CaptureFile::VirtualServers, CaptureFile::Sets];
    if capture.iter().any(|file| path.join(file.name()).is_file()) {
        let holds = host::capture::read(path)?;
        return Ok(Some(Content::Observed(Box::new(holds.observed))));
    }
    Ok(None)
}

/// The files of a folder as kubectl makes them for its differ: an object each, named after it, such
/// as `v1.Service.shop.cart`. `None` for any other folder.
fn single_objects(path: &Path) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(path).ok()? {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?;
        let is_kind = |part: &str| part.starts_with(|c: char| c.is_ascii_uppercase());
        let is_object = name.split('.').count() >= 3 && name.split('.').any(is_kind);
        if input::is_manifest(&path) || !is_object {
            return None;
        }
        let bytes = fs::read(&path).ok()?;
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
    files: impl Iterator<Item = &'a (String, Vec<u8>)>,
) -> Result<tempfile::TempDir, DiffError> {
    let fail = |source| DiffError::Keep {
        argument: argument.to_owned(),
        source,
    };
    let kept = tempfile::tempdir().map_err(fail)?;
    for (name, bytes) in files {
        let path = kept.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(fail)?;
        }
        fs::write(path, bytes).map_err(fail)?;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_told_apart() {
        for (text, expected) in [
            ("@live", Named::Live),
            ("@nothing", Named::Nothing),
            ("@current", Named::Current),
            ("@3", Named::Generation(3)),
            ("-", Named::Stdin),
            (
                "main:clusters/prod",
                Named::Git("main:clusters/prod".to_owned()),
            ),
            ("HEAD~1:", Named::Git("HEAD~1:".to_owned())),
            ("clusters/prod", Named::Path("clusters/prod".into())),
            ("https://x/y", Named::Path("https://x/y".into())),
        ] {
            assert_eq!(named(OsStr::new(text)).unwrap(), expected, "{text}");
        }
        assert!(named(OsStr::new("@last")).is_err());
    }

    #[test]
    fn a_file_with_a_colon_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a:b.yaml");
        fs::write(&path, "").unwrap();
        assert_eq!(named(path.as_os_str()).unwrap(), Named::Path(path));
    }
}
