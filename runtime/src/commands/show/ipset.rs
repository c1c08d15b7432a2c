//! Sets with their entries; empty ones in one line, as there are many.

use std::fmt::Write as _;

use anstyle::Style;
use portolan_compiler::english::count;
use portolan_compiler::kernel::ipset;
use portolan_compiler::kernel::ipset::{Set, SetHeader};
use portolan_compiler::model::IpFamily;

use super::error::Problem;
use portolan_compiler::escape::visible;

const BOLD: Style = Style::new().bold();

pub(super) fn show(text: &str) -> Result<String, Problem> {
    let observed = ipset::read(text)?;
    let mut out = String::new();
    let (empty, full): (Vec<&Set>, Vec<&Set>) =
        observed.sets.iter().partition(|set| set.entries.is_empty());
    // Writing to a String cannot fail.
    for set in &full {
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#}  {}, {}",
            set.name,
            kind(set),
            entries(set.entries.len())
        );
        for (entry, _) in &set.entries {
            let _ = writeln!(out, "  {entry}");
        }
        out.push('\n');
    }
    for foreign in &observed.foreign {
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#}  not one of portolan's",
            visible(&foreign.name)
        );
        for line in &foreign.lines {
            let _ = writeln!(out, "  {}", visible(line));
        }
        out.push('\n');
    }
    if !empty.is_empty() {
        let _ = writeln!(out, "{BOLD}Empty{BOLD:#}");
        for set in &empty {
            let _ = writeln!(out, "  {:<32}{}", set.name.as_str(), kind(set));
        }
        out.push('\n');
    }
    let all = observed.sets.iter().map(|set| set.entries.len()).sum();
    let sets = observed.sets.len() + observed.foreign.len();
    let _ = writeln!(out, "{} with {}", count(sets, "set"), entries(all));
    Ok(out)
}

fn entries(number: usize) -> String {
    count(number, "entry")
}

fn kind(set: &Set) -> String {
    match set.header {
        SetHeader::Hash {
            set_type, family, ..
        } => {
            let family = match family {
                IpFamily::V4 => "IPv4",
                IpFamily::V6 => "IPv6",
            };
            format!("{} {family}", set_type.as_str())
        }
        SetHeader::Bitmap { from, to } => {
            format!("{} {from}-{to}", set.header.set_type().as_str())
        }
    }
}
