//! Patterns for what is not read of a folder.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use globset::{GlobBuilder, GlobMatcher};
use portolan_compiler::nearest::{self, Slips};

/// A pattern for files and folders in a folder that is read, as `.gitignore` has them: one with a
/// slash within is about the path from that folder on, one without about any name on the way.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: GlobMatcher,
    about: About,
    /// Whether anything met it, for all copies.
    met: Arc<AtomicBool>,
    /// What came nearest to it of all that did not, for all copies.
    nearest: Arc<Mutex<Option<Near>>>,
}

/// A path or name that is nearly what a pattern says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Near {
    /// How many letters differ.
    distance: usize,
    text: String,
}

/// What of a pattern may be wrong in the name of what was to be left out.
const SLIPS: Slips = Slips::OneIn(4);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Path,
    Name,
}

/// Text that is no pattern.
#[derive(Debug, thiserror::Error)]
pub enum NotAPattern {
    /// It names nothing.
    #[error("is empty")]
    Empty,
    /// It breaks the rules.
    #[error(transparent)]
    Glob(#[from] globset::Error),
}

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Self, NotAPattern> {
        let bare = text.strip_prefix("./").unwrap_or(text);
        let bare = bare.strip_suffix('/').unwrap_or(bare);
        let (about, glob) = match bare.strip_prefix('/') {
            Some(rest) => (About::Path, rest),
            None if bare.contains('/') => (About::Path, bare),
            None => (About::Name, bare),
        };
        if glob.is_empty() {
            return Err(NotAPattern::Empty);
        }
        let glob = GlobBuilder::new(glob).literal_separator(true).build()?;
        Ok(Self {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
            about,
            met: Arc::default(),
            nearest: Arc::default(),
        })
    }
}

impl Pattern {
    fn matches(&self, path: &str) -> bool {
        let text = match self.about {
            About::Path => path,
            About::Name => path.rsplit('/').next().unwrap_or(path),
        };
        let matches = self.matcher.is_match(text);
        if matches {
            self.met.store(true, Ordering::Relaxed);
        } else if !self.met.load(Ordering::Relaxed) {
            self.compare(text);
        }
        matches
    }

    /// Keeps a text that does not match if none so far came nearer.
    fn compare(&self, text: &str) {
        let glob = self.matcher.glob().glob();
        // With the folder's own name before it, a pattern is what it should be but for that.
        let prefixed = glob
            .strip_suffix(text)
            .is_some_and(|own| own.ends_with('/'));
        let distance = if prefixed {
            0
        } else {
            let Some(distance) = nearest::distance(glob, text, SLIPS) else {
                return;
            };
            distance
        };
        let near = Near {
            distance,
            text: text.to_owned(),
        };
        let mut nearest = self.nearest.lock().unwrap_or_else(PoisonError::into_inner);
        if nearest.as_ref().is_none_or(|known| near < *known) {
            *nearest = Some(near);
        }
    }

    /// What to say of a pattern that nothing met in all that was read.
    pub(crate) fn unmet(&self) -> Option<String> {
        if self.met.load(Ordering::Relaxed) {
            return None;
        }
        let nearest = self.nearest.lock().unwrap_or_else(PoisonError::into_inner);
        let meant = match &*nearest {
            Some(near) => format!(", and {} is there", near.text),
            None => String::new(),
        };
        Some(format!(
            "warning: --exclude {} leaves nothing out{meant}: a pattern is about a name in a folder that is read, or with a slash about a path from that folder on, without the folder's own name",
            self.text
        ))
    }
}

/// Whether a file is left out: it, or a folder on the way to it. The path is one from the folder that
/// is read, with slashes.
pub(crate) fn is_excluded(patterns: &[Pattern], path: &str) -> bool {
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    // Each pattern is asked, as each learns what meets it.
    let meets = |part| {
        patterns
            .iter()
            .filter(|pattern| pattern.matches(part))
            .count()
            > 0
    };
    folders.chain([path]).filter(|part| meets(part)).count() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_about_names_or_paths() {
        for (pattern, excluded, read) in [
            (
                "overlays",
                ["overlays/a.yaml", "apps/overlays/b/c.yaml"],
                ["overlays.yaml", "base/a.yaml"],
            ),
            (
                "apps/overlays/",
                ["apps/overlays/a.yaml", "apps/overlays/b/c.yaml"],
                ["overlays/a.yaml", "x/apps/overlays/a.yaml"],
            ),
            (
                "**/templates/**",
                ["templates/a.yaml", "charts/a/templates/b.yaml"],
                ["templates.yaml", "a/template/b.yaml"],
            ),
            (
                "*.patch.yaml",
                ["a.patch.yaml", "b/c.patch.yaml"],
                ["a.yaml", "patch.yaml"],
            ),
            (
                "/a.yaml",
                ["a.yaml", "a.yaml/b.yaml"],
                ["b/a.yaml", "c.yaml"],
            ),
            (
                "./apps/{dev,test}/*",
                ["apps/dev/a.yaml", "apps/test/b/c.yaml"],
                ["apps/prod/a.yaml", "apps/dev.yaml"],
            ),
        ] {
            let patterns = [pattern.parse().unwrap()];
            for path in excluded {
                assert!(is_excluded(&patterns, path), "{pattern}: {path}");
            }
            for path in read {
                assert!(!is_excluded(&patterns, path), "{pattern}: {path}");
            }
        }
    }

    #[test]
    fn a_pattern_knows_whether_anything_met_it() {
        let patterns: [Pattern; 4] =
            ["a.yaml", "*.yaml", "top/a.yaml", "b"].map(|text| text.parse().unwrap());
        let copies = patterns.clone();
        assert!(is_excluded(&copies, "b/a.yaml"));
        let unmet = patterns.iter().filter_map(Pattern::unmet);
        let unmet: Vec<String> = unmet.collect();
        assert_eq!(unmet.len(), 1);
        assert!(unmet[0].starts_with("warning: --exclude top/a.yaml leaves nothing out: "));
    }

    #[test]
    fn what_nearly_meets_a_pattern_is_named() {
        for (text, expected) in [
            ("overlay", Some("overlays")),
            ("Base", Some("base")),
            ("overlays/test", Some("overlays/tests")),
            ("clusters/overlays/tests", Some("overlays/tests")),
            ("other", None),
            ("*.yml", None),
        ] {
            let patterns: [Pattern; 1] = [text.parse().unwrap()];
            for path in ["base/a.yaml", "overlays/tests/b.yaml"] {
                assert!(!is_excluded(&patterns, path), "{text}");
            }
            let said = patterns[0].unmet().unwrap();
            match expected {
                Some(meant) => assert!(said.contains(&format!(", and {meant} is there")), "{said}"),
                None => assert!(!said.contains("is there"), "{said}"),
            }
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "/", "a[", "{a"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
