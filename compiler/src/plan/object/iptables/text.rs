//! Chains and jumps for people.

use super::IptablesChange;
use crate::english::count;
use crate::kernel::iptables::{Match, Rule, SavedRule};
use crate::plan::Delta;
use crate::plan::render::Line;
use crate::source::Origins;

pub(super) fn line(change: &IptablesChange) -> (&'static str, String) {
    match change {
        IptablesChange::Chain(chain, delta) => {
            let number = delta.after().or(delta.before()).map_or(0, Vec::len);
            let rules = match delta {
                Delta::Change { .. } => String::new(),
                _ => format!(", {}", count(number, "rule")),
            };
            ("chain", format!("chain {chain}{rules}"))
        }
        IptablesChange::Jump(chain, delta) => {
            let position = delta.after().or(delta.before());
            let text = position.map_or_else(String::new, |position| {
                let rule = short(&SavedRule::Known(position.rule.clone()));
                format!("rule {} of {chain}: {rule}", position.number)
            });
            ("jump", text)
        }
    }
}

/// The rules that come and go.
pub(super) fn details(change: &IptablesChange) -> Vec<Line> {
    let IptablesChange::Chain(_, Delta::Change { from, to }) = change else {
        return Vec::new();
    };
    let line = |sign: char, rule: &SavedRule| Line {
        sign,
        noun: "rule",
        text: format!("  {}", short(rule)),
    };
    let come = to.iter().filter(|rule| !from.contains(rule));
    let go = from.iter().filter(|rule| !to.contains(rule));
    let come = come.map(|rule| line('+', rule));
    come.chain(go.map(|rule| line('-', rule))).collect()
}

/// A rule without its comment, which says little that its sets' names do not.
fn short(rule: &SavedRule) -> String {
    let SavedRule::Known(rule) = rule else {
        return rule.to_string();
    };
    let matches = rule.matches.iter();
    let matches = matches.filter(|part| !matches!(part, Match::Comment(_)));
    let bare = Rule {
        matches: matches.cloned().collect(),
        target: rule.target.clone(),
        origins: Origins::new(),
    };
    bare.to_string()
}
