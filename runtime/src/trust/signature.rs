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
    let text = std::str::from_utf8(&signature.bytes).map_err(|_| broken())?;
    let text = canonical(text).ok_or_else(broken)?;
    let number = SignatureBox::from_string(text).map_err(|_| broken())?;
    let id = KeyId::from_bytes(number.keynum()).ok_or_else(broken)?;
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

/// A signature as minisign writes it: four lines. Line ends of another system are not signed either.
fn canonical(text: &str) -> Option<&str> {
    let is_whole = text.lines().count() == 4 && text.is_ascii() && text.ends_with('\n');
    is_whole.then_some(text)
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
