//! Words of a script.

use super::Problem;
use crate::kernel::lines::LineError;

/// A word with its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Token<'a> {
    /// Line number, from 1.
    pub(super) line: usize,
    pub(super) kind: TokenKind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum TokenKind<'a> {
    Word(&'a str),
    /// Between quotation marks, of which there is no way to write one within.
    Quoted(&'a str),
    Open,
    Close,
    Comma,
    /// End of a statement: a semicolon or a line feed.
    End,
}

impl<'a> Token<'a> {
    pub(super) fn is(&self, word: &str) -> bool {
        match self.kind {
            TokenKind::Word(text) => text == word,
            TokenKind::Open => word == "{",
            TokenKind::Close => word == "}",
            TokenKind::Comma => word == ",",
            TokenKind::Quoted(_) | TokenKind::End => false,
        }
    }

    /// A name, which may stand between quotation marks.
    pub(super) fn name(&self) -> Option<&'a str> {
        match self.kind {
            TokenKind::Word(text) | TokenKind::Quoted(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn word(&self) -> Option<&'a str> {
        match self.kind {
            TokenKind::Word(text) => Some(text),
            _ => None,
        }
    }
}

/// Splits text into tokens; comments from `#` to the end of a line are left out.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, LineError<Problem>> {
    let mut tokens = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let mut rest = content;
        while let Some(first) = rest.chars().next() {
            let mut push = |kind| tokens.push(Token { line, kind });
            let length = match first {
                '#' => break,
                '{' => {
                    push(TokenKind::Open);
                    1
                }
                '}' => {
                    push(TokenKind::Close);
                    1
                }
                ',' => {
                    push(TokenKind::Comma);
                    1
                }
                ';' => {
                    push(TokenKind::End);
                    1
                }
                '"' => {
                    let inner = &rest[1..];
                    let Some(end) = inner.find('"') else {
                        return Err(LineError {
                            line,
                            problem: Problem::Quote,
                            text: content.trim().into(),
                        });
                    };
                    push(TokenKind::Quoted(&inner[..end]));
                    end + 2
                }
                blank if blank.is_whitespace() => blank.len_utf8(),
                _ => {
                    let ends = |c: char| c.is_whitespace() || "{},;\"#".contains(c);
                    let end = rest.find(ends).unwrap_or(rest.len());
                    push(TokenKind::Word(&rest[..end]));
                    end
                }
            };
            rest = &rest[length..];
        }
        tokens.push(Token {
            line,
            kind: TokenKind::End,
        });
    }
    Ok(tokens)
}

/// Statements and blocks as text that nft reads as the same, a line each, without what would be read
/// from another file. Control characters can stand in comments alone, and become question marks.
pub(in super::super) fn closed_lines(tokens: &[Token<'_>]) -> Vec<Box<str>> {
    let lines = tokens.split(|token| token.kind == TokenKind::End);
    lines
        .filter(|line| !line.is_empty() && !line.iter().any(|token| token.is("include")))
        .map(|line| spell(line).replace(char::is_control, "?").into())
        .collect()
}

/// Tokens as text, nearly as they were.
pub(super) fn spell(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        let (word, tight) = match token.kind {
            TokenKind::Word(word) => (word, text.ends_with(',')),
            TokenKind::Quoted(inner) => {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push('"');
                text.push_str(inner);
                ("\"", true)
            }
            TokenKind::Open => ("{", false),
            TokenKind::Close => ("}", false),
            TokenKind::Comma => (",", true),
            TokenKind::End => continue,
        };
        if !tight && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}
