//! Bundles where nothing else will do.

use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Edition;
use portolan_compiler::escape::visible;

use crate::out::OutError;
use crate::report::{Exit, Explain, Failure};
use crate::rules::image::{self, Layer};
use crate::rules::{BundleFile, Rules, signature_path};

/// A folder where a bundle is meant.
#[derive(Debug, thiserror::Error)]
#[error("{} is a folder, and no OCI image layout", path.display())]
struct NotABundle {
    path: PathBuf,
}

impl Explain for NotABundle {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn help(&self) -> Option<String> {
        Some(
            "make a bundle of a compiled folder: `portolan bundle create DIR --out FILE`"
                .to_owned(),
        )
    }
}

/// The bundle at this path.
pub(in crate::commands) fn bundle(path: &Path) -> Result<BundleFile, Failure> {
    if !path.is_dir() {
        return Ok(BundleFile::open(path)?);
    }
    match Rules::open(path)? {
        Rules::Bundle(file) => Ok(*file),
        Rules::Folder(_) => Err(NotABundle {
            path: path.to_owned(),
        }
        .into()),
    }
}

/// What a file is called without its folder.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Puts a bundle, and its signature where there is one, into an image layout, tagged with its counter; says
/// so. They are called there as the bundle's file is.
pub(in crate::commands) fn save_image(
    root: &Path,
    bundle: &Path,
    edition: Option<&Edition>,
    bytes: &[u8],
    signature: Option<&[u8]>,
) -> Result<String, OutError> {
    let (name, of_signature) = (file_name(bundle), file_name(&signature_path(bundle)));
    let signature = signature.map(|bytes| Layer {
        name: &of_signature,
        bytes,
    });
    let tag = edition.map_or_else(|| "latest".to_owned(), |it| it.counter.to_string());
    let bundle = Layer { name: &name, bytes };
    image::write(root, &tag, bundle, signature)?;
    let place = visible(&root.display().to_string());
    Ok(format!("Saved an image layout in {place}, tag {tag}\n"))
}
