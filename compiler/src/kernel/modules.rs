//! Kernel modules, as `modules-load.d` takes them.

use super::lines::{LineError, numbered};
use super::text::Text;

/// A line that is not the name of a module that portolan asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a module that a proxy mode needs")]
pub struct NotAModule;

/// Reads what [`write()`] writes.
///
/// # Errors
/// With the first line that names a module not among the `known`: what is read here is loaded into a
/// kernel.
pub fn read<I: Iterator<Item = &'static str>>(
    text: &str,
    known: impl Fn() -> I,
) -> Result<Vec<&'static str>, LineError<NotAModule>> {
    numbered(text)
        .map(|(line, name)| {
            known()
                .find(|module| *module == name)
                .ok_or_else(|| LineError {
                    line,
                    problem: NotAModule,
                    text: name.into(),
                })
        })
        .collect()
}

/// Writes one module per line, in the given order.
pub fn write(modules: &[&str], text: &mut Text) {
    for module in modules {
        text.line(&[], format_args!("{module}"));
    }
}
