//! The commands of a shell script, as far as their words stand there: a container that runs kube-proxy
//! through a shell hands it the whole line as one word.
//!
//! Source: POSIX.1-2024, Shell Command Language, 2.2 Quoting and 2.3 Token Recognition. Nothing is
//! expanded: words keep their `$`.

use std::iter::Peekable;
use std::str::Chars;

/// The simple commands of a script, in order, without redirections.
pub(super) fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader = Reader {
        chars: script.chars().peekable(),
        commands: Vec::new(),
        command: Vec::new(),
        word: None,
        redirection: Redirection::None,
    };
    reader.read();
    reader.commands
}

/// Whether the next word is the file of a redirection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Redirection {
    None,
    Open,
}

struct Reader<'s> {
    chars: Peekable<Chars<'s>>,
    commands: Vec<Vec<String>>,
    command: Vec<String>,
    /// The word that is being read; an empty one where quotes hold nothing.
    word: Option<String>,
    redirection: Redirection,
}

impl Reader<'_> {
    fn read(&mut self) {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => match self.chars.next() {
                    None | Some('\n') => {}
                    Some(escaped) => self.push(escaped),
                },
                '\'' => {
                    self.word.get_or_insert_default();
                    while let Some(quoted) = self.chars.next_if(|c| *c != '\'') {
                        self.push(quoted);
                    }
                    self.chars.next();
                }
                '"' => self.double_quoted(),
                '$' | '`' => self.expansion(c),
                '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' | ';' | '&' | '|' | '(' | ')' => self.end_command(),
                '<' | '>' => self.redirect(),
                c => self.push(c),
            }
        }
        self.end_command();
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn double_quoted(&mut self) {
        self.word.get_or_insert_default();
        while let Some(c) = self.chars.next() {
            match c {
                '"' => return,
                '\\' => match self.chars.next() {
                    None | Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.push(c),
                    Some(c) => {
                        self.push('\\');
                        self.push(c);
                    }
                },
                '$' | '`' => self.expansion(c),
                c => self.push(c),
            }
        }
    }

    /// Takes over an expansion as it stands, with the blanks in it.
    fn expansion(&mut self, first: char) {
        self.push(first);
        if first == '`' {
            while let Some(c) = self.chars.next() {
                self.push(c);
                if c == '`' {
                    break;
                }
            }
            return;
        }
        let Some(open) = self.chars.next_if(|c| matches!(c, '(' | '{')) else {
            return;
        };
        self.push(open);
        let close = if open == '(' { ')' } else { '}' };
        let mut depth = 1_usize;
        for c in self.chars.by_ref() {
            self.word.get_or_insert_default().push(c);
            if c == open {
                depth += 1;
            } else if c == close {
                depth -= 1;
            }
            if depth == 0 {
                break;
            }
        }
    }

    /// Passes `2>>FILE`, `>&2`, `<FILE` by.
    fn redirect(&mut self) {
        let is_descriptor = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
        if self.word.as_ref().is_some_and(is_descriptor) {
            self.word = None;
        }
        self.end_word();
        while self
            .chars
            .next_if(|c| matches!(c, '<' | '>' | '&' | '|' | '-'))
            .is_some()
        {}
        self.redirection = Redirection::Open;
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.redirection {
            Redirection::None => self.command.push(word),
            Redirection::Open => self.redirection = Redirection::None,
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirection = Redirection::None;
        let command = std::mem::take(&mut self.command);
        self.commands
            .extend((!command.is_empty()).then_some(command));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        for (script, expected) in [
            ("exec kube-proxy --a=1", "exec|kube-proxy|--a=1"),
            ("a 'b c' \"d  e\" f\\ g ''", "a|b c|d  e|f g|"),
            ("a --b=\"x\"'y'z", "a|--b=xyz"),
            ("a \\\n  b", "a|b"),
            ("a # b\nc", "a / c"),
            ("a && b; c | d & e", "a / b / c / d / e"),
            (
                "a --m=${M:-x y} $(cat /m n) `o p`",
                "a|--m=${M:-x y}|$(cat /m n)|`o p`",
            ),
            ("a \"${M:-x}\" \"\\$b\"", "a|${M:-x}|$b"),
            ("a 1>>/var/log/x 2>&1 b", "a|b"),
            ("a > /l b </dev/null c", "a|b|c"),
            ("set -e\ncat <<EOF\nEOF\na", "set|-e / cat / EOF / a"),
        ] {
            let commands: Vec<String> = commands(script)
                .iter()
                .map(|words| words.join("|"))
                .collect();
            assert_eq!(commands.join(" / "), expected, "{script}");
        }
    }
}
