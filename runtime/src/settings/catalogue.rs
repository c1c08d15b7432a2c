//! Every setting: its key in the file, its option, its variable.

/// What an option says, or the file or a variable in its place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Which verbs take it.
    pub(crate) readers: Readers,
    /// What it is called, and its key in the file where it has one; a dot leads into a mapping.
    pub(crate) name: &'static str,
    /// Whether the file may say it.
    pub(crate) in_file: InFile,
    /// The option that it stands for, without its dashes.
    pub(crate) option: &'static str,
    /// Whether a variable may say it.
    pub(crate) in_environment: InEnvironment,
    /// What its values are.
    pub(crate) form: Form,
    /// What holds where nobody says it.
    pub(crate) default: &'static str,
}

/// Which verbs take a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// All that have its option.
    All,
    /// Lint, and a review, which lints: other verbs have an option of that name for something else.
    Lint,
    /// A review alone: with it, other verbs end otherwise than whoever types them expects.
    Review,
}

/// Whether the file may say a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InFile {
    Yes,
    /// It would let a change read what is not its own.
    No,
}

/// Whether a variable may say a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InEnvironment {
    Yes,
    /// Its option is another setting's too, which has the variable.
    No,
}

/// What a setting's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// On or off: the option takes no value.
    Switch,
    /// One word that the option takes.
    Word,
    /// Several words, separated by commas in a variable.
    Words,
    /// Several patterns, separated by colons in a variable.
    Patterns,
    /// One path, of a file or a folder.
    Path,
    /// Several paths, separated by colons in a variable, as in `PATH` and `KUBECONFIG`.
    Paths,
}

impl Form {
    /// What separates several values in a variable.
    pub(crate) fn separator(self) -> Option<char> {
        match self {
            Self::Words => Some(','),
            Self::Patterns | Self::Paths => Some(':'),
            Self::Switch | Self::Word | Self::Path => None,
        }
    }

    /// Whether the values are paths.
    pub(crate) fn is_path(self) -> bool {
        matches!(self, Self::Path | Self::Paths)
    }
}

impl Setting {
    /// The variable that says it.
    pub(crate) fn variable(&self) -> Option<String> {
        match self.in_environment {
            InEnvironment::Yes => Some(variable(self.option)),
            InEnvironment::No => None,
        }
    }
}

/// The variable that stands for an option of a verb, where there is one.
pub(crate) fn variable_of(verb: &str, option: &str) -> Option<String> {
    let mut settings = SETTINGS.iter();
    settings
        .find(|setting| setting.option == option)
        .filter(|setting| setting.readers != Readers::Lint || is_lint(verb))?
        .variable()
}

/// Whether a verb lints.
pub(crate) fn is_lint(verb: &str) -> bool {
    matches!(verb, "lint" | "review")
}

/// The variable of an option.
fn variable(option: &str) -> String {
    format!("PORTOLAN_{}", option.replace('-', "_").to_ascii_uppercase())
}

const fn setting(
    name: &'static str,
    option: &'static str,
    form: Form,
    default: &'static str,
) -> Setting {
    Setting {
        readers: Readers::All,
        name,
        in_file: InFile::Yes,
        option,
        in_environment: InEnvironment::Yes,
        form,
        default,
    }
}

/// What completes the inputs, and has no option of its own.
const fn beside(name: &'static str, form: Form) -> Setting {
    Setting {
        in_environment: InEnvironment::No,
        ..setting(name, "filename", form, "none beside the inputs")
    }
}

/// All settings. What is not among them, nothing but the command line says: what a run writes, touches or
/// prints, and above all what consents to something.
pub(crate) const SETTINGS: [Setting; 16] = [
    setting("inputs", "filename", Form::Paths, "none"),
    beside("kubeProxy", Form::Path),
    beside("facts", Form::Paths),
    setting("base", "base", Form::Paths, "none"),
    setting("keepBase", "keep-base", Form::Switch, "no"),
    setting(
        "endpoints",
        "endpoints",
        Form::Word,
        "from slices while they can be right, else from Pods",
    ),
    setting("recursive", "recursive", Form::Switch, "no"),
    setting("exclude", "exclude", Form::Patterns, "nothing"),
    Setting {
        in_file: InFile::No,
        ..setting("followLinks", "follow-links", Form::Switch, "no")
    },
    setting("mode", "mode", Form::Word, "the configuration's, or ipvs"),
    setting(
        "kubeVersion",
        "kube-version",
        Form::Word,
        "what the input says, or the newest",
    ),
    setting("node", "node", Form::Word, "every node"),
    setting("out", "out", Form::Path, "none"),
    setting("lint.disable", "disable", Form::Words, "none"),
    Setting {
        readers: Readers::Lint,
        ..setting("lint.failOn", "fail-on", Form::Word, "warning")
    },
    Setting {
        readers: Readers::Review,
        ..setting("blastRadius", "blast-radius", Form::Word, "no limit")
    },
];
