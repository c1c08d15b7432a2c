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
    /// Empty text.
    pub fn new(keep_origins: KeepOrigins) -> Self {
        Self {
            keep_origins,
            ..Self::default()
        }
    }

    /// Adds one line; the line feed is added here.
    pub fn line(&mut self, origins: &[Origin], content: fmt::Arguments<'_>) {
        let start = self.content.len();
        // Writing to a String cannot fail.
        let _ = self.content.write_fmt(content);
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
