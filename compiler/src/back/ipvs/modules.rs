//! Kernel modules, as `modules-load.d` takes them.

use crate::back::text::Text;

/// Writes one module per line, in the given order.
pub fn write_modules(modules: &[&str], text: &mut Text) {
    for module in modules {
        text.line(&[], format_args!("{module}"));
    }
}
