//! What a file is: by its name, or by what it says.

use std::path::Path;

use portolan_compiler::bundle::{ArtefactKind, Manifest};
use portolan_compiler::observed::{CaptureFile, Output, Printed, output};

use super::error::Problem;

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownKind {
    /// `MANIFEST` of a compiled folder.
    Manifest,
    /// An artefact of a node.
    Artefact(ArtefactKind),
    /// What a tool printed. Of the names that artefacts have too, what is in the file tells.
    Captured(CaptureFile),
}

impl ShownKind {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let artefacts = ArtefactKind::ALL.into_iter().map(Self::Artefact);
        let own = |file: &CaptureFile| file.as_str().parse::<ArtefactKind>().is_err();
        let captured = CaptureFile::ALL.into_iter().filter(own).map(Self::Captured);
        std::iter::once(Self::Manifest)
            .chain(artefacts)
            .chain(captured)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manifest => Manifest::FILE_NAME,
            Self::Artefact(kind) => kind.as_str(),
            Self::Captured(file) => file.as_str(),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    pub(super) fn of_file(path: &Path) -> Option<Self> {
        Self::named(path.file_name()?.to_str()?)
    }
}

/// A file that is ready to be shown.
#[derive(Debug)]
pub(super) enum Shown {
    /// Text of a MANIFEST.
    Manifest(String),
    /// Text of an artefact.
    Artefact(ArtefactKind, String),
    /// Messages to the kernel.
    Netlink(Vec<u8>),
    /// What a tool printed, without what stood around it.
    Captured(CaptureFile, String),
}

impl Shown {
    /// Takes bytes for what they are named as, or else for what they say they are.
    ///
    /// With why its end is missed, where more is to be expected.
    pub(super) fn new(
        kind: Option<ShownKind>,
        bytes: Vec<u8>,
    ) -> Result<(Self, Option<String>), Problem> {
        // The first message's length comes first, and no message is as long as four letters.
        let is_netlink = match kind {
            Some(kind) => kind == ShownKind::Artefact(ArtefactKind::IpvsNetlink),
            None => bytes.contains(&0),
        };
        if is_netlink {
            return Ok((Self::Netlink(bytes), None));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            // Comments of other software's rules, and settings, may be in any encoding.
            Err(error) if !matches!(kind, Some(ShownKind::Manifest | ShownKind::Artefact(_))) => {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
            Err(_) => return Err(Problem::NotText),
        };
        let found = output(&text).map_err(|error| Problem::Output(error.problem()))?;
        let unfinished = found.as_ref().and_then(|found| found.unfinished.clone());
        let shown = match kind {
            None => Self::of_content(found, text)?,
            Some(ShownKind::Manifest) => Self::Manifest(text),
            Some(ShownKind::Artefact(kind)) => Self::as_artefact(kind, found, text),
            Some(ShownKind::Captured(file)) => {
                Self::Captured(file, found.map_or(text, |found| found.text))
            }
        };
        Ok((shown, unfinished))
    }

    fn as_artefact(kind: ArtefactKind, found: Option<Output>, text: String) -> Self {
        match found {
            // Captures and compiled folders have files of one name and another form.
            Some(found) if found.file.as_str() == kind.as_str() => {
                Self::Captured(found.file, found.text)
            }
            Some(found) if found.printed != Printed::TablesAsJson => {
                Self::Artefact(kind, found.text)
            }
            _ => Self::Artefact(kind, text),
        }
    }

    fn of_content(found: Option<Output>, text: String) -> Result<Self, Problem> {
        match found {
            Some(found) if found.printed == Printed::TablesAsJson => {
                return Ok(Self::Artefact(ArtefactKind::NftablesJson, text));
            }
            Some(found) if !found.is_read() => return Err(Problem::Another(found.printed)),
            Some(found) => return Ok(Self::Captured(found.file, found.text)),
            None => {}
        }
        let mut lines = text.lines().map(str::trim);
        let first = lines
            .find(|line| !line.is_empty() && !line.starts_with('#'))
            .ok_or(Problem::UnknownKind)?;
        let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
        if starts(&["portolan-manifest ", "portolan-node "]) {
            Ok(Self::Manifest(text))
        } else if starts(&["portolan-services "]) {
            Ok(Self::Artefact(ArtefactKind::Services, text))
        } else if starts(&["link add ", "address add "]) {
            Ok(Self::Artefact(ArtefactKind::Addresses, text))
        } else {
            Err(Problem::UnknownKind)
        }
    }
}
