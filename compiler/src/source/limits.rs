//! Limits that no real manifest reaches and every hostile one meets.

/// Bytes of one object; the API server takes far less.
pub(crate) const OBJECT_BYTES: usize = 64 << 20;

/// Levels of mappings and lists within one object.
pub(crate) const NESTING: usize = 100;

/// Levels up to which a text is handed to a YAML parser at all.
pub(crate) const PARSED_NESTING: usize = 2 * NESTING;

/// How many values and bytes of text a reader may meet in a text of this many bytes. Without
/// aliases it meets at most twice as many as there are bytes.
pub(crate) fn visits(bytes: usize) -> usize {
    bytes.saturating_mul(20).saturating_add(100_000)
}

/// The size limit, for people.
pub(crate) const OBJECT_SIZE: &str = "64 MiB";
