//! Lines looked for by all threads: the text may be one file of many megabytes.

use std::ops::Range;

use memchr::memmem::Finder;
use rayon::prelude::*;

/// What a thread looks through at a time, in bytes.
const SHARE: usize = 1 << 20;

/// Starts of the lines in a range that begin with a prefix and are accepted, in order. The line at
/// the start of the range is not one of them: it has no line break before it.
pub(super) fn lines(
    bytes: &[u8],
    range: Range<usize>,
    prefix: &str,
    accept: impl Fn(usize) -> bool + Sync,
) -> Vec<usize> {
    let needle = format!("\n{prefix}");
    let finder = Finder::new(needle.as_bytes());
    let shares = range.clone().into_par_iter().step_by(SHARE);
    let found = shares.flat_map_iter(|share| {
        // One that starts in this share may end in the next.
        let end = range.end.min(share + SHARE + needle.len() - 1);
        let found = finder.find_iter(&bytes[share..end]);
        let accepted = found.map(move |at| share + at + 1).filter(|at| accept(*at));
        accepted.collect::<Vec<usize>>()
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_lines_at_the_seams_of_shares() {
        for before in SHARE - 6..SHARE + 3 {
            let text = format!("{}\n---\n{}\n---", "x".repeat(before), "y".repeat(SHARE));
            let bytes = text.as_bytes();
            let found = lines(bytes, 0..bytes.len(), "---", |_| true);
            assert_eq!(found, [before + 1, text.len() - 3]);
        }
    }

    #[test]
    fn leaves_out_what_is_not_accepted_or_beyond() {
        let bytes = b"a\na\nb\na";
        assert_eq!(lines(bytes, 0..bytes.len(), "a", |at| at > 2), [6]);
        assert_eq!(lines(bytes, 0..3, "a", |_| true), [2]);
        assert_eq!(lines(bytes, 0..2, "", |_| true), [2]);
    }
}
