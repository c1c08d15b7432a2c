//! Whether a signature is one, and by whom.

use minisign::SignatureBox;
use minisign_verify::Signature;
use portolan_compiler::bundle::Edition;

use super::{KeyId, TrustError, TrustedKeys};
use crate::rules::BundleFile;

/// Who has signed a bundle, and which edition it is.
///
/// # Errors
/// Where nobody did who is trusted for its cluster.
pub fn verify<'a>(
    file: &'a BundleFile,
    keys: &TrustedKeys,
) -> Result<(KeyId, &'a Edition), TrustError> {
    let path = || file.path().to_owned();
    let signature = file
        .signature()
        .ok_or_else(|| TrustError::NoSignature { path: path() })?;
    let broken = || TrustError::NotASignature {
        path: signature.path.clone(),
    };
    let (text, id, kind) = canonical(&signature.bytes).ok_or_else(broken)?;
    if kind == Kind::Older {
        return Err(TrustError::Legacy {
            path: signature.path.clone(),
        });
    }
    let decoded = Signature::decode(text).map_err(|_| broken())?;
    let valid = keys
        .of_id(id)?
        .any(|key| key.verify(file.bundle().bytes(), &decoded, false).is_ok());
    if !valid {
        return Err(TrustError::Invalid {
            path: path(),
            key: id,
        });
    }
    let edition = file
        .bundle()
        .edition()
        .ok_or_else(|| TrustError::NoEdition { path: path() })?;
    agrees(decoded.trusted_comment(), edition).map_err(|word| TrustError::Contradiction {
        path: signature.path.clone(),
        word: word.to_owned(),
        edition: edition.clone(),
    })?;
    keys.still_trusts(id, Some(&edition.cluster))?;
    Ok((id, edition))
}

/// What nobody signs, as minisign and its kin write it. Any other text there would be somebody's word
/// for which nobody vouches.
const UNTRUSTED: [&str; 2] = [
    "untrusted comment: signature from minisign secret key\n",
    "untrusted comment: signature from rsign secret key\n",
];

/// What is signed: a digest, or the file itself as minisign once did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    OfDigest,
    Older,
}

/// A signature, the number of its key and its kind, if it is to the byte as minisign writes it.
fn canonical(bytes: &[u8]) -> Option<(&str, KeyId, Kind)> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii())?;
    let is_plain = text.lines().count() == 4 && UNTRUSTED.iter().any(|it| text.starts_with(it));
    let read = is_plain.then(|| SignatureBox::from_string(text).ok())??;
    let id = KeyId::from_bytes(read.keynum())?;
    let kind = if read.is_prehashed() {
        Kind::OfDigest
    } else {
        Kind::Older
    };
    (read.into_string() == text).then_some((text, id, kind))
}

/// Whether what a comment says of cluster and counter is what the header says, which is what was
/// signed; tells the word that is not.
fn agrees<'a>(comment: &'a str, edition: &Edition) -> Result<(), &'a str> {
    for word in comment.split_whitespace() {
        let Some((name, value)) = word.split_once(['=', ':']) else {
            continue;
        };
        let said = match name {
            "cluster" => edition.cluster.to_string(),
            "counter" | "generation" => edition.counter.to_string(),
            _ => continue,
        };
        if said != value {
            return Err(word);
        }
    }
    Ok(())
}
