//! Sets as `ipset restore` takes them and `ipset save` prints them, without `initval` and
//! `bucketsize`: the kernel chooses those.

use super::Set;
use crate::kernel::text::Text;

/// Writes each set followed by its entries, in the given order.
pub fn write(sets: &[Set], text: &mut Text) {
    for set in sets {
        text.line(&[], format_args!("create {} {}", set.name, set.header));
        for (entry, origins) in &set.entries {
            text.line(origins, format_args!("add {} {entry}", set.name));
        }
    }
}
