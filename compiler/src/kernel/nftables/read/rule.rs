//! Rules, as they are written and as nft lists them.

use super::element::{range, verdict};
use super::token::{Token, TokenKind};
use super::words::{bits, protocol, seconds};
use crate::kernel::iptables::Negation;
use crate::kernel::nftables::names::SetName;
use crate::kernel::nftables::rule::{Expression, Match, Operand, Rule, Statement};
use crate::kernel::nftables::write::{ip, loopback};
use crate::model::name::InterfaceName;
use crate::model::{IpFamily, Protocol};

/// Reads a rule; `None` for one that our types do not express.
pub(super) fn rule(tokens: &[Token<'_>], family: IpFamily) -> Option<Rule> {
    let mut cursor = Cursor {
        rest: tokens,
        family,
    };
    let mut matches = Vec::new();
    while let Some(part) = cursor.attempt(Cursor::matching) {
        matches.push(part);
    }
    let statement = cursor.statement()?;
    cursor
        .rest
        .is_empty()
        .then_some(Rule { matches, statement })
}

#[derive(Clone, Copy)]
struct Cursor<'a, 't> {
    rest: &'t [Token<'a>],
    family: IpFamily,
}

impl<'a> Cursor<'a, '_> {
    /// Goes on only where something is found.
    fn attempt<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let mut ahead = *self;
        let found = read(&mut ahead)?;
        *self = ahead;
        Some(found)
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn word(&mut self) -> Option<&'a str> {
        self.next()?.word()
    }

    /// Takes these words if they come next.
    fn eat(&mut self, words: &str) -> Option<()> {
        self.attempt(|ahead| {
            let mut words = words.split(' ');
            words
                .all(|word| ahead.next().is_some_and(|token| token.is(word)))
                .then_some(())
        })
    }

    /// The same, with the family's `ip` in front.
    fn eat_ip(&mut self, words: &str) -> Option<()> {
        self.attempt(|ahead| {
            ahead.eat(ip(ahead.family))?;
            ahead.eat(words)
        })
    }

    fn negation(&mut self) -> Negation {
        match self.eat("!=") {
            Some(()) => Negation::Not,
            None => Negation::Is,
        }
    }

    fn set(&mut self) -> Option<SetName> {
        SetName::parse(self.word()?.strip_prefix('@')?)
    }

    fn protocol(&mut self) -> Option<Protocol> {
        protocol(self.word()?)
    }

    fn matching(&mut self) -> Option<Match> {
        for (words, part) in [
            ("ct state new", Match::New),
            ("ct status dnat", Match::Translated),
            ("fib saddr type local", Match::FromNode),
            ("fib daddr type local", Match::ToNode),
        ] {
            if self.eat(words).is_some() {
                return Some(part);
            }
        }
        self.attempt(Self::in_set)
            .or_else(|| self.attempt(Self::unmarked))
            .or_else(|| self.attempt(Self::interface))
            .or_else(|| self.attempt(Self::source))
            .or_else(|| self.attempt(Self::not_to_loopback))
            .or_else(|| {
                self.attempt(|ahead| {
                    ahead.eat("meta l4proto")?;
                    ahead.protocol().map(Match::Protocol)
                })
            })
    }

    fn in_set(&mut self) -> Option<Match> {
        let expression = self.expression()?;
        let not = self.negation();
        Some(Match::InSet(expression, not, self.set()?))
    }

    fn unmarked(&mut self) -> Option<Match> {
        // So nft lists the uppermost bit.
        if self.eat("meta mark 0x00000000/1").is_some() {
            return Some(Match::Unmarked(1 << 31));
        }
        self.eat("meta mark &")?;
        let mask = bits(self.word()?)?;
        self.eat("==")?;
        (bits(self.word()?)? == 0).then_some(Match::Unmarked(mask))
    }

    fn interface(&mut self) -> Option<Match> {
        self.eat("iifname")?;
        let not = self.negation();
        let TokenKind::Quoted(text) = self.next()?.kind else {
            return None;
        };
        let name = |text: &str| InterfaceName::parse(text).ok();
        Some(if let Some(start) = text.strip_suffix("\\*") {
            Match::InInterface(not, name(&format!("{start}*"))?)
        } else if let Some(start) = text.strip_suffix('*') {
            Match::InInterfacePrefix(not, name(start)?)
        } else {
            Match::InInterface(not, name(text)?)
        })
    }

    fn source(&mut self) -> Option<Match> {
        self.eat_ip("saddr")?;
        let not = self.negation();
        Some(Match::Source(not, range(self.word()?, self.family)?))
    }

    fn not_to_loopback(&mut self) -> Option<Match> {
        self.eat_ip("daddr !=")?;
        (range(self.word()?, self.family)? == loopback(self.family)).then_some(Match::NotToLoopback)
    }

    fn statement(&mut self) -> Option<Statement> {
        self.attempt(Self::verdict_map)
            .or_else(|| self.attempt(Self::dnat))
            .or_else(|| self.attempt(Self::remember))
            .or_else(|| self.attempt(Self::mark))
            .or_else(|| {
                self.eat("masquerade fully-random")
                    .map(|()| Statement::Masquerade)
            })
            .or_else(|| self.eat("reject").map(|()| Statement::Reject))
            .or_else(|| {
                let words: Option<Vec<&str>> = self.rest.iter().map(Token::word).collect();
                let verdict = verdict(&words?)?;
                self.rest = &[];
                Some(Statement::Verdict(verdict))
            })
    }

    fn verdict_map(&mut self) -> Option<Statement> {
        let expression = self.expression()?;
        self.eat("vmap")?;
        Some(Statement::VerdictMap(expression, self.set()?))
    }

    fn dnat(&mut self) -> Option<Statement> {
        self.eat("dnat")?;
        self.eat_ip("to")?;
        let expression = self.expression()?;
        self.eat("map")?;
        Some(Statement::Dnat(expression, self.set()?))
    }

    fn mark(&mut self) -> Option<Statement> {
        self.eat("meta mark set meta mark")?;
        let operator = self.word()?;
        let bits = bits(self.word()?)?;
        match operator {
            "|" => Some(Statement::SetMark(bits)),
            "^" => Some(Statement::FlipMark(bits)),
            _ => None,
        }
    }

    fn remember(&mut self) -> Option<Statement> {
        self.eat("update")?;
        let SetName::Affinity(memory) = self.set()? else {
            return None;
        };
        self.eat("{")?;
        if self.expression()? != Expression::Client {
            return None;
        }
        self.eat("timeout")?;
        let seconds = seconds(self.word()?)?;
        self.eat(":")?;
        if self.expression()? != Expression::Endpoint {
            return None;
        }
        self.eat("}")?;
        Some(Statement::Remember(memory, seconds))
    }

    fn expression(&mut self) -> Option<Expression> {
        let mut parts = vec![self.part()?];
        while self.eat(".").is_some() {
            parts.push(self.part()?);
        }
        Expression::from_parts(&parts)
    }

    fn part(&mut self) -> Option<Operand> {
        self.eat_ip("saddr")
            .map(|()| Operand::Source)
            .or_else(|| self.eat_ip("daddr").map(|()| Operand::Destination))
            .or_else(|| self.eat("meta l4proto").map(|()| Operand::Protocol))
            .or_else(|| self.eat("th dport").map(|()| Operand::Port))
            .or_else(|| {
                self.eat("ct original proto-dst")
                    .map(|()| Operand::OriginalPort)
            })
            .or_else(|| {
                self.attempt(|ahead| {
                    ahead.eat("ct original")?;
                    ahead.eat_ip("daddr")?;
                    Some(Operand::OriginalDestination)
                })
            })
            .or_else(|| {
                self.attempt(|ahead| {
                    ahead.eat("numgen random mod")?;
                    ahead.word()?.parse().ok().map(Operand::Random)
                })
            })
    }
}
