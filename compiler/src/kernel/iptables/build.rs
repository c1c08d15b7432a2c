//! Rules, chains and jumps from the fixed texts of the proxy modes.

use super::{BuiltinChain, Chain, ChainName, Comment, Jump, Match, Rule, Target};
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

pub(crate) fn chain(name: impl Into<ChainName>, rules: Vec<Rule>) -> Chain {
    Chain {
        name: name.into(),
        rules,
    }
}

/// A jump that says why.
pub(crate) fn jump(from: BuiltinChain, to: impl Into<ChainName>, why: &str) -> Jump {
    Jump {
        from: from.into(),
        rule: rule([comment(why)], goto(to)),
    }
}

pub(crate) fn goto(name: impl Into<ChainName>) -> Target {
    Target::Chain(name.into())
}

/// A name that is one beyond doubt.
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
