//! Files as forges know them: from the top of the repository, wherever the command is run.

use std::path::{Path, PathBuf};

use portolan_compiler::bundle::Manifest;
use portolan_compiler::diff::render::Outline;
use portolan_compiler::lint::Report;

use crate::input;
use crate::settings::{self, Top};

/// What a Code Quality report names where nothing else is there.
const ANY_FILE: &str = "README.md";

/// Names files from the top of the repository around the current folder.
pub(in crate::commands) struct FromTop(Option<Top>);

impl FromTop {
    pub(in crate::commands) fn here() -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        Self(settings::around(&here))
    }

    /// A file that is there; what is none, such as a revision's, keeps its name.
    fn name(&self, file: &str) -> Option<String> {
        let path = Path::new(file);
        let top = self.0.as_ref().filter(|_| path.exists())?;
        Some(top.typed(path)?.to_string_lossy().into_owned())
    }

    fn rename(&self, file: &mut String) {
        if let Some(name) = self.name(file) {
            *file = name;
        }
    }

    /// The findings of lint with such names.
    pub(in crate::commands) fn report(&self, report: &Report) -> Report {
        let mut report = report.clone();
        for finding in &mut report.findings {
            let diagnostic = &mut finding.diagnostic;
            let also = diagnostic.also.iter_mut();
            let also = also.filter_map(|label| label.location.as_mut());
            for location in diagnostic.location.iter_mut().chain(also) {
                self.rename(&mut location.file);
            }
        }
        report
    }

    /// A difference with such names.
    pub(in crate::commands) fn outline(&self, outline: &Outline) -> Outline {
        let mut outline = outline.clone();
        let places = outline.sections.iter_mut();
        for place in places.filter_map(|section| section.place.as_mut()) {
            self.rename(&mut place.file);
        }
        outline
    }

    /// A file for what is about no line of a manifest: one of those that were compared.
    pub(in crate::commands) fn elsewhere(&self, outline: &Outline) -> String {
        let sides = [&outline.new, &outline.old];
        let words = sides.iter().flat_map(|side| {
            let words = side.split([' ', ',']).filter(|word| !word.is_empty());
            [side.as_str()].into_iter().chain(words)
        });
        let words = words.map(|word| word.rsplit(':').next().unwrap_or(word));
        let mut files = words.filter_map(|word| some_file(Path::new(word)));
        let file = files.next().map(|file| file.to_string_lossy().into_owned());
        let file = file.map(|file| self.name(&file).unwrap_or(file));
        file.unwrap_or_else(|| ANY_FILE.to_owned())
    }
}

/// A file, or one in a folder.
fn some_file(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    let entries = path.read_dir().ok()?.filter_map(Result::ok);
    let files = entries.map(|entry| entry.path()).filter(|file| {
        let is_list = file
            .file_name()
            .is_some_and(|name| name == Manifest::FILE_NAME);
        file.is_file() && (is_list || input::is_manifest(file))
    });
    files.min()
}
