//! Rules, chains and jumps from the fixed texts of the proxy modes.

use super::{Chain, ChainName, Comment, Jump, Match, Rule, Target};
use crate::source::{Origin, Origins};

/// A rule that every node has.
pub(crate) fn rule(matches: impl Into<Vec<Match>>, target: Target) -> Rule {
    Rule {
        matches: matches.into(),
        target,
        origins: Origins::new(),
    }
}

/// A rule that a manifest caused.
pub(crate) fn rule_of(origin: Origin, matches: impl Into<Vec<Match>>, target: Target) -> Rule {
    Rule {
        matches: matches.into(),
        target,
        origins: [origin].into(),
    }
}

pub(crate) fn chain(name: &str, rules: Vec<Rule>) -> Chain {
    Chain {
        name: chain_name(name),
        rules,
    }
}

/// A jump that says why.
pub(crate) fn jump(from: &str, to: &str, why: &str) -> Jump {
    Jump {
        from: chain_name(from),
        rule: rule([comment(why)], goto(to)),
    }
}

pub(crate) fn goto(name: &str) -> Target {
    Target::Chain(chain_name(name))
}

pub(crate) fn chain_name(name: &str) -> ChainName {
    ChainName::new(name).expect("names of chains are short and of safe characters")
}

/// A comment of fixed text, or of names that were checked when they were read.
pub(crate) fn comment(text: &str) -> Match {
    Match::Comment(Comment::new(text).expect("names are short and of safe characters"))
}

pub(crate) fn sorted(mut chains: Vec<Chain>) -> Vec<Chain> {
    chains.sort_by(|a, b| a.name.cmp(&b.name));
    chains
}
