//! The command itself: its command tree, its log, and what becomes of a panic.

mod command;
mod complete;
mod foreign_options;
mod log;
mod panic;

use std::ffi::{OsStr, OsString};
use std::panic::{AssertUnwindSafe, catch_unwind};

use anstream::AutoStream;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use portolan_compiler::escape::visible;

use crate::commands::shared::{self, Completion, Context, Given};
use crate::report::{Device, Exit, Failure, Look, Output, Streams};
use crate::settings::Settings;
use command::Cli;
use complete::{Line, Typed};

/// Width of help pages where there is no terminal to ask.
const HELP_WIDTH: usize = 100;

/// The definition of the command line, for help pages and completions.
pub fn command() -> clap::Command {
    complete::with_variables(with_short_output(Cli::command()))
}

/// `-o` beside every `--output`, as in kubectl.
fn with_short_output(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|verb| {
        let is_output = |arg: &clap::Arg| arg.get_id() == "output";
        if verb.get_arguments().any(is_output) {
            verb.mut_arg("output", |arg| arg.short('o'))
        } else {
            verb
        }
    })
}

/// Runs the command on the process' own arguments and streams.
pub fn main() -> Exit {
    panic::install_hook();
    let stdout_look = Look::from(AutoStream::choice(&std::io::stdout()));
    let stderr_look = Look::from(AutoStream::choice(&std::io::stderr()));
    // The wrappers translate colours for old Windows consoles; whether there are any is decided
    // by `Look`.
    let mut stdin = std::io::stdin();
    let mut stdout = AutoStream::always(std::io::stdout());
    let mut stderr = AutoStream::always(std::io::stderr());
    let mut streams = Streams {
        stdin: &mut stdin,
        stdin_device: Device::of(&std::io::stdin()),
        stdout: Output::new(&mut stdout, stdout_look, Device::of(&std::io::stdout())),
        stderr: Output::new(&mut stderr, stderr_look, Device::of(&std::io::stderr())),
    };
    run(std::env::args_os(), &mut streams)
}

/// Runs the command: `args` begin with the program's name. Nothing but the streams, the files that
/// the arguments name, what the repository and the environment say of verbs that read them, and the log,
/// where one is asked for, is read or written, and a panic ends as [`Exit::Internal`].
pub fn run<A>(args: impl IntoIterator<Item = A>, streams: &mut Streams<'_>) -> Exit
where
    A: Into<OsString> + Clone,
{
    let result = catch_unwind(AssertUnwindSafe(|| parse_and_run(args, streams)));
    let exit = result.unwrap_or_else(|payload| {
        streams.stderr.say(&panic::message(&*payload));
        Exit::Internal
    });
    match streams.stdout.finish() {
        Ok(()) => exit,
        Err(error) => {
            streams.stderr.say(&Failure::from(error).to_string());
            Exit::Io
        }
    }
}

fn parse_and_run<A>(args: impl IntoIterator<Item = A>, streams: &mut Streams<'_>) -> Exit
where
    A: Into<OsString> + Clone,
{
    let mut command = command();
    if streams.stdout.device() == Device::Other {
        command = command.term_width(HELP_WIDTH);
    }
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let lenient = command.clone();
    let typed = Typed::of(&lenient, &args);
    let lines = typed
        .as_ref()
        .map_or_else(|| Ok(vec![Line::typed(&args)]), |typed| typed.lines(&args));
    let lines = match lines {
        Ok(lines) => lines,
        Err(failure) => {
            streams.stderr.say(&failure.to_string());
            return failure.exit();
        }
    };
    let clusters = lines.len();
    let exits = lines.into_iter().map(|line| {
        if clusters > 1
            && let Some(name) = &line.settings.cluster
        {
            streams.stderr.say(&format!("cluster {name}\n"));
        }
        run_line(&mut command, &line, typed.as_ref(), streams)
    });
    Exit::of_all(exits)
}

/// Runs one completed command line.
fn run_line(
    command: &mut clap::Command,
    line: &Line,
    typed: Option<&Typed<'_>>,
    streams: &mut Streams<'_>,
) -> Exit {
    let (cli, matches) = match parse(command, &line.args) {
        Ok(parsed) => parsed,
        Err(error) => {
            // Messages repeat arguments: they are made anew of arguments that may be printed.
            let shown: Vec<OsString> = line.args.iter().map(|arg| shown(arg)).collect();
            let error = parse(command, &shown).err().unwrap_or(error);
            return explain_usage(&error, streams);
        }
    };
    let completion = |settings: &Settings| match typed {
        Some(typed) => typed.again(command, &line.args, settings),
        None => Ok(clap::ArgMatches::default()),
    };
    // Only what was typed is held against what is looked at, and typed again in advice.
    let given = typed.map_or(&matches, |typed| &typed.matches);
    let (given, words) = (Given::of(given), shared::Typed::of(command, given));
    if let Some(look) = cli.color.look() {
        streams.stdout.set_look(look);
        streams.stderr.set_look(look);
    }
    let mut context = Context {
        verbosity: cli.verbosity(),
        streams,
        given,
        typed: words,
        settings: line.settings.clone(),
        completion: Completion(&completion),
    };
    let ran = log::start(context.verbosity).and_then(|()| command::run(cli.command, &mut context));
    ran.unwrap_or_else(|failure| {
        context.streams.stderr.say(&failure.to_string());
        failure.exit()
    })
}

fn parse(
    command: &mut clap::Command,
    args: &[OsString],
) -> Result<(Cli, clap::ArgMatches), clap::Error> {
    let matches = command
        .try_get_matches_from_mut(args)
        .map_err(|error| with_tip(error, command, args))?;
    Ok((Cli::from_arg_matches(&matches)?, matches))
}

/// Says what answers to an option of other tools, and how manifests are named where one stands without
/// its `-f`.
fn with_tip(mut error: clap::Error, command: &clap::Command, args: &[OsString]) -> clap::Error {
    let verb = args.iter().find_map(|arg| command.find_subcommand(arg));
    let (ErrorKind::UnknownArgument, Some(ContextValue::String(word))) =
        (error.kind(), error.get(ContextKind::InvalidArg))
    else {
        return error;
    };
    let takes_files = verb.is_some_and(|verb| {
        let mut options = verb.get_arguments().filter_map(clap::Arg::get_long);
        options.any(|long| long == "filename")
    });
    let tip = if word.starts_with('-') {
        foreign_options::tip(verb.map(clap::Command::get_name), word).map(str::to_owned)
    } else {
        takes_files.then(|| format!("manifests are named with -f: -f {word}"))
    };
    if let Some(tip) = tip {
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

fn shown(arg: &OsStr) -> OsString {
    visible(&arg.to_string_lossy()).into()
}

/// Help and version are asked for and go to stdout; everything else is a mistake.
fn explain_usage(error: &clap::Error, streams: &mut Streams<'_>) -> Exit {
    let text = error.render().ansi().to_string();
    if error.use_stderr() {
        streams.stderr.say(&text);
        Exit::Usage
    } else {
        streams.stdout.styled(&text);
        Exit::Done
    }
}
