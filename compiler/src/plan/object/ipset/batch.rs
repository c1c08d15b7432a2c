//! Scripts for `ipset restore`.

use super::IpsetChange;
use crate::bundle::Digest;
use crate::kernel::ipset::TEMPORARY_SET;
use crate::kernel::text::{KeepOrigins, Text};
use crate::plan::Delta;

/// The script of changes that follow one another.
pub(crate) fn script<'c>(changes: impl Iterator<Item = &'c IpsetChange>) -> String {
    let mut text = Text::new(KeepOrigins::No);
    for change in changes {
        write(change, &mut text);
    }
    text.finish().0
}

/// The name of a set that is to take another's place: one for each header, so that one that was left
/// behind is never in the way of another.
fn temporary(lines: &[Box<str>]) -> String {
    let digest = Digest::of(lines.first().map_or("", |line| line).as_bytes()).to_string();
    let digits: String = digest.chars().skip("sha256:".len()).take(8).collect();
    format!("{TEMPORARY_SET}{digits}")
}

fn write(change: &IpsetChange, text: &mut Text) {
    let mut line = |content: std::fmt::Arguments<'_>| text.line(&[], content);
    match change {
        IpsetChange::Set(name, delta) => {
            if delta.before().is_some() {
                line(format_args!("destroy {name}"));
            }
            if let Some(header) = delta.after() {
                line(format_args!("create {name} {header}"));
            }
        }
        IpsetChange::ForeignSet(name, Delta::Change { to, .. }) => {
            let temporary = temporary(to);
            for (at, saved) in to.iter().enumerate() {
                let mut words = saved.splitn(3, ' ');
                let (command, _, rest) = (words.next(), words.next(), words.next());
                let (command, rest) = (command.unwrap_or_default(), rest.unwrap_or_default());
                if at == 0 {
                    // One that was left by somebody who was cut off has the same header.
                    line(format_args!("{command} {temporary} {rest} -exist"));
                    line(format_args!("flush {temporary}"));
                } else {
                    line(format_args!("{command} {temporary} {rest}"));
                }
            }
            line(format_args!("swap {temporary} {name}"));
            line(format_args!("destroy {temporary}"));
        }
        IpsetChange::ForeignSet(name, delta) => {
            if delta.before().is_some() {
                line(format_args!("destroy {name}"));
            }
            for saved in delta.after().into_iter().flatten() {
                line(format_args!("{saved}"));
            }
        }
        IpsetChange::Entry(set, entry, Delta::Remove(())) => {
            line(format_args!("del {set} {entry}"));
        }
        IpsetChange::Entry(set, entry, Delta::Add(()) | Delta::Change { .. }) => {
            line(format_args!("add {set} {entry}"));
        }
    }
}
