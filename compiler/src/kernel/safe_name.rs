//! Names that rule text and the kernel both take as they are.

use std::fmt;

/// A name of `[A-Za-z0-9_-]`, at least one character and at most so many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeName<const LIMIT: usize>(Box<str>);

impl<const LIMIT: usize> SafeName<LIMIT> {
    /// The longest there is.
    pub const LIMIT: usize = LIMIT;

    /// Takes a name; `None` where the kernel or rule text would not.
    pub fn new(text: &str) -> Option<Self> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (!text.is_empty() && text.len() <= LIMIT && text.bytes().all(safe))
            .then(|| Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const LIMIT: usize> fmt::Display for SafeName<LIMIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
