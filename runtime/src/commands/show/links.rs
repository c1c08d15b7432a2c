//! Links with their addresses.

use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::escape::visible;
use portolan_compiler::model::IpFamily;
use portolan_compiler::observed::Link;

use super::small;

const BOLD: Style = Style::new().bold();

pub(super) fn show(links: &[Link]) -> String {
    let mut out = String::new();
    let mut numbers = [0, 0];
    for link in links {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", visible(&link.name));
        for one in &link.addresses {
            numbers[IpFamily::of(one.address) as usize] += 1;
            let _ = writeln!(out, "  {one}");
        }
    }
    out.push_str(&small::count_addresses(numbers));
    out
}
