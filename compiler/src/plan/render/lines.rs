//! A step in a line.

use crate::plan::{Delta, Durability, Interruption, IpvsChange, Op, Step, Subject};

/// What forgotten UDP flows are called where they are many.
pub(in crate::plan) const FLOW: &str = "flow";

/// What a line says, with its sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::plan) struct Line {
    /// `+`, `~`, `-`, `!`.
    pub(in crate::plan) sign: char,
    /// What there may be many of.
    pub(in crate::plan) noun: &'static str,
    /// What follows the noun: which one, and how it changes.
    pub(in crate::plan) text: String,
}

impl Line {
    /// The sign and the rest.
    pub(super) fn say(&self) -> String {
        format!("{} {}", self.sign, self.text)
    }
}

/// The lines of a step; none for one that only eases the way.
pub(super) fn lines(step: &Step) -> Vec<Line> {
    if let Subject::Conntrack(change) = &step.subject {
        return vec![change.line_of(step.interruption)];
    }
    if step.durability == Durability::Transitional {
        return Vec::new();
    }
    let sign = match step.subject.op() {
        Op::Add => '+',
        Op::Change => '~',
        Op::Remove => '-',
        Op::Flush => '!',
    };
    let (noun, text) = step.subject.line();
    let mut lines = vec![Line { sign, noun, text }];
    lines.extend(step.subject.details());
    lines.extend(interruption(step));
    lines
}

/// A value that is always there, and changes.
pub(in crate::plan) fn set_in_place<T: ToString>(name: &str, delta: &Delta<T>) -> String {
    let say = |value: Option<&T>| value.map_or_else(|| "unknown".to_owned(), T::to_string);
    format!("{name} {} -> {}", say(delta.before()), say(delta.after()))
}

fn interruption(step: &Step) -> Option<Line> {
    let line = |noun, text| {
        Some(Line {
            sign: '!',
            noun,
            text,
        })
    };
    match step.interruption {
        Interruption::None
        | Interruption::Flows(_)
        | Interruption::Connections { count: Some(0), .. } => None,
        Interruption::Unguarded => line(
            "guard",
            "new connections are neither masqueraded nor filtered until it is made anew".to_owned(),
        ),
        Interruption::Connections { protocol, count } => {
            let to = match &step.subject {
                Subject::Ipvs(IpvsChange::Destination(key, _)) => key.to_string(),
                Subject::Ipvs(change) => change.server()?.to_string(),
                _ => return None,
            };
            let text = match count {
                None => format!("{protocol} connections to {to} end"),
                Some(count) => format!("{count} {protocol} connections to {to} end"),
            };
            line("connection", text)
        }
    }
}
