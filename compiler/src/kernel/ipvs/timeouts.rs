//! The artefact of IPVS' own timeouts.

use crate::kernel::text::Text;
use crate::model::Timeouts;

/// Writes the one line of the artefact.
pub fn write_timeouts(timeouts: Timeouts, text: &mut Text) {
    text.line(&[], format_args!("{timeouts}"));
}
