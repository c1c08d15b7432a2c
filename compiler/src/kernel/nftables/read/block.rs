//! Statements of a script, and blocks between braces.

use super::token::{Token, TokenKind, spell};
use super::{Foreign, Problem};
use crate::kernel::nftables::kube_proxy::KUBE_PROXY_TABLE;
use crate::kernel::nftables::names::TABLE;
use crate::kernel::nftables::write::ip;
use crate::model::IpFamily;

/// A statement, or a block with what stands before it.
#[derive(Clone, Copy)]
pub(super) struct Block<'a, 't> {
    pub(super) head: &'t [Token<'a>],
    pub(super) body: Option<&'t [Token<'a>]>,
}

impl<'a> Block<'a, '_> {
    /// The family and name of the table whose block this is: `table ip NAME`, which `add` or `create`
    /// may stand before, and without a family is of IPv4.
    pub(super) fn table(&self) -> Option<(&'a str, &'a str)> {
        let head = match self.head {
            [first, rest @ ..] if ADDING.iter().any(|word| first.is(word)) => rest,
            head => head,
        };
        match head {
            [table, name] if table.is("table") => Some((ip(IpFamily::V4), name.name()?)),
            [table, family, name] if table.is("table") => Some((family.word()?, name.name()?)),
            _ => None,
        }
    }

    /// Whether a command puts anything into a table that is looked at here.
    pub(super) fn fills_table(&self) -> bool {
        let [verb, object, rest @ ..] = self.head else {
            return false;
        };
        let fills = FILLING.iter().any(|word| verb.is(word)) && !object.is("table");
        // `add rule ip portolan …`, `add ip portolan …`, and without a family of IPv4.
        let named = |token: &Token<'_>| {
            let name = token.name();
            name == Some(TABLE) || name == Some(KUBE_PROXY_TABLE)
        };
        fills && rest.iter().take(2).chain([object]).any(named)
    }

    pub(super) fn begins(&self, words: &[&str]) -> bool {
        self.head.len() == words.len()
            && self
                .head
                .iter()
                .zip(words)
                .all(|(token, word)| token.is(word))
    }

    pub(super) fn is_command(&self) -> bool {
        let first = self.head.first();
        first.is_some_and(|first| COMMANDS.iter().any(|word| first.is(word)))
    }

    pub(super) fn foreign(&self) -> Foreign {
        let body = self.body.map(|body| format!(" {{ {} }}", spell(body)));
        Foreign {
            line: self.head.first().map_or(0, |token| token.line),
            text: (spell(self.head) + &body.unwrap_or_default()).into(),
        }
    }
}

/// The first words of statements that stand outside of tables (nft(8)); `table` alone adds one.
const COMMANDS: [&str; 14] = [
    "add", "create", "define", "delete", "destroy", "flush", "include", "insert", "list", "rename",
    "replace", "reset", "table", "undefine",
];

/// Commands that add.
const ADDING: [&str; 2] = ["add", "create"];

/// Commands that put something into a table.
const FILLING: [&str; 4] = ["add", "create", "insert", "replace"];

/// Words before which braces open a block; anywhere else they are part of a statement.
const BLOCKS: [&str; 4] = ["table", "set", "map", "chain"];

/// Splits tokens into statements and blocks.
pub(super) fn statements<'a, 't>(
    tokens: &'t [Token<'a>],
) -> Result<Vec<Block<'a, 't>>, (usize, Problem)> {
    let mut statements = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < tokens.len() {
        let head = &tokens[start..at];
        match tokens[at].kind {
            TokenKind::End => {
                if !head.is_empty() {
                    statements.push(Block { head, body: None });
                }
                start = at + 1;
            }
            TokenKind::Open => {
                let close = closing(tokens, at)?;
                let opens = |token: &Token<'_>| BLOCKS.iter().any(|word| token.is(word));
                let opens_block = match head {
                    [verb, what, ..] if ADDING.iter().any(|word| verb.is(word)) => what.is("table"),
                    [first, ..] => opens(first),
                    [] => false,
                };
                if opens_block {
                    let body = Some(&tokens[at + 1..close]);
                    statements.push(Block { head, body });
                    start = close + 1;
                }
                at = close;
            }
            TokenKind::Close => return Err((tokens[at].line, Problem::Unopened)),
            TokenKind::Word(_) | TokenKind::Quoted(_) | TokenKind::Comma => {}
        }
        at += 1;
    }
    let head = &tokens[start..];
    if !head.is_empty() {
        statements.push(Block { head, body: None });
    }
    Ok(statements)
}

/// Where the brace that opens here is closed.
fn closing(tokens: &[Token<'_>], open: usize) -> Result<usize, (usize, Problem)> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Ok(at);
        }
    }
    Err((tokens[open].line, Problem::Unclosed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::nftables::read::read;

    #[test]
    fn what_fills_a_table_elsewhere_than_in_its_block_is_refused_by_name() {
        for (text, expected) in [
            ("add rule ip kube-proxy services accept\n", Problem::Command),
            ("add chain kube-proxy x\n", Problem::Command),
            (
                "add chain ip portolan x { type nat hook input priority 0; }\n",
                Problem::Command,
            ),
            (
                "create set ip6 portolan x { type ipv4_addr; }\n",
                Problem::Command,
            ),
            ("insert rule ip portolan x accept\n", Problem::Command),
            ("add ip portolan x accept\n", Problem::Command),
            ("include \"/etc/nftables.d/x.nft\"\n", Problem::Include),
            ("chain x {\n}\n", Problem::Statement),
            ("set x {\n}\n", Problem::Statement),
            ("table {\n}\n", Problem::Statement),
            ("table ip kube-proxy {\n", Problem::Unclosed),
        ] {
            assert_eq!(read(text).unwrap_err().problem, expected, "{text}");
        }
    }

    #[test]
    fn a_table_is_found_however_it_is_written() {
        for text in [
            "table ip kube-proxy {\n\tchain services {\n\t}\n}\n",
            "table ip \"kube-proxy\" { chain services { } }\n",
            "table kube-proxy { chain services { } }\n",
            "add table ip kube-proxy { chain services { } }\n",
            "create table ip kube-proxy { chain services { } }\n",
            "flush ruleset\nadd table ip x\nadd rule ip x y accept\ntable ip kube-proxy { chain services { } }\n",
        ] {
            assert!(read(text).unwrap().kube_proxy[0].is_some(), "{text}");
        }
    }
}
