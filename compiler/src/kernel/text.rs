//! Lines of an artefact, each with the origins of what it says.

use std::fmt::{self, Write as _};

use crate::source::Origin;

/// The longest line that may be written, line feed included: every reader of the artefacts has some
/// limit, and the smallest that was measured is 1,023 bytes.
pub const LINE_LIMIT: usize = 1_000;

/// Text under construction, line by line.
///
/// The origins are kept apart from the text: artefacts carry no comments that would change with the
/// manifests' layout, and a source map is written beside them on demand.
#[derive(Debug, Default)]
pub struct Text {
    content: String,
    origins: Vec<Vec<Origin>>,
    keep_origins: KeepOrigins,
}

/// Whether a [`Text`] remembers origins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeepOrigins {
    /// It does, for a source map.
    Yes,
    /// It does not.
    #[default]
    No,
}

impl Text {
    /// No text yet; notes where lines come from if asked to.
    pub fn new(keep_origins: KeepOrigins) -> Self {
        Self {
            keep_origins,
            ..Self::default()
        }
    }

    /// Makes room for lines of this many bytes altogether: growing by and by copies all of them.
    pub fn reserve(&mut self, bytes: usize) {
        self.content.reserve(bytes);
    }

    /// Adds one line; the line feed is added here.
    pub fn line(&mut self, origins: &[Origin], content: fmt::Arguments<'_>) {
        self.line_with(origins, |line| {
            // Writing to a String cannot fail.
            let _ = line.write_fmt(content);
        });
    }

    /// Adds one line that the caller appends piece by piece, without its line feed: quicker than
    /// [`Self::line`], for lines by the hundred thousand.
    pub(crate) fn line_with(&mut self, origins: &[Origin], append: impl FnOnce(&mut String)) {
        let start = self.content.len();
        append(&mut self.content);
        self.content.push('\n');
        debug_assert!(self.content.len() - start <= LINE_LIMIT, "line too long");
        if self.keep_origins == KeepOrigins::Yes {
            self.origins.push(origins.to_vec());
        }
    }

    /// The text, and for each line its origins if they were kept.
    pub fn finish(self) -> (String, Vec<Vec<Origin>>) {
        (self.content, self.origins)
    }
}
