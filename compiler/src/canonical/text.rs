//! Lines of words.

use std::fmt::{self, Display, Write};

use crate::ir::ServicePortKey;

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
