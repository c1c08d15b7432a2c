//! A bundle as an OCI image layout (OCI Image Format Specification 1.0, image-layout.md and
//! manifest.md), which registries and their tools carry: one layer is the bundle, another, where there
//! is one, its signature. portolan itself opens no connection.

use std::path::{Path, PathBuf};
use std::{fs, io};

use portolan_compiler::bundle::Digest;
use serde_json::{Value, json};

use super::RulesError;
use super::bundle::{BundleFile, Signature};
use crate::input::read::{self, FILE_BYTES};
use crate::out::{OutError, put};

/// What kind of thing the image is.
const ARTEFACT: &str = "application/vnd.portolan.bundle.v1";
/// The layer that is the bundle.
const BUNDLE: &str = "application/vnd.portolan.bundle.v1+portolan";
/// The layer that is its signature.
const SIGNATURE: &str = "application/vnd.portolan.signature.v1+minisig";
/// An image's own description.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

const LAYOUT: &str = "oci-layout";
const INDEX: &str = "index.json";
/// Bytes of an index or of an image's manifest.
const JSON_BYTES: u64 = 1 << 20;

const TITLE: &str = "org.opencontainers.image.title";
const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// A file of an image.
#[derive(Debug, Clone, Copy)]
pub struct Layer<'a> {
    /// What it is called where it is unpacked.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Whether an image layout is at this path.
pub(super) fn is_there(path: &Path) -> bool {
    path.join(LAYOUT).is_file() && path.join(INDEX).is_file()
}

/// Reads the bundle of an image layout, and its signature.
///
/// # Errors
/// A layout that has none, or several, or was changed.
pub(super) fn read(root: &Path) -> Result<BundleFile, RulesError> {
    let index = root.join(INDEX);
    let problem = |path: &Path, problem| RulesError::Image {
        path: path.to_owned(),
        problem,
    };
    let document = parse(&index, &bytes(&index, JSON_BYTES)?)?;
    let [image] = document["manifests"].as_array().map_or(&[][..], |all| all) else {
        return Err(problem(
            &index,
            "it has not exactly one image: carry each into a folder of its own",
        ));
    };
    let (path, text) = blob(root, &index, image, JSON_BYTES)?;
    let manifest = parse(&path, &text)?;
    let layers = manifest["layers"].as_array().map_or(&[][..], |all| all);
    let of_kind = |kind: &str| {
        let mut layers = layers.iter().filter(|layer| layer["mediaType"] == kind);
        match (layers.next(), layers.next()) {
            (_, Some(_)) => Err(problem(&path, "it has two layers of one kind")),
            (layer, None) => layer
                .map(|layer| blob(root, &path, layer, FILE_BYTES))
                .transpose(),
        }
    };
    let (bundle, signature) = (of_kind(BUNDLE)?, of_kind(SIGNATURE)?);
    let (_, bundle) = bundle.ok_or_else(|| problem(&path, "it has no layer that is a bundle"))?;
    let signature = signature.map(|(path, bytes)| Signature { path, bytes });
    BundleFile::of(root, bundle, signature)
}

/// Writes an image layout of a bundle, and of its signature where there is one; one that is there gives
/// way. The same files are the same bytes.
///
/// # Errors
/// Where a file cannot be written, or something else is in the folder.
pub fn write(
    root: &Path,
    tag: &str,
    bundle: Layer<'_>,
    signature: Option<Layer<'_>>,
) -> Result<(), OutError> {
    let config = json!({}).to_string();
    let mut blobs: Vec<&[u8]> = vec![config.as_bytes(), bundle.bytes];
    blobs.extend(signature.map(|layer| layer.bytes));
    let of = |layer: Layer<'_>, kind: &str| {
        let mut descriptor = descriptor(kind, layer.bytes);
        descriptor["annotations"] = json!({ TITLE: layer.name });
        descriptor
    };
    let mut layers = vec![of(bundle, BUNDLE)];
    layers.extend(signature.map(|layer| of(layer, SIGNATURE)));
    let manifest = json!({
        "artifactType": ARTEFACT,
        "config": descriptor("application/vnd.oci.empty.v1+json", config.as_bytes()),
        "layers": layers,
        "mediaType": MANIFEST,
        "schemaVersion": 2,
    })
    .to_string();
    blobs.push(manifest.as_bytes());
    let mut image = descriptor(MANIFEST, manifest.as_bytes());
    image["annotations"] = json!({ REF_NAME: tag });
    let index = json!({
        "manifests": [image],
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "schemaVersion": 2,
    })
    .to_string();
    let folder = root.join("blobs").join("sha256");
    if root.exists() && !is_there(root) && !is_empty(root) {
        let source = io::Error::other("it holds something else than an image layout");
        return Err(OutError::io("write into", root)(source));
    }
    // Nothing is written where a link leads.
    for path in [root.join("blobs"), folder.clone()] {
        if path.is_symlink() {
            return Err(OutError::Link { path });
        }
    }
    fs::create_dir_all(&folder).map_err(OutError::io("create", &folder))?;
    let put = |path: &Path, bytes: &[u8]| put(path, bytes).map_err(OutError::io("write", path));
    for bytes in blobs {
        put(&folder.join(Digest::of(bytes).digits()), bytes)?;
    }
    put(
        &root.join(LAYOUT),
        json!({"imageLayoutVersion": "1.0.0"})
            .to_string()
            .as_bytes(),
    )?;
    put(&root.join(INDEX), index.as_bytes())
}

fn is_empty(root: &Path) -> bool {
    fs::read_dir(root).is_ok_and(|mut entries| entries.next().is_none())
}

fn descriptor(kind: &str, bytes: &[u8]) -> Value {
    json!({
        "digest": Digest::of(bytes).to_string(),
        "mediaType": kind,
        "size": bytes.len(),
    })
}

/// What a descriptor leads to: where it lies, and its bytes, which are what it says.
fn blob(
    root: &Path,
    from: &Path,
    descriptor: &Value,
    limit: u64,
) -> Result<(PathBuf, Vec<u8>), RulesError> {
    let digest: Option<Digest> = descriptor["digest"].as_str().and_then(|it| it.parse().ok());
    let digest = digest.ok_or_else(|| RulesError::Image {
        path: from.to_owned(),
        problem: "it has a descriptor without a digest of SHA-256",
    })?;
    let path = root.join("blobs").join("sha256").join(digest.digits());
    let bytes = bytes(&path, limit)?;
    if Digest::of(&bytes) != digest {
        return Err(RulesError::Changed { path });
    }
    Ok((path, bytes))
}

fn bytes(path: &Path, limit: u64) -> Result<Vec<u8>, RulesError> {
    let bytes = read::itself(path, limit).map_err(OutError::io("read", path))?;
    bytes.ok_or_else(|| RulesError::Image {
        path: path.to_owned(),
        problem: "it is no file",
    })
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Value, RulesError> {
    serde_json::from_slice(bytes).map_err(|_| RulesError::Image {
        path: path.to_owned(),
        problem: "it is not JSON",
    })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use portolan_compiler::bundle::Packer;

    use super::*;

    fn layout() -> (tempfile::TempDir, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let bytes = Packer::new(None, None).finish();
        let bundle = Layer {
            name: "b.portolan",
            bytes: &bytes,
        };
        let signature = Layer {
            name: "b.portolan.minisig",
            bytes: b"signature",
        };
        write(folder.path(), "147", bundle, Some(signature)).unwrap();
        (folder, bytes)
    }

    #[test]
    fn what_is_put_into_an_image_is_read() {
        let (folder, bytes) = layout();
        let file = read(folder.path()).unwrap();
        assert_eq!(file.bundle().bytes(), bytes);
        assert_eq!(file.signature().unwrap().bytes, b"signature");
        let bundle = Layer {
            name: "b.portolan",
            bytes: &bytes,
        };
        write(folder.path(), "148", bundle, None).unwrap();
        assert!(read(folder.path()).unwrap().signature().is_none());
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("kept"), "").unwrap();
        assert!(write(other.path(), "1", bundle, None).is_err());
    }

    #[test]
    fn images_that_were_changed_are_refused() {
        let (folder, _) = layout();
        let blobs = folder.path().join("blobs/sha256");
        let index = folder.path().join(INDEX);
        let good = fs::read_to_string(&index).unwrap();
        for text in [
            "",
            "{}",
            &good.replace("\"manifests\":[", "\"manifests\":[{},"),
            &good.replace("sha256:", "sha512:"),
            &good.replace("sha256:", "sha256:../"),
        ] {
            fs::write(&index, text).unwrap();
            assert!(read(folder.path()).is_err(), "{text}");
        }
        fs::write(&index, &good).unwrap();
        for entry in fs::read_dir(&blobs).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            if bytes == b"{}" {
                continue;
            }
            fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
            assert!(read(folder.path()).is_err(), "{}", path.display());
            fs::remove_file(&path).unwrap();
            assert!(read(folder.path()).is_err(), "{}", path.display());
            symlink("/dev/zero", &path).unwrap();
            assert!(read(folder.path()).is_err(), "{}", path.display());
            fs::remove_file(&path).unwrap();
            fs::write(&path, bytes).unwrap();
        }
        assert!(read(folder.path()).is_ok());
    }
}
