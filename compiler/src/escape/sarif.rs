//! Messages of SARIF, which are in JSON besides.

use super::visible;

/// A plain text message. Brackets with parentheses after them are links in one (SARIF 2.1.0, 3.11.6).
pub(crate) fn sarif(text: &str) -> String {
    visible(text).replace("](", "] (")
}
