//! The command line as it was typed, for advice that has it typed again.

use std::ffi::{OsStr, OsString};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use portolan_compiler::source::{Again, Feed, Stands};

use crate::input::Role;

/// What was typed of a command: its verb, and what was given of its arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    verb: String,
    given: Vec<One>,
}

/// An option or argument that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct One {
    id: String,
    /// As it is written; an argument has nothing before its value.
    option: Option<String>,
    /// What stands between them.
    before_value: char,
    /// Of each time that it is given.
    values: Vec<OsString>,
    is_flag: bool,
}

/// Arguments that manifests come from, by their identifiers.
const MANIFESTS: [&str; 4] = ["filename", "old", "new", "input"];
/// The option of the base.
const BASE: &str = "base";
/// Options that everybody writes by their letter.
const SHORT: [&str; 2] = ["filename", "recursive"];
/// Options that are about folders alone.
const FOLDERS: [&str; 3] = ["recursive", "follow_links", "exclude"];
/// The largest line that is worth typing again.
const WORDS: usize = 24;
/// What stands for standard input.
const PIPE: &str = "-";

impl Typed {
    /// Of the verb's own arguments. Those of all verbs change nothing but what is printed.
    pub(crate) fn of(command: &Command, matches: &ArgMatches) -> Self {
        let Some((verb, matches)) = matches.subcommand() else {
            return Self::default();
        };
        let arguments = command.find_subcommand(verb).into_iter();
        let arguments = arguments.flat_map(Command::get_arguments);
        let given = arguments.filter(|argument| {
            let id = argument.get_id().as_str();
            !argument.is_global_set()
                && matches.try_contains_id(id).is_ok()
                && matches.value_source(id) == Some(ValueSource::CommandLine)
        });
        let mut given: Vec<_> = given
            .map(|argument| {
                let place = matches.index_of(argument.get_id().as_str());
                (!argument.is_positional(), place, One::of(argument, matches))
            })
            .collect();
        given.sort_by_key(|(is_option, place, _)| (*is_option, *place));
        Self {
            verb: verb.to_owned(),
            given: given.into_iter().map(|(.., one)| one).collect(),
        }
    }

    /// How the line is typed again with other text in an argument's place.
    pub(crate) fn again(&self, role: Role, argument: &OsStr) -> Option<Again> {
        let words: usize = self.given.iter().map(|one| one.values.len() + 1).sum();
        let is_read = |one: &One| MANIFESTS.contains(&one.id.as_str()) || one.id == BASE;
        let is_it = |one: &One, value: &OsStr| {
            is_read(one) && (one.id == BASE) == (role == Role::Base) && value == argument
        };
        let values = || {
            let read = self.given.iter().filter(|one| is_read(one));
            read.flat_map(|one| one.values.iter().map(move |value| (one, value.as_os_str())))
        };
        let times = values().filter(|(one, value)| is_it(one, value)).count();
        if words > WORDS || times == 0 {
            return None;
        }
        let takes_option = self.given.iter().any(|one| one.id == "filename");
        let mut others = values().filter(|(one, value)| !is_it(one, value));
        let is_taken = values().any(|(_, value)| value == PIPE) && argument != PIPE;
        // The two sides of a comparison cannot share a pipe, and it is none for their base.
        let no_pipe = is_taken || times > 1 || (role == Role::Base && !takes_option);
        let stand_in = if no_pipe { Feed::FILE } else { PIPE };
        let has_folder = others.any(|(_, value)| value != PIPE);
        let replaced = self.line(
            |one, value| {
                if is_it(one, value) {
                    stand_in.into()
                } else {
                    value.to_owned()
                }
            },
            |one| has_folder || !FOLDERS.contains(&one.id.as_str()),
        );
        let whole = self.line(|_, value| value.to_owned(), |_| true)?;
        let feed = |line, text| match text {
            PIPE => Feed::Pipe(line),
            _ => Feed::File(line),
        };
        let one_more = match role {
            Role::Input if takes_option => Some(("-f", is_taken)),
            // A side is one argument.
            Role::Input => None,
            Role::Base => Some(("--base", is_taken || !takes_option)),
        };
        Some(Again {
            argument: argument.to_str()?.to_owned(),
            stands: Stands::Here,
            instead: feed(replaced?, stand_in),
            beside: one_more.map(|(option, no_pipe)| {
                let text = if no_pipe { Feed::FILE } else { PIPE };
                feed(format!("{whole} {option} {text}"), text)
            }),
        })
    }

    /// The line without some options, by their identifiers; nothing where a value is better not typed.
    pub(crate) fn without(&self, options: &[&str]) -> Option<String> {
        self.line(
            |_, value| value.to_owned(),
            |one| !options.contains(&one.id.as_str()),
        )
    }

    /// The line of another verb with the options that it has too, by their identifiers; nothing where a
    /// value is better not typed.
    pub(crate) fn of_verb(&self, verb: &str, options: &[&str]) -> Option<String> {
        let other = Self {
            verb: verb.to_owned(),
            given: self.given.clone(),
        };
        other.line(
            |_, value| value.to_owned(),
            |one| options.contains(&one.id.as_str()),
        )
    }

    /// The line, with other values and without some options; nothing where a value is better not typed.
    fn line(
        &self,
        value: impl Fn(&One, &OsStr) -> OsString,
        wanted: impl Fn(&One) -> bool,
    ) -> Option<String> {
        let mut line = format!("portolan {}", self.verb);
        for one in self.given.iter().filter(|one| wanted(one)) {
            let option = one.option.iter();
            if one.is_flag {
                line.extend(option.flat_map(|option| [" ", option]));
                continue;
            }
            for text in &one.values {
                line.extend(one.option.iter().flat_map(|option| [" ", option]));
                line.push(one.before_value);
                line += &quoted(value(one, text).to_str()?)?;
            }
        }
        Some(line)
    }
}

impl One {
    fn of(argument: &Arg, matches: &ArgMatches) -> Self {
        let id = argument.get_id().as_str().to_owned();
        let short = argument
            .get_short()
            .filter(|_| SHORT.contains(&id.as_str()));
        let short = short.map(|short| format!("-{short}"));
        let long = argument.get_long().map(|long| format!("--{long}"));
        let is_flag = !matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
        let values = matches.get_raw_occurrences(&id).into_iter().flatten();
        let values = values.map(|values| {
            let delimiter = argument.get_value_delimiter().unwrap_or(',').to_string();
            values.collect::<Vec<_>>().join(OsStr::new(&delimiter))
        });
        Self {
            values: if is_flag {
                Vec::new()
            } else {
                values.collect()
            },
            option: short.or(long).filter(|_| !argument.is_positional()),
            before_value: if argument.is_require_equals_set() {
                '='
            } else {
                ' '
            },
            id,
            is_flag,
        }
    }
}

/// A word as a shell takes it; nothing where it has what a terminal acts on.
fn quoted(word: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%~".contains(c);
    if word.chars().any(char::is_control) {
        None
    } else if !word.is_empty() && word.chars().all(is_plain) && !word.starts_with('~') {
        Some(word.to_owned())
    } else {
        Some(format!("'{}'", word.replace('\'', r"'\''")))
    }
}
