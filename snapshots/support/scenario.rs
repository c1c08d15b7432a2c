//! A case folder under `fixtures/<area>/`: what goes in, and how the compiler is asked.
//!
//! Every `*.yaml` and `*.json` is input, those that start with `base` are the base. `arguments`
//! says what the command line would; without it that is `--node node-a`. A node and a configuration
//! that have nothing to do with what the case shows come from `fixtures/<area>/_defaults`, unless
//! the case has a file of the same name.

use std::fs;
use std::path::{Path, PathBuf};

use portolan_compiler::compile::{
    self, BaseServices, Compilation, EndpointsFrom, Input, Mode, NodeSelection, Options, Silent,
};
use portolan_compiler::diag::human;
use portolan_compiler::source::Sources;
use portolan_runtime::report::Exit;

const DEFAULTS: &str = "_defaults";

/// One case of an area.
#[derive(Debug)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    folder: PathBuf,
}

/// What the compiler made of a case.
#[derive(Debug)]
pub struct Compiled {
    /// What went in.
    pub sources: Sources,
    /// What came of it.
    pub outcome: Compilation,
}

impl Compiled {
    /// What compile tells people of it when it was asked with these arguments.
    pub fn told(&self, arguments: &str) -> String {
        let exit = match self.outcome.prepared {
            Some(_) => Exit::Done,
            None => Exit::Data,
        };
        format!(
            "portolan compile {arguments}\n\n{}exit {}: {}\n",
            human(&self.outcome.report, &self.sources),
            exit.code(),
            match exit {
                Exit::Done => "compiled",
                _ => exit.meaning(),
            },
        )
    }
}

impl Scenario {
    /// All cases of an area, sorted by name.
    pub fn all(area: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(area);
        names(&root)
            .into_iter()
            .filter(|name| name != DEFAULTS)
            .map(|name| Self::named(area, &name))
            .collect()
    }

    /// One case of an area.
    pub fn named(area: &str, name: &str) -> Self {
        Self {
            folder: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("fixtures")
                .join(area)
                .join(name),
            name: name.to_owned(),
        }
    }

    /// The files that every case of an area has, unless it brings its own.
    pub fn defaults(area: &str) -> Self {
        Self::named(area, DEFAULTS)
    }

    /// Reads the case and compiles it.
    pub fn compile(&self) -> Compiled {
        self.run(&self.arguments(), &[])
    }

    /// Compiles the case with these arguments.
    pub fn compile_as(&self, arguments: &str) -> Compiled {
        self.run(arguments, &[])
    }

    /// Compiles the case with further or other files.
    pub fn compile_with(&self, files: &[(&str, String)]) -> Compiled {
        self.run(&self.arguments(), files)
    }

    fn run(&self, arguments: &str, files: &[(&str, String)]) -> Compiled {
        let mut sources = Sources::default();
        for (name, text) in self.files() {
            if !files.iter().any(|(other, _)| *other == name) {
                add(&mut sources, name, text);
            }
        }
        for (name, text) in files {
            add(&mut sources, (*name).to_owned(), text.clone());
        }
        let input = Input { sources };
        let outcome = compile::prepare(&input, &self.options(arguments), &Silent);
        Compiled {
            sources: input.sources,
            outcome,
        }
    }

    /// Names and texts: the area's files, then its own.
    fn files(&self) -> Vec<(String, String)> {
        let defaults = self.folder.with_file_name(DEFAULTS);
        let own = manifests(&self.folder);
        let common = manifests(&defaults)
            .into_iter()
            .filter(|file| !own.contains(file));
        let paths: Vec<PathBuf> = common
            .map(|file| defaults.join(file))
            .chain(own.iter().map(|file| self.folder.join(file)))
            .collect();
        let read = |path: PathBuf| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .expect("UTF-8");
            (name.to_owned(), fs::read_to_string(&path).expect("UTF-8"))
        };
        paths.into_iter().map(read).collect()
    }

    /// What the command line would say; a case of clusters may have several lines.
    pub fn arguments(&self) -> String {
        self.read("arguments").unwrap_or("--node node-a".to_owned())
    }

    /// A file of the case beside its manifests, if it has it.
    pub fn read(&self, file: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(file)).ok()?;
        Some(text.trim().to_owned())
    }

    fn options(&self, arguments: &str) -> Options {
        let mut options = Options {
            nodes: NodeSelection::FromConfiguration,
            kube_version: None,
            mode: None,
            base_services: BaseServices::Leave,
            endpoints: EndpointsFrom::default(),
        };
        let mut words = arguments.split_whitespace();
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("{word} needs a value"))
            };
            match word {
                "--all-nodes" => options.nodes = NodeSelection::All,
                "--node" => options.nodes = NodeSelection::Named(value().to_owned()),
                "--kube-version" => {
                    options.kube_version = Some(value().parse().expect("a version"));
                }
                "--mode" => {
                    let name = value();
                    let mode = Mode::ALL.into_iter().find(|mode| mode.as_str() == name);
                    options.mode = Some(mode.expect("a mode"));
                }
                "--base-services" => {
                    assert_eq!(value(), "keep");
                    options.base_services = BaseServices::Keep;
                }
                _ => panic!("{}: unknown argument {word}", self.name),
            }
        }
        options
    }
}

fn add(sources: &mut Sources, name: String, text: String) {
    if name.starts_with("base") {
        sources.add_base(name, text);
    } else {
        sources.add(name, text);
    }
}

fn manifests(folder: &Path) -> Vec<String> {
    let is_manifest = |name: &str| matches!(name.rsplit_once('.'), Some((_, "yaml" | "json")));
    let names = names(folder).into_iter();
    names.filter(|name| is_manifest(name)).collect()
}

/// What is in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names
}
