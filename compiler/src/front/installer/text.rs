//! Text of files that nodes start with, as it stands within other objects: the configuration of k3s or
//! RKE2, one of kube-proxy, or cloud-init's that writes such files.

use k8s_openapi::ByteString;
use serde::Deserialize as _;
use serde_json::Value as Tree;

use super::super::kube_proxy::is_k3s;
use super::table::{FURTHER, SWITCHES};
use super::{InstallerManifest, Settings, Told, fields, k3s, may_tell};
use crate::source::FieldPath;

/// How deep text is looked into: files that cloud-init writes hold none that does.
#[derive(Clone, Copy)]
enum Depth {
    Top,
    Within,
}

/// What text at a path says.
pub(super) fn text(path: &FieldPath, value: &Tree, manifest: &mut InstallerManifest) {
    if let Some(text) = value.as_str() {
        look(path, text, Depth::Top, manifest);
    }
}

/// The same of bytes in base64, as the `data` of a Secret has them.
pub(super) fn base64(path: &FieldPath, value: &Tree, manifest: &mut InstallerManifest) {
    if let Some(text) = decoded(value) {
        look(path, &text, Depth::Top, manifest);
    }
}

/// The same of a file that cloud-init writes: `content` and `encoding`.
///
/// Source: cloud-init, module Write Files; `File` of `cluster-api`'s bootstrap providers.
pub(super) fn file(path: &FieldPath, value: &Tree, manifest: &mut InstallerManifest) {
    written(path, value, Depth::Top, manifest);
}

fn written(path: &FieldPath, value: &Tree, depth: Depth, manifest: &mut InstallerManifest) {
    let Some(content) = value.get("content") else {
        return;
    };
    let path = match depth {
        Depth::Top => path.clone().key("content"),
        Depth::Within => path.clone(),
    };
    match value.get("encoding").and_then(Tree::as_str) {
        None | Some("" | "text/plain") => {
            if let Some(text) = content.as_str() {
                look(&path, text, depth, manifest);
            }
        }
        Some("b64" | "base64") => {
            if let Some(text) = decoded(content) {
                look(&path, &text, depth, manifest);
            }
        }
        // Compressed text stays unread.
        Some(_) => {}
    }
}

fn decoded(value: &Tree) -> Option<String> {
    // `base64` breaks lines, and Go's decoder skips the breaks (`encoding/base64`).
    let text: String = value.as_str()?.split_ascii_whitespace().collect();
    let ByteString(bytes) = ByteString::deserialize(Tree::from(text)).ok()?;
    String::from_utf8(bytes).ok()
}

fn look(path: &FieldPath, text: &str, depth: Depth, manifest: &mut InstallerManifest) {
    if !may_tell(text) {
        return;
    }
    if let (Depth::Top, true) = (depth, text.contains("write_files:")) {
        let Ok(tree) = serde_yaml::from_str::<Tree>(text) else {
            return;
        };
        let files = tree.get("write_files").and_then(Tree::as_array);
        for value in files.into_iter().flatten() {
            written(path, value, Depth::Within, manifest);
        }
    } else if text.contains("KubeProxyConfiguration") {
        configurations(path, text, manifest);
    } else if is_k3s(text) {
        let Ok(tree) = serde_yaml::from_str::<Tree>(text) else {
            return;
        };
        // Within the text nothing has a path of its own.
        let mut within = InstallerManifest {
            told: Vec::new(),
            off: None,
            unset: manifest.unset,
        };
        k3s(FieldPath::root(), &tree, &mut within);
        if within.off.is_some() {
            manifest.off = Some(path.clone());
        }
        let told = within.told.into_iter();
        manifest.told.extend(told.map(|told| Told {
            path: path.clone(),
            ..told
        }));
    }
}

/// kube-proxy's own configuration, one of several documents or a patch to it.
fn configurations(path: &FieldPath, text: &str, manifest: &mut InstallerManifest) {
    for document in serde_yaml::Deserializer::from_str(text) {
        let Ok(tree) = Tree::deserialize(document) else {
            return;
        };
        if tree.get("kind").and_then(Tree::as_str) == Some("KubeProxyConfiguration") {
            for table in [&SWITCHES[..], &FURTHER] {
                manifest.tell(path.clone(), Settings::Fields, fields(&tree, table));
            }
        }
    }
}
