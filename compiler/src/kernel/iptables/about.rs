//! What a rule is about, of all that it matches.

use ipnet::IpNet;

use super::SavedRule;
use super::rule::{Match, Negation, Rule};
use crate::kernel::ipset::SetName;
use crate::model::{Port, Protocol};

impl Rule {
    /// Text of the rule's `-m comment`, the first if there are several.
    pub fn comment(&self) -> Option<&str> {
        self.first(|part| match part {
            Match::Comment(comment) => Some(comment.as_str()),
            _ => None,
        })
    }

    /// The only senders it is about.
    pub fn source(&self) -> Option<IpNet> {
        self.first(|part| match part {
            Match::Source(Negation::Is, net) => Some(*net),
            _ => None,
        })
    }

    /// The only destinations it is about.
    pub fn destination(&self) -> Option<IpNet> {
        self.first(|part| match part {
            Match::Destination(Negation::Is, net) => Some(*net),
            _ => None,
        })
    }

    /// The protocol it asks for, and the port if it asks for one.
    pub fn transport(&self) -> Option<(Protocol, Option<Port>)> {
        self.first(|part| match part {
            Match::Transport(protocol, port) => Some((*protocol, *port)),
            _ => None,
        })
    }

    fn first<'a, T>(&'a self, take: impl Fn(&'a Match) -> Option<T>) -> Option<T> {
        self.matches.iter().find_map(take)
    }
}

impl SavedRule {
    /// The sets that it asks for.
    pub fn sets(&self) -> Vec<&str> {
        match self {
            Self::Known(rule) => {
                let matches = rule.matches.iter();
                matches
                    .filter_map(|part| match part {
                        Match::Set(name, _) => Some(name.as_str()),
                        _ => None,
                    })
                    .collect()
            }
            Self::Foreign(text) => {
                let words: Vec<&str> = text.split_ascii_whitespace().collect();
                let pairs = words.windows(2);
                pairs
                    .filter(|pair| pair[0] == "--match-set")
                    .map(|pair| pair[1])
                    .collect()
            }
        }
    }

    /// Whether it names a set.
    pub fn names_set(&self, set: &SetName) -> bool {
        match self {
            Self::Known(rule) => rule
                .matches
                .iter()
                .any(|part| matches!(part, Match::Set(name, _) if name == set)),
            Self::Foreign(text) => text
                .split_ascii_whitespace()
                .any(|word| word == set.as_str()),
        }
    }
}
