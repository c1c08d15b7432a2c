//! Lists of endpoints, told by their positions.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::text::Port;
use crate::bundle::Digest;
use crate::lower::PortEndpoints;

/// Some endpoints: service ports with the positions of the endpoints among the port's.
#[derive(Debug, Default)]
pub(super) struct List {
    text: String,
    /// The last port and endpoint written, by their positions.
    last: Option<(usize, usize)>,
}

impl List {
    /// Adds an endpoint of the `at`-th port, unless it was the last that was added.
    pub(super) fn push(&mut self, at: usize, port: PortEndpoints<'_>, position: usize) {
        let last = self.last.replace((at, position));
        if last == Some((at, position)) {
            return;
        }
        // A string never refuses.
        if last.is_none_or(|(last, _)| last != at) {
            let key = port.key();
            let _ = write!(self.text, "\nport {} {}", key.service, Port(key));
        }
        let _ = write!(self.text, " {position}");
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

/// Each list digested.
pub(super) fn digests<K: Ord>(lists: BTreeMap<K, List>) -> BTreeMap<K, Digest> {
    let digested = lists
        .into_iter()
        .map(|(place, list)| (place, list.digest()));
    digested.collect()
}
