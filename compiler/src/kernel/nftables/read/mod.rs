//! Reads tables: our artefact, and what `nft list` prints of a kernel.

mod block;
mod element;
mod rule;
mod token;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::kube_proxy::{KUBE_PROXY_TABLE, KubeProxyTable};
use super::names::{ChainName, Memory, SetName, TABLE};
use super::table::{Hook, HookPoint, Table};
use super::write::{Declaration, ip};
use crate::kernel::lines::LineError;
use crate::model::IpFamily;
use block::{Block, statements};
use element::Read;
pub use element::Remembered;
pub(super) use token::{Token, closed_lines};
use token::{TokenKind, spell, tokens};

/// What was found of tables for Services; others are passed by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Whether anybody looked.
    pub looked: Looked,
    /// Our tables, IPv4's first; `None` where there is none.
    pub tables: [Option<ObservedTable>; 2],
    /// kube-proxy's own, IPv4's first; `None` where there is none.
    pub kube_proxy: [Option<KubeProxyTable>; 2],
}

/// Whether anybody looked for tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Looked {
    /// What is not there was not found.
    #[default]
    Everywhere,
    /// Nobody did: whether there are any is unknown.
    Nowhere,
}

/// A table as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTable {
    /// What our types express.
    pub table: Table,
    /// Which endpoint each memory has of which client.
    pub affinity: BTreeMap<(Memory, IpAddr), Remembered>,
    /// What our types do not express: somebody else has been in the table, or another release.
    pub foreign: Vec<Foreign>,
}

/// Text in one of our tables that is nothing of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    /// Line number, from 1.
    pub line: usize,
    /// The line as it was found.
    pub text: Box<str>,
}

/// Why text is no script of nft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A quotation mark without another.
    #[error("a quotation mark is not closed on its line")]
    Quote,
    /// More braces are opened than closed.
    #[error("the text ends before this block is closed")]
    Unclosed,
    /// More braces are closed than opened.
    #[error("nothing was opened that could be closed here")]
    Unopened,
    /// What neither a listing nor a script has outside of tables.
    #[error("expected a table or a command of nft")]
    Statement,
    /// A command that puts something into one of our tables, or kube-proxy's.
    #[error("commands that fill a table are not followed: `nft list ruleset` prints what it holds")]
    Command,
    /// Another file, of which nothing is known.
    #[error("what another file holds is not known here: `nft list ruleset` prints it in its place")]
    Include,
}

/// A line that makes no sense, and why.
pub type ReadError = LineError<Problem>;

/// Reads a script or a listing.
///
/// # Errors
/// With the line, where braces or quotation marks do not match, or that nft would not print or read.
pub fn read(text: &str) -> Result<Observed, ReadError> {
    let tokens = tokens(text)?;
    let error = |(line, problem): (usize, Problem)| LineError {
        line,
        problem,
        text: text.lines().nth(line - 1).unwrap_or_default().trim().into(),
    };
    let statements = statements(&tokens).map_err(error)?;
    let mut observed = Observed::default();
    for statement in statements {
        let line = statement.head.first().map_or(0, |token| token.line);
        let problem = |problem| Err(error((line, problem)));
        let Some(body) = statement.body else {
            if !statement.is_command() {
                return problem(Problem::Statement);
            }
            if statement.head[0].is("include") {
                return problem(Problem::Include);
            }
            if statement.fills_table() {
                return problem(Problem::Command);
            }
            continue;
        };
        let Some(table) = statement.table() else {
            return problem(Problem::Statement);
        };
        for family in IpFamily::ALL {
            if table == (ip(family), KUBE_PROXY_TABLE) {
                observed.kube_proxy[family as usize]
                    .get_or_insert_with(|| KubeProxyTable::new(family))
                    .add(body);
            }
            if table == (ip(family), TABLE) {
                let found = observed.tables[family as usize].get_or_insert_with(|| ObservedTable {
                    table: Table::new(family),
                    affinity: BTreeMap::new(),
                    foreign: Vec::new(),
                });
                found.read(body);
            }
        }
    }
    Ok(observed)
}

impl ObservedTable {
    fn read(&mut self, body: &[Token<'_>]) {
        // Braces within match: this was looked at when the table's own were found.
        for block in statements(body).unwrap_or_default() {
            let known = match (block.head, block.body) {
                ([keyword, name], Some(body)) if keyword.is("chain") => self.chain(name, body),
                ([keyword, name], Some(body)) if keyword.is("set") || keyword.is("map") => {
                    self.set(keyword, name, body)
                }
                _ => None,
            };
            if known.is_none() {
                self.foreign.push(block.foreign());
            }
        }
    }

    fn chain(&mut self, name: &Token<'_>, body: &[Token<'_>]) -> Option<()> {
        let name = ChainName::parse(name.name()?)?;
        let mut hook = None;
        let mut rules = Vec::new();
        for block in statements(body).unwrap_or_default() {
            if block.head.first().is_some_and(|first| first.is("type")) {
                hook = Some(block.head);
            } else if block.begins(&["policy", "accept"]) && name.hook().is_some() {
                // As every chain of ours has it.
            } else if let Some(rule) = rule::rule(block.head, self.table.family) {
                rules.push(rule);
            } else {
                self.foreign.push(block.foreign());
            }
        }
        self.table.chains.insert(name, rules);
        let as_ours = match (hook, name.hook()) {
            (None, None) => true,
            (Some(words), Some(own)) => is_hook(words, own),
            _ => false,
        };
        if !as_ours {
            let block = Block {
                head: hook.unwrap_or_default(),
                body: None,
            };
            self.foreign.push(block.foreign());
        }
        Some(())
    }

    fn set(&mut self, keyword: &Token<'_>, name: &Token<'_>, body: &[Token<'_>]) -> Option<()> {
        let family = self.table.family;
        let name = SetName::parse(name.name()?)?;
        let own = Declaration { name, family };
        if !keyword.is(own.keyword()) {
            return None;
        }
        let expected: BTreeSet<String> =
            own.lines().iter().map(|line| sorted_flags(line)).collect();
        let mut found = BTreeSet::new();
        let mut elements: &[Token<'_>] = &[];
        for block in statements(body).unwrap_or_default() {
            match block.head {
                [word, equals, open, inner @ .., close]
                    if word.is("elements") && equals.is("=") && open.is("{") && close.is("}") =>
                {
                    elements = inner;
                }
                other => {
                    found.insert(sorted_flags(&spell(other)));
                }
            }
        }
        if found != expected {
            return None;
        }
        let set = self.table.sets.entry(name).or_default();
        for tokens in elements.split(|token| token.kind == TokenKind::Comma) {
            let tokens: Vec<Token<'_>> = tokens
                .iter()
                .copied()
                .filter(|token| token.kind != TokenKind::End)
                .collect();
            if tokens.is_empty() {
                continue;
            }
            match element::element(name, family, &tokens) {
                Some(Read::Element(key, element)) => {
                    set.insert(key, element);
                }
                Some(Read::Remembered(memory, client, remembered)) => {
                    self.affinity.insert((memory, client), remembered);
                }
                None => self.foreign.push(Foreign {
                    line: tokens[0].line,
                    text: spell(&tokens).into(),
                }),
            }
        }
        Some(())
    }
}

/// nft lists flags in its own order.
fn sorted_flags(line: &str) -> String {
    match line.strip_prefix("flags ") {
        Some(flags) => {
            let flags: BTreeSet<&str> = flags.split(',').collect();
            format!("flags {}", flags.into_iter().collect::<Vec<_>>().join(","))
        }
        None => line.to_owned(),
    }
}

/// Whether words such as `type nat hook output priority -100` say this; priorities may have names.
fn is_hook(words: &[Token<'_>], own: Hook) -> bool {
    let words: Option<Vec<&str>> = words.iter().map(Token::word).collect();
    let Some(["type", kind, "hook", point, "priority", priority @ ..]) = words.as_deref() else {
        return false;
    };
    *kind == own.kind.as_str()
        && *point == own.point.as_str()
        && self::priority(priority, own.point) == Some(own.priority)
}

fn priority(words: &[&str], point: HookPoint) -> Option<i32> {
    let base = |word: &str| match (word, point) {
        ("dstnat", HookPoint::Prerouting | HookPoint::Output) => Some(-100),
        ("srcnat", HookPoint::Postrouting | HookPoint::Input) => Some(100),
        ("filter", _) => Some(0),
        (number, _) => number.parse::<i32>().ok(),
    };
    match words {
        [word] => base(word),
        [word, "+", more] => base(word)?.checked_add(more.parse().ok()?),
        [word, "-", less] => base(word)?.checked_sub(less.parse().ok()?),
        _ => None,
    }
}
