//! Chains and jumps for people.

use super::IptablesChange;
use crate::english::count;
use crate::kernel::iptables::SavedRule;
use crate::plan::Delta;
use crate::plan::render::Line;

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
                let rule = position.rule.short();
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
        text: format!("  {}", rule.short()),
    };
    let come = to.iter().filter(|rule| !from.contains(rule));
    let go = from.iter().filter(|rule| !to.contains(rule));
    let come = come.map(|rule| line('+', rule));
    come.chain(go.map(|rule| line('-', rule))).collect()
}
