//! SHA-256 digests, written `sha256:` and 64 lower-case hexadecimal digits.

use std::fmt::{self, Write};
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of the text that is written, which is never there as a whole.
    pub(crate) fn of_text(write: impl FnOnce(&mut Sink) -> fmt::Result) -> Self {
        let mut sink = Sink {
            sha: Sha256::new(),
            buffer: String::new(),
        };
        // A sink never refuses.
        let _ = write(&mut sink);
        sink.sha.update(&sink.buffer);
        Self(sink.sha.finalize().into())
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Digits that people read and compare.
    pub const SHORT: usize = 12;

    /// Its 64 digits, without the name of the algorithm.
    pub fn digits(&self) -> String {
        self.to_string().split_off("sha256:".len())
    }

    /// Its first digits, for people to read and compare: `3f2a90c1d4e5`.
    pub fn short(&self) -> String {
        let mut digits = self.digits();
        digits.truncate(Self::SHORT);
        digits
    }
}

/// Digests text as it is written, by the block: small updates are slow.
pub(crate) struct Sink {
    sha: Sha256,
    buffer: String,
}

const BLOCK: usize = 8192;

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.buffer.push_str(text);
        if self.buffer.len() >= BLOCK {
            self.sha.update(&self.buffer);
            self.buffer.clear();
        }
        Ok(())
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: `sha256:` and 64 lower-case hexadecimal digits")]
pub struct NotADigest;

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digits = text.strip_prefix("sha256:").ok_or(NotADigest)?.as_bytes();
        let (pairs, rest) = digits.as_chunks::<2>();
        let mut bytes = [0; 32];
        if !rest.is_empty() || pairs.len() != bytes.len() {
            return Err(NotADigest);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Ok(Self(bytes))
    }
}

/// One digit. Upper case is refused: equal digests are equal text.
fn nibble(digit: u8) -> Result<u8, NotADigest> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NotADigest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn digests_are_written_and_read() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.parse(), Ok(digest));
    }

    #[test]
    fn nothing_but_the_canonical_spelling_is_read() {
        for text in [
            "",
            "sha256:",
            &EMPTY[7..],
            &EMPTY[..70],
            &EMPTY.to_uppercase(),
            &format!("{EMPTY}0"),
            &EMPTY.replace('e', "E"),
            &EMPTY.replace("sha256", "sha512"),
        ] {
            assert_eq!(text.parse::<Digest>(), Err(NotADigest), "{text}");
        }
    }
}
