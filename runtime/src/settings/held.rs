//! What holds of a setting, and who says so.

use std::fmt;

use super::catalogue::Setting;

/// What is said of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) setting: &'static Setting,
    /// As they are written, paths from the folder of the file that names them; `true` or `false` of a
    /// switch.
    pub(crate) values: Vec<String>,
    pub(crate) origin: Origin,
}

/// Where a value comes from that no option says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A variable of the environment.
    Variable(String),
    /// The file with the settings, at one of its lines.
    File {
        /// What it is called.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The cluster of which it is said; `None` where it is said of all.
        cluster: Option<String>,
    },
}

impl Held {
    /// Whether a switch is on; what is no switch is.
    pub(crate) fn is_on(&self) -> bool {
        self.values.first().is_none_or(|value| value != "false")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::File {
                file,
                line,
                cluster,
            } => {
                write!(f, "{file}:{line}")?;
                match cluster {
                    Some(cluster) => write!(f, ", cluster {cluster}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// What holds where several say something: of each setting what the first of them says. What completes
/// the inputs goes with them: a variable that names inputs names all that is read.
pub(crate) fn merge(first: Vec<Held>, second: Vec<Held>) -> Vec<Held> {
    let mut held = first;
    let said: Vec<&'static str> = held.iter().map(|one| one.setting.option).collect();
    held.extend(
        second
            .into_iter()
            .filter(|one| !said.contains(&one.setting.option)),
    );
    held.sort_by_key(|one| {
        super::SETTINGS
            .iter()
            .position(|setting| setting.name == one.setting.name)
    });
    held
}
