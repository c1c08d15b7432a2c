//! Makes signatures that minisign verifies.

use ct_codecs::{Base64, Decoder as _};
use minisign::{PublicKey, SecretKey, SecretKeyBox};

use super::{KeyId, TrustError};
use crate::rules::BundleFile;

/// How the second line of a secret key begins: algorithms of the signature, of the password and of the
/// checksum, `EdScB2` and `Ed\0\0B2`, in base64 (minisign's own page, "Secret key format").
pub(super) const LOCKED: &str = "RWRTY0Iy";
pub(super) const OPEN: &str = "RWQAAEIy";

/// A key that signs, ready for use.
pub struct SigningKey(SecretKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.id()).finish()
    }
}

/// Whether a key's file is locked by a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// It is.
    Yes,
    /// Whoever has the file has the key.
    No,
}

impl SigningKey {
    /// Whether the text of a secret key needs a password.
    ///
    /// # Errors
    /// Text that is no secret key.
    pub fn locked(text: &str) -> Result<Locked, TrustError> {
        let key = text.lines().nth(1).ok_or(TrustError::NotASecretKey)?;
        if key.starts_with(LOCKED) {
            Ok(Locked::Yes)
        } else if key.starts_with(OPEN) {
            Ok(Locked::No)
        } else {
            Err(TrustError::NotASecretKey)
        }
    }

    /// Reads the text of a secret key, and unlocks it.
    ///
    /// # Errors
    /// Text that is none, or another password.
    pub fn read(text: &str, password: Option<String>) -> Result<Self, TrustError> {
        let key = if let Some(password) = password {
            SecretKeyBox::from_string(text)
                .and_then(|locked| locked.into_secret_key(Some(password)))
        } else {
            // Debian's minisign leaves the checksum of an open key empty, which its library refuses.
            let line = text.lines().nth(1).ok_or(TrustError::NotASecretKey)?;
            let bytes = Base64::decode_to_vec(line.trim_end(), None);
            SecretKey::from_bytes(&bytes.map_err(|_| TrustError::NotASecretKey)?)
        };
        key.map(Self).map_err(|error| match error.kind() {
            minisign::ErrorKind::Verify => TrustError::Password,
            _ => TrustError::NotASecretKey,
        })
    }

    /// Its number.
    pub fn id(&self) -> Option<KeyId> {
        KeyId::from_bytes(self.0.keynum())
    }

    /// The text of a signature of a bundle.
    ///
    /// # Errors
    /// A bundle that says not which edition of which cluster's rules it is.
    pub fn sign(&self, file: &BundleFile) -> Result<String, TrustError> {
        let bundle = file.bundle();
        let edition = bundle.edition().ok_or_else(|| TrustError::NoEdition {
            path: file.path().to_owned(),
        })?;
        let comment = format!("cluster={} counter={}", edition.cluster, edition.counter);
        let public = PublicKey::from_secret_key(&self.0).map_err(|_| TrustError::NotASecretKey)?;
        let signature = minisign::sign(
            Some(&public),
            &self.0,
            bundle.bytes(),
            Some(&comment),
            Some("signature from minisign secret key"),
        );
        let signature = signature.map_err(|error| TrustError::Sign(error.to_string()))?;
        Ok(signature.into_string())
    }
}
