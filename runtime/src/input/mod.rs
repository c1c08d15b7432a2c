//! Reads what `-f` and `--base` name: files, folders, a pipe. Never the network.

mod error;
mod exclude;
mod find;
mod instead;
mod own;
pub(crate) mod read;
mod text;
pub(crate) mod way;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use portolan_compiler::diag::Report;
use portolan_compiler::source::{self, Again, Found, Source, Sources};

pub use error::InputError;
pub(crate) use error::unread_help;
pub(crate) use exclude::is_excluded;
pub use exclude::{NotAPattern, Pattern};
pub(crate) use find::looks_like_manifest;
pub use instead::Instead;
pub(crate) use own::{SETTINGS_FILE, is_settings};
pub use read::Links;
use read::{ALL_BYTES, FILE_BYTES, Root};
use text::{Decoded, decode};

/// Whether folders within folders are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recursion {
    /// They are read, to any depth.
    Deep,
    /// They are not.
    Flat,
}

/// How folders are read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Whether folders in them are read too.
    pub recursion: Recursion,
    /// Where links in them may lead.
    pub links: Links,
    /// What is left out.
    pub exclude: Vec<Pattern>,
}

impl Reading {
    /// Whether a file is read, by its path below the folder that is named.
    pub(crate) fn reads(&self, path: &str) -> bool {
        let is_deep = self.recursion == Recursion::Deep || !path.contains('/');
        is_deep && self.would_read(path)
    }

    /// Whether a file is passed by that would be read if the folders in the folder were.
    pub(crate) fn passes_by(&self, path: &str) -> bool {
        self.recursion == Recursion::Flat && path.contains('/') && self.would_read(path)
    }

    /// Whether the files of a folder may be read, by its path below the one that is named.
    pub(crate) fn enters(&self, path: &str) -> bool {
        let is_deep = self.recursion == Recursion::Deep;
        is_deep && !is_hidden(path) && !is_excluded(&self.exclude, path)
    }

    fn would_read(&self, path: &str) -> bool {
        let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
        is_manifest(Path::new(path)) && !is_hidden(folders) && !is_excluded(&self.exclude, path)
    }
}

/// Whether a folder on a path is hidden.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

/// What standard input is called.
pub(crate) const STDIN: &str = "<stdin>";

/// What an input is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It is compiled.
    Input,
    /// It supplies what the cluster allocated.
    Base,
}

/// The name of a file, and its bytes.
pub(crate) type NamedBytes = (String, Vec<u8>);

/// What is to be read.
#[derive(Debug, Clone)]
pub struct Argument<'a> {
    /// What it is for.
    pub role: Role,
    /// A path, or `-`.
    pub path: &'a OsStr,
    /// How the command is typed again with other text in its place.
    pub again: Option<Arc<Again>>,
}

/// Inputs that were read already.
#[derive(Debug, Default)]
pub(crate) struct Before {
    /// Their names and bytes.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// The same of what supplies what the cluster allocated.
    pub(crate) base: Vec<(String, Vec<u8>)>,
    /// How the command is typed again with other text in their place.
    pub(crate) again: Option<Arc<Again>>,
}

/// One argument of `-f` or `--base`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Stdin,
    Path(PathBuf),
}

/// Everything that was read.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The text of the inputs.
    pub sources: Sources,
    /// Inputs that are not text, with a report about them; they are not among the sources.
    pub rejected: Option<(Report, Sources)>,
}

/// Reads all inputs, in order.
///
/// # Errors
/// With everything that is missing or cannot be read.
pub fn load(
    arguments: &[Argument<'_>],
    reading: &Reading,
    stdin: &mut dyn Read,
) -> Result<Loaded, Vec<InputError>> {
    load_with(Before::default(), arguments, reading, stdin)
}

/// Reads all inputs, after those that were read already.
///
/// # Errors
/// As above.
pub(crate) fn load_with(
    before: Before,
    arguments: &[Argument<'_>],
    reading: &Reading,
    stdin: &mut dyn Read,
) -> Result<Loaded, Vec<InputError>> {
    let _span = tracing::debug_span!("input").entered();
    let mut errors = Vec::new();
    let mut places = Vec::new();
    for argument in arguments {
        match place(argument.path) {
            Ok(Place::Stdin) if places.iter().any(|(_, place)| *place == Place::Stdin) => {
                errors.push(InputError::StdinTwice);
            }
            Ok(place) => places.push((argument, place)),
            Err(error) => errors.push(error),
        }
    }
    let mut texts = Texts::default();
    for (role, files) in [(Role::Input, before.files), (Role::Base, before.base)] {
        let kept = Argument {
            role,
            path: OsStr::new(""),
            again: before.again.clone().filter(|_| role == Role::Input),
        };
        for (name, bytes) in files {
            errors.extend(texts.add(&kept, Found::InFolder, name, bytes).err());
        }
    }
    for (argument, place) in places {
        let result = match place {
            Place::Stdin => texts.read_stdin(argument, stdin),
            Place::Path(path) => texts.read_path(argument, &path, reading, &mut errors),
        };
        errors.extend(result.err());
    }
    if errors.is_empty() {
        Ok(texts.finish())
    } else {
        Err(errors)
    }
}

/// What comes through a pipe.
pub(crate) fn pipe(stdin: &mut dyn Read) -> Result<Vec<u8>, InputError> {
    read::bounded(stdin, FILE_BYTES).map_err(InputError::stdin)
}

/// Whether a folder has files that would be read as manifests, and of which `other` does not say
/// that they are something else.
///
/// # Errors
/// Where it cannot be listed.
pub(crate) fn has_manifests(
    folder: &Path,
    reading: &Reading,
    other: impl Fn(&Path) -> bool,
) -> Result<bool, InputError> {
    match find::manifests(folder, reading) {
        Ok(found) => Ok(found.iter().any(|path| !other(path))),
        Err(InputError::Empty { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The manifests of a folder, by their paths below it, where none is passed by.
fn folder_of(folder: &Path, reading: &Reading) -> Result<Vec<PathBuf>, InputError> {
    let found = find::manifests(folder, reading)?;
    match find::unread(folder, reading) {
        None => Ok(found),
        Some(below) => Err(InputError::Unread {
            path: folder.to_owned(),
            folder: below,
        }),
    }
}

/// Names and bytes of the manifests at a path, a file or a folder, of which a folder's are wanted that
/// `wanted` says so of, by their whole paths; and those that are not.
///
/// # Errors
/// With what is missing or cannot be read.
pub(crate) fn wanted(
    path: &Path,
    reading: &Reading,
    wanted: impl Fn(&Path) -> bool,
) -> Result<(Vec<NamedBytes>, Vec<PathBuf>), InputError> {
    let fail = |path: &Path, error: io::Error| InputError::read(path, error);
    if !fs::metadata(path)
        .map_err(|error| fail(path, error))?
        .is_dir()
    {
        let bytes = read::named(path, FILE_BYTES).map_err(|error| fail(path, error))?;
        return Ok((vec![(path.display().to_string(), bytes)], Vec::new()));
    }
    let root = Root::open(path, reading.links).map_err(|error| fail(path, error))?;
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for below in folder_of(path, reading)? {
        let full = path.join(&below);
        if !wanted(&full) {
            others.push(full);
            continue;
        }
        let bytes = root
            .read(&below, FILE_BYTES)
            .map_err(|error| fail(&full, error))?;
        files.push((full.display().to_string(), bytes));
    }
    Ok((files, others))
}

/// Whether a name is one of a manifest.
pub(crate) fn is_manifest(path: &Path) -> bool {
    find::is_manifest(path)
}

fn place(argument: &OsStr) -> Result<Place, InputError> {
    if argument == "-" {
        return Ok(Place::Stdin);
    }
    match argument.to_str() {
        Some(url) if is_url(url) => Err(InputError::Url(url.to_owned())),
        _ => Ok(Place::Path(argument.into())),
    }
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

#[derive(Debug, Default)]
struct Texts {
    loaded: Loaded,
    rejected: Vec<text::Rejected>,
    bytes: u64,
}

impl Texts {
    fn read_stdin(
        &mut self,
        argument: &Argument<'_>,
        stdin: &mut dyn Read,
    ) -> Result<(), InputError> {
        self.add(argument, Found::Named, STDIN.to_owned(), pipe(stdin)?)
    }

    fn read_path(
        &mut self,
        argument: &Argument<'_>,
        path: &Path,
        reading: &Reading,
        errors: &mut Vec<InputError>,
    ) -> Result<(), InputError> {
        let fail = |path: &Path, error: io::Error| InputError::read(path, error);
        let metadata = fs::metadata(path).map_err(|error| fail(path, error))?;
        if !metadata.is_dir() {
            let bytes = read::named(path, FILE_BYTES).map_err(|error| fail(path, error))?;
            return self.add(argument, Found::Named, path.display().to_string(), bytes);
        }
        let root = Root::open(path, reading.links).map_err(|error| fail(path, error))?;
        for below in folder_of(path, reading)? {
            let full = path.join(&below);
            match root.read(&below, FILE_BYTES) {
                Ok(bytes) => {
                    self.add(argument, Found::InFolder, full.display().to_string(), bytes)?;
                }
                Err(error) => errors.push(fail(&full, error)),
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        argument: &Argument<'_>,
        found: Found,
        name: String,
        bytes: Vec<u8>,
    ) -> Result<(), InputError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > ALL_BYTES {
            return Err(InputError::Large);
        }
        let role = match argument.role {
            Role::Input => source::Role::Input,
            Role::Base => source::Role::Base,
        };
        match decode(name, bytes) {
            Decoded::Text(name, text)
                if found == Found::InFolder && is_settings(Path::new(&name), &text) => {}
            Decoded::Text(name, text) => {
                self.loaded.sources.push(Source {
                    name,
                    text,
                    role,
                    found,
                    again: argument.again.clone(),
                });
            }
            Decoded::Rejected(rejected) => self.rejected.push(rejected),
        }
        Ok(())
    }

    fn finish(self) -> Loaded {
        Loaded {
            rejected: (!self.rejected.is_empty()).then(|| text::report(self.rejected)),
            ..self.loaded
        }
    }
}

/// Arguments of `-f` and `--base` in the order the compiler is told of them, with the line to type again
/// for each.
pub(crate) fn arguments<'a>(
    files: &'a [OsString],
    base: &'a [OsString],
    again: impl Fn(Role, &OsStr) -> Option<Again>,
) -> Vec<Argument<'a>> {
    let argument = |role| {
        let again = &again;
        move |file: &'a OsString| Argument {
            role,
            path: file,
            again: again(role, file).map(Arc::new),
        }
    };
    let files = files.iter().map(argument(Role::Input));
    files.chain(base.iter().map(argument(Role::Base))).collect()
}
