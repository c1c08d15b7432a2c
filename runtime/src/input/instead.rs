//! What a folder holds in place of manifests, by what its files say: names are often people's own.

use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use portolan_compiler::bundle::{ArtefactKind, Manifest};
use portolan_compiler::diag::some;
use portolan_compiler::observed::{CaptureFile, printed};

/// More entries of a folder than this are not looked at, and no more bytes of a file than that.
const ENTRIES: usize = 200;
const BYTES: u64 = 64 << 10;

/// What stands in a folder that was named as something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// Compiled rules of nodes, with their MANIFEST.
    Compiled,
    /// Compiled rules of nodes, without the MANIFEST.
    Rules,
    /// The folder of nodes within a compiled one, which has the MANIFEST.
    Nodes(PathBuf),
    /// Compiled rules of one node alone; the folder with the MANIFEST, where it is above.
    OneNode(Option<PathBuf>),
    /// What tools printed on a node.
    Outputs {
        /// The folder that was named.
        path: PathBuf,
        /// Files that have the names of a capture.
        named: Vec<CaptureFile>,
        /// Names of others, and what they are to be called.
        others: Vec<(String, CaptureFile)>,
    },
}

impl Instead {
    /// Looks at what is there; `None` where it is nothing that portolan knows, or cannot be read.
    pub(crate) fn of(folder: &Path) -> Option<Self> {
        let compiled = |path: &PathBuf| entries(path).iter().any(|file| is_artefact(file));
        if entries(&folder.join("nodes")).iter().any(compiled) {
            return Some(if folder.join(Manifest::FILE_NAME).is_file() {
                Self::Compiled
            } else {
                Self::Rules
            });
        }
        let files = entries(folder);
        if files.iter().filter(|file| is_artefact(file)).count() > 1 {
            return Some(Self::OneNode(whole(folder, 2)));
        }
        if files.iter().any(compiled) {
            if let Some(above) = whole(folder, 1) {
                return Some(Self::Nodes(above));
            }
            if folder.ends_with("nodes") {
                return Some(Self::Rules);
            }
        }
        let (mut named, mut others) = (Vec::new(), Vec::new());
        for file in &files {
            let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let known = name.parse::<CaptureFile>().ok();
            match known {
                Some(known) => named.push(known),
                None if name.starts_with('.') => {}
                None => others.extend(beginning(file).and_then(|text| {
                    let found = printed(&text)?;
                    Some((name.to_owned(), found.file()))
                })),
            }
        }
        let any = !named.is_empty() || !others.is_empty();
        let path = folder.to_owned();
        any.then_some(Self::Outputs {
            path,
            named,
            others,
        })
    }

    /// What makes it readable.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Compiled => {
                "name the manifests that it was compiled from; `portolan diff`, `portolan plan` \
                 and `portolan apply` take the folder itself"
                    .to_owned()
            }
            Self::Nodes(above) => format!(
                "name the whole of it, {}, to `portolan diff`, `portolan plan` or `portolan apply`",
                above.display()
            ),
            Self::Rules => {
                "bring MANIFEST back, from Git for example, or compile into the folder again: \
                 nothing else says which nodes these are and that nobody changed the files"
                    .to_owned()
            }
            Self::OneNode(Some(above)) => {
                format!("name {}, and the node with --node", above.display())
            }
            Self::OneNode(None) => {
                "name the folder that has it as nodes/NODE beside a MANIFEST, or compile again"
                    .to_owned()
            }
            Self::Outputs {
                path,
                named,
                others,
            } => {
                let place = path.display();
                let use_it = format!(
                    "capture:{place} is a side of `portolan diff`, and `portolan plan --observed {place}` plans on it"
                );
                let lacking: Vec<String> = CaptureFile::REQUIRED
                    .into_iter()
                    .filter(|file| !named.contains(file))
                    .filter(|file| !others.iter().any(|(_, other)| other == file))
                    .map(CaptureFile::made_by)
                    .collect();
                let renamed: Vec<String> = others
                    .iter()
                    .map(|(name, file)| format!("{name} to {file}"))
                    .collect();
                let renamed =
                    (!renamed.is_empty()).then(|| format!("rename {}", renamed.join(", ")));
                let lacking = (!lacking.is_empty())
                    .then(|| format!("what is missing is made by: {}", lacking.join(", ")));
                let said = [renamed, lacking, Some(use_it)];
                let said: Vec<String> = said.into_iter().flatten().collect();
                said.join("; ")
            }
        }
    }
}

impl fmt::Display for Instead {
    /// As an object of a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compiled => f.write_str("rules that portolan compiled, which are no manifests"),
            Self::Nodes(_) => f.write_str("the compiled rules of nodes"),
            Self::Rules => f.write_str("compiled rules (nodes/) without their MANIFEST"),
            Self::OneNode(_) => f.write_str("the compiled rules of one node"),
            Self::Outputs { others, .. } if others.is_empty() => f.write_str("a capture of a node"),
            Self::Outputs { others, .. } => {
                let said = others
                    .iter()
                    .map(|(name, file)| format!("{name}: `{}`", file.command()));
                let said: Vec<String> = said.collect();
                write!(f, "what tools print on a node ({})", some(said.iter()))
            }
        }
    }
}

/// The folder so many levels above, where it has a MANIFEST.
fn whole(folder: &Path, levels: usize) -> Option<PathBuf> {
    let above = |path: &Path| {
        let above = path.ancestors().nth(levels)?;
        let compiled = above.join(Manifest::FILE_NAME).is_file();
        compiled.then(|| above.to_owned())
    };
    let spelled = above(folder).map(|above| {
        if above.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            above
        }
    });
    spelled.or_else(|| above(&folder.canonicalize().ok()?))
}

/// Files and folders in a folder, sorted; links are none of them.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.take(ENTRIES).filter_map(Result::ok);
    let plain = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
    let mut paths: Vec<PathBuf> = plain.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Whether a file has a name that only artefacts have.
fn is_artefact(file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| {
        let captured = name.parse::<CaptureFile>().is_ok();
        !captured && name.parse::<ArtefactKind>().is_ok()
    })
}

/// The first whole lines of a file, as text.
fn beginning(file: &Path) -> Option<String> {
    if !file.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(file)
        .ok()?
        .take(BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    if bytes.contains(&0) {
        return None;
    }
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let end = whole.map_or(bytes.len(), |end| end + 1);
    Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
}
