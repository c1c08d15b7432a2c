//! Lines of words, and the digest of them.

use std::fmt::{self, Display, Write};

use sha2::{Digest as _, Sha256};

use crate::bundle::Digest;
use crate::ir::ServicePortKey;

/// Digests text as it is written, by the block: small updates are slow.
pub(super) struct Sink {
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

/// The digest of what is written.
pub(super) fn digest(write: impl FnOnce(&mut Sink) -> fmt::Result) -> Digest {
    let mut sink = Sink {
        sha: Sha256::new(),
        buffer: String::new(),
    };
    // A sink never refuses.
    let _ = write(&mut sink);
    sink.sha.update(&sink.buffer);
    Digest::from(<[u8; 32]>::from(sink.sha.finalize()))
}

/// A key and its values on one line; no line where there are no values.
pub(super) fn line<T: Display>(
    out: &mut impl Write,
    key: &str,
    values: impl IntoIterator<Item = T>,
) -> fmt::Result {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    out.write_str(key)?;
    values.try_for_each(|value| write!(out, " {value}"))?;
    out.write_char('\n')
}

/// Family, protocol and name of a Service's port; `-` for that without a name.
pub(super) struct Port<'k>(pub(super) &'k ServicePortKey);

impl Display for Port<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = self.0;
        let name = match key.port.as_str() {
            "" => "-",
            name => name,
        };
        write!(f, "{} {} {name}", key.family, key.protocol)
    }
}
