//! Completes a command line with what the environment and the repository say. Verbs take part that have
//! the options of [`RepositoryArgs`](crate::commands::shared::RepositoryArgs), and no other; of the
//! settings, those whose option the verb has.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::report::Failure;
use crate::settings::{
    self, Environment, Form, Held, Origin, Readers, Repository, Settings, SettingsError, Top,
    refused,
};

/// A command line, completed.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) args: Vec<OsString>,
    pub(super) settings: Settings,
}

/// What was typed, as far as it can be understood.
pub(super) struct Typed<'c> {
    /// The command with all its verbs.
    command: &'c Command,
    verb: &'c Command,
    pub(super) matches: ArgMatches,
}

/// Names the file, in every verb that reads it.
const CONFIG: &str = "config";
/// Names the cluster.
const CLUSTER: &str = "cluster";
const COMPILE: &str = "compile";
/// The verb that has the options of all settings.
const ALL_OPTIONS: &str = "review";
/// Settings that are read as input, and -f stands for.
const INPUTS: [&str; 3] = ["inputs", "kubeProxy", "facts"];
/// Arguments that say what is looked at.
const SUBJECTS: [&str; 5] = ["filename", "old", "new", "input", "typed"];

/// Whether a verb reads what its repository says.
pub(super) fn reads_settings(verb: &Command) -> bool {
    verb.get_arguments()
        .any(|argument| argument.get_id() == CONFIG)
}

impl Line {
    /// As it was typed.
    pub(super) fn typed(args: &[OsString]) -> Self {
        Self {
            args: args.to_vec(),
            settings: Settings::default(),
        }
    }
}

/// Help pages name the variable of each option that has one.
pub(super) fn with_variables(mut command: Command) -> Command {
    let verbs = command
        .get_subcommands()
        .filter(|verb| reads_settings(verb));
    let verbs: Vec<String> = verbs.map(|verb| verb.get_name().to_owned()).collect();
    for verb in verbs {
        command = command.mut_subcommand(&verb, |command| {
            command.mut_args(|argument| named(&verb, argument))
        });
    }
    command
}

fn named(verb: &str, argument: Arg) -> Arg {
    let variable = match argument.get_id().as_str() {
        CONFIG => Some(settings::CONFIG.to_owned()),
        CLUSTER => Some(settings::CLUSTER.to_owned()),
        _ => settings::variable_of(verb, argument.get_long().unwrap_or_default()),
    };
    let Some(variable) = variable else {
        return argument;
    };
    let with = |help: &StyledStr| format!("{help} [env: {variable}]");
    let (help, long) = (
        argument.get_help().map(with),
        argument.get_long_help().map(with),
    );
    let argument = argument.help(help.unwrap_or_default());
    match long {
        Some(long) => argument.long_help(long),
        None => argument,
    }
}

impl<'c> Typed<'c> {
    /// What was typed, if it is for a verb that reads settings.
    pub(super) fn of(command: &'c Command, args: &[OsString]) -> Option<Self> {
        let lenient = command.clone().ignore_errors(true);
        let matches = lenient.try_get_matches_from(args).ok()?;
        let verb = command.find_subcommand(matches.subcommand_name()?)?;
        reads_settings(verb).then_some(Self {
            command,
            verb,
            matches,
        })
    }

    fn own(&self) -> Option<&ArgMatches> {
        Some(self.matches.subcommand()?.1)
    }

    fn is_review(&self) -> bool {
        self.verb.get_name() == "review"
    }

    fn is_given(&self, id: &str) -> bool {
        self.own().is_some_and(|own| {
            own.try_contains_id(id).is_ok()
                && own.value_source(id) == Some(ValueSource::CommandLine)
        })
    }

    fn argument(&self, option: &str) -> Option<&'c Arg> {
        let mut arguments = self.verb.get_arguments();
        arguments.find(|argument| argument.get_long() == Some(option))
    }

    /// The command lines to run, in the place of the one that was typed: one, or one for each cluster.
    pub(super) fn lines(&self, args: &[OsString]) -> Result<Vec<Line>, Failure> {
        let mut settings = self.settings();
        let one = |args: Vec<OsString>, settings| Ok(vec![Line { args, settings }]);
        // A review takes what the file says from the revision before the change, and completes itself.
        if self.is_review() {
            return one(args.to_vec(), settings);
        }
        settings.repository = self.repository(&settings.environment)?;
        if self.verb.get_name() == "config" {
            if !self.is_given("schema") {
                self.check_all(&settings)?;
            }
            return one(args.to_vec(), settings);
        }
        let clusters = match (&settings.cluster, &settings.repository) {
            (Some(name), _) => vec![Some(name.clone())],
            (None, None) => vec![None],
            (None, Some(repository)) => self.clusters(repository, &settings.environment)?,
        };
        let mut lines = Vec::new();
        for cluster in clusters {
            settings.cluster = cluster;
            lines.push(Line {
                args: self.complete(args, &settings)?,
                settings: settings.clone(),
            });
        }
        Ok(lines)
    }

    /// Whether a verb that has the option of every setting takes what is said: nothing may hold that every
    /// command refuses.
    fn check_all(&self, settings: &Settings) -> Result<(), Failure> {
        let Some(verb) = self.command.find_subcommand(ALL_OPTIONS) else {
            return Ok(());
        };
        let probe = Self {
            command: self.command,
            verb,
            matches: ArgMatches::default(),
        };
        let mut settings = settings.clone();
        let repository = settings.repository.iter();
        let clusters: Vec<String> = match &settings.cluster {
            Some(name) => vec![name.clone()],
            None => repository
                .flat_map(Repository::clusters)
                .map(str::to_owned)
                .collect(),
        };
        let clusters = clusters.into_iter().map(Some);
        for cluster in [None].into_iter().chain(clusters) {
            settings.cluster = cluster;
            probe.complete(&[], &settings)?;
        }
        Ok(())
    }

    /// The value that is typed, or that a variable has.
    fn typed_or(&self, id: &str, environment: &Environment, variable: &str) -> Option<OsString> {
        let typed = || self.own()?.get_raw(id)?.next().map(OsStr::to_owned);
        typed().or_else(|| environment.get(variable).cloned())
    }

    fn settings(&self) -> Settings {
        let environment = Environment::of_process();
        let cluster = self.typed_or(CLUSTER, &environment, settings::CLUSTER);
        Settings {
            config: self
                .typed_or(CONFIG, &environment, settings::CONFIG)
                .map(PathBuf::from),
            environment,
            repository: None,
            cluster: cluster.map(|name| name.to_string_lossy().into_owned()),
        }
    }

    fn repository(&self, environment: &Environment) -> Result<Option<Repository>, SettingsError> {
        let here = std::env::current_dir().unwrap_or_default();
        match self.typed_or(CONFIG, environment, settings::CONFIG) {
            Some(path) => settings::named(Path::new(&path), &here).map(Some),
            None => settings::find(&here),
        }
    }

    /// The arguments of the verb, completed with other settings than those at hand.
    pub(super) fn again(
        &self,
        command: &Command,
        args: &[OsString],
        settings: &Settings,
    ) -> Result<ArgMatches, Failure> {
        let args = self.complete(args, settings)?;
        let matches = command
            .clone()
            .try_get_matches_from(&args)
            .map_err(|error| refused(&error))?;
        let own = matches.subcommand().map(|(_, own)| own.clone());
        Ok(own.unwrap_or_default())
    }

    /// The clusters that are meant where none is named.
    fn clusters(
        &self,
        repository: &Repository,
        environment: &Environment,
    ) -> Result<Vec<Option<String>>, Failure> {
        let all: Vec<Option<String>> = repository
            .clusters()
            .map(|name| Some(name.to_owned()))
            .collect();
        if all.len() <= 1 {
            return Ok(if all.is_empty() { vec![None] } else { all });
        }
        let subjects = self.subjects(environment);
        if !subjects.is_empty() {
            let meant = all
                .iter()
                .flatten()
                .filter(|name| subjects.iter().any(|path| is_of(repository, name, path)));
            return Ok(match meant.collect::<Vec<_>>()[..] {
                [one] => vec![Some(one.clone())],
                _ => vec![None],
            });
        }
        let why = match self.verb.get_name() {
            "compile"
                if ["out", "stdout"].iter().any(|id| self.is_given(id))
                    || environment.has("out") =>
            {
                "one destination cannot hold several"
            }
            "lint" if self.is_given("output") => "one output cannot hold several",
            "compile" | "lint" => return Ok(all),
            _ => "this looks at one",
        };
        Err(SettingsError::WhichCluster {
            file: repository.name.clone(),
            known: all.into_iter().flatten().collect(),
            why,
        }
        .into())
    }

    /// What was typed to be looked at.
    fn subjects(&self, environment: &Environment) -> Vec<OsString> {
        let own = self.own();
        let given = SUBJECTS.iter().filter(|id| self.is_given(id));
        let values = given.filter_map(|id| own?.get_raw(id));
        let values = values.flatten().map(OsStr::to_owned);
        // A variable names them for every cluster alike.
        let takes_files = self.argument("filename").is_some() && !self.is_given("filename");
        let variable = environment.values("filename").into_iter();
        let variable = variable.filter(|_| takes_files).map(OsString::from);
        values.chain(variable).collect()
    }

    /// The command line with what is said elsewhere right behind its verb.
    fn complete(&self, args: &[OsString], settings: &Settings) -> Result<Vec<OsString>, Failure> {
        let held = settings.held(settings.cluster.as_deref())?;
        let top = settings
            .repository
            .as_ref()
            .map(|repository| &repository.top);
        let mut added = Vec::new();
        let mut from_file = Vec::new();
        let is_part = self.is_part(settings);
        for one in &held {
            let Some(argument) = self.argument(one.setting.option) else {
                continue;
            };
            let is_file = matches!(one.origin, Origin::File { .. });
            let takes = match one.setting.readers {
                Readers::All => true,
                Readers::Lint => settings::is_lint(self.verb.get_name()),
                Readers::Review => !is_file || self.is_review(),
            };
            if !takes || !one.is_on() || self.stands_back(argument) {
                continue;
            }
            let values = values(one, top)?;
            check(argument, one, &values)?;
            // The rules that the repository keeps are those of all its inputs.
            if is_file && one.setting.option == "out" && is_part {
                if self.verb.get_name() == COMPILE {
                    let out = one.values.concat();
                    return Err(SettingsError::Part { out }.into());
                }
                continue;
            }
            if is_file {
                from_file.push(one.setting.option);
            }
            added.push((one.setting.option, one.setting.form, values));
        }
        let has = |option: &str| added.iter().any(|(other, ..)| *other == option);
        let has_out = has("out");
        let has_base = has("base") || self.is_given("base");
        let takes_node = has("node") || self.is_given("node");
        added.retain(|(option, ..)| *option != "keep-base" || has_base);
        // What a repository keeps, it keeps of every node.
        if ["filename", "out"]
            .iter()
            .any(|option| from_file.contains(option))
            && !takes_node
            && self
                .argument("all-nodes")
                .is_some_and(|argument| !self.stands_back(argument))
        {
            added.push(("all-nodes", Form::Switch, Vec::new()));
        }
        let says_where = ["out", "stdout"].iter().any(|id| self.is_given(id)) || has_out;
        if let (COMPILE, Some(repository), false) =
            (self.verb.get_name(), &settings.repository, says_where)
        {
            return Err(SettingsError::NoOut {
                file: repository.name.clone(),
                cluster: settings.cluster.clone(),
            }
            .into());
        }
        let verb = OsStr::new(self.verb.get_name());
        let place = args.iter().skip(1).position(|word| word == verb);
        let place = place.map_or(args.len(), |place| place + 2);
        let mut line = args.to_vec();
        let words = added
            .into_iter()
            .flat_map(|(option, form, values)| words(option, form, &values));
        line.splice(place..place, words);
        Ok(line)
    }

    /// Whether -f, or a variable in its place, names anything but all that the file has as input.
    fn is_part(&self, settings: &Settings) -> bool {
        let Some(repository) = &settings.repository else {
            return false;
        };
        let own = self.own().filter(|_| self.is_given("filename"));
        let typed = own.and_then(|own| own.get_raw("filename"));
        let named: Vec<OsString> = if let Some(typed) = typed {
            typed.map(OsStr::to_owned).collect()
        } else {
            let variable = settings.environment.values("filename").into_iter();
            variable.map(OsString::from).collect()
        };
        if named.is_empty() {
            return false;
        }
        let from_file = repository
            .held(settings.cluster.as_deref())
            .unwrap_or_default();
        let configured: BTreeSet<Option<PathBuf>> = from_file
            .iter()
            .filter(|one| INPUTS.contains(&one.setting.name))
            .flat_map(|one| one.values.iter())
            .map(|value| repository.top.within(value).ok())
            .collect();
        let named: BTreeSet<Option<PathBuf>> = named
            .iter()
            .map(|path| repository.top.typed(Path::new(path)))
            .collect();
        named != configured
    }

    /// Whether something that was typed leaves no room for an option.
    fn stands_back(&self, argument: &Arg) -> bool {
        let id = argument.get_id();
        let given = self
            .verb
            .get_arguments()
            .filter(|one| self.is_given(one.get_id().as_str()));
        let excludes = |one: &Arg, other: &Arg| {
            !one.is_global_set()
                && self
                    .verb
                    .get_arg_conflicts_with(one)
                    .iter()
                    .any(|conflict| conflict.get_id() == other.get_id())
        };
        let mut given = given.filter(|one| one.get_id() != CONFIG && one.get_id() != CLUSTER);
        given.any(|one| {
            one.get_id() == id
                || excludes(one, argument)
                || excludes(argument, one)
                || self.verb.get_groups().any(|group| {
                    let has = |id| group.get_args().any(|member| member == id);
                    !group.clone().is_multiple() && has(id) && has(one.get_id())
                })
        })
    }
}

/// An option as it is typed.
fn words(option: &str, form: Form, values: &[OsString]) -> Vec<OsString> {
    let with = |value: &OsStr| {
        let mut word = OsString::from(format!("--{option}="));
        word.push(value);
        word
    };
    match form {
        Form::Switch => vec![format!("--{option}").into()],
        Form::Words => vec![with(&values.join(OsStr::new(",")))],
        Form::Word | Form::Path | Form::Patterns | Form::Paths => {
            values.iter().map(|value| with(value)).collect()
        }
    }
}

/// The values of a setting; paths of the file as they are opened from here.
fn values(held: &Held, top: Option<&Top>) -> Result<Vec<OsString>, SettingsError> {
    let values = held.values.iter();
    match (&held.origin, top) {
        (Origin::File { .. }, Some(top)) if held.setting.form.is_path() => values
            .map(|value| {
                let path = top.open(value).map_err(|outside| SettingsError::Value {
                    origin: held.origin.to_string(),
                    said: format!("{}: the path {value:?} {outside}", held.setting.name),
                    help: "name what the repository has itself, without links; what lies elsewhere is named \
                           on the command line or in a variable"
                        .to_owned(),
                })?;
                Ok(path.into_os_string())
            })
            .collect(),
        _ => Ok(values.map(OsString::from).collect()),
    }
}

/// Has the option itself say whether it takes these values.
fn check(argument: &Arg, held: &Held, values: &[OsString]) -> Result<(), SettingsError> {
    if held.setting.form == Form::Switch {
        return Ok(());
    }
    let option = held.setting.option;
    let probe = Arg::new("value")
        .long(option)
        .action(ArgAction::Append)
        .value_parser(argument.get_value_parser().clone());
    for value in values {
        let mut word = OsString::from(format!("--{option}="));
        word.push(value);
        let probe = Command::new("probe")
            .no_binary_name(true)
            .arg(probe.clone());
        let Err(error) = probe.try_get_matches_from([word]) else {
            continue;
        };
        let takes = match error.get(ContextKind::ValidValue) {
            Some(ContextValue::Strings(known)) if !known.is_empty() => {
                format!("use one of: {}", known.join(", "))
            }
            _ => format!("--{option} of the command line takes the same"),
        };
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        return Err(SettingsError::Value {
            origin: held.origin.to_string(),
            said: format!(
                "{:?} is not what {} takes{}",
                value.to_string_lossy(),
                held.setting.name,
                cause.unwrap_or_default()
            ),
            help: takes,
        });
    }
    Ok(())
}

/// Whether something that was typed lies in what a cluster reads or keeps. A revision may be before it,
/// and as what it is read.
fn is_of(repository: &Repository, cluster: &str, typed: &OsStr) -> bool {
    let Ok(held) = repository.held(Some(cluster)) else {
        return false;
    };
    let typed = typed.to_string_lossy();
    let mut own = held.iter().filter(|one| {
        let is_own = matches!(
            &one.origin,
            Origin::File {
                cluster: Some(_),
                ..
            }
        );
        is_own && ["inputs", "out"].contains(&one.setting.name)
    });
    own.any(|one| {
        one.values.iter().any(|value| {
            let Ok(path) = repository.top.within(value) else {
                return false;
            };
            let here = repository.top.seen_from_here(&path);
            let plain = typed.rsplit(':').next().unwrap_or(&typed);
            let plain = PathBuf::from(plain);
            let within = |top: &Path| plain.components().collect::<PathBuf>().starts_with(top);
            within(&here) || (typed.contains(':') && within(&path))
        })
    })
}
