//! GitHub's workflow commands: `::notice file=…,line=…::message`.

use super::visible;

/// Text after the second `::`.
pub fn message(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// The value of a property, which ends at a comma or colon.
pub fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
