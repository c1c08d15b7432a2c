//! Scripts for `ipset restore`.

use crate::back::text::{KeepOrigins, Text};
use crate::plan::{Delta, Subject};

/// The lines of steps about sets and entries; others have none.
pub(super) fn script<'s>(subjects: impl Iterator<Item = &'s Subject>) -> String {
    let mut text = Text::new(KeepOrigins::No);
    for subject in subjects {
        write(subject, &mut text);
    }
    text.finish().0
}

fn write(subject: &Subject, text: &mut Text) {
    let mut line = |content: std::fmt::Arguments<'_>| text.line(&[], content);
    match subject {
        Subject::Set(name, delta) => {
            if delta.before().is_some() {
                line(format_args!("destroy {name}"));
            }
            if let Some(header) = delta.after() {
                line(format_args!("create {name} {header}"));
            }
        }
        Subject::OtherSet(name, delta) => {
            if delta.before().is_some() {
                line(format_args!("destroy {name}"));
            }
            for saved in delta.after().into_iter().flatten() {
                line(format_args!("{saved}"));
            }
        }
        Subject::Entry(set, entry, Delta::Remove(())) => line(format_args!("del {set} {entry}")),
        Subject::Entry(set, entry, Delta::Add(()) | Delta::Change { .. }) => {
            line(format_args!("add {set} {entry}"));
        }
        _ => {}
    }
}
