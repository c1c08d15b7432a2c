//! Lines as MANIFESTs and bundles have them: nothing is read but what is written.

use super::{Digest, Emulates, ManifestError, ManifestProblem, NodeEntry};
use crate::model::name::NodeName;

fn parse_emulates(text: &str) -> Option<Emulates> {
    let (version, mode) = text.split_once(' ')?;
    let emulates = Emulates {
        version: version.parse().ok()?,
        mode: mode.parse().ok()?,
    };
    (emulates.version.to_string() == version).then_some(emulates)
}

fn parse_digest(text: &str) -> Result<Digest, ManifestProblem> {
    Ok(text.parse::<Digest>()?)
}

/// Lines of a MANIFEST or of what is written like one, one after the other.
pub(in crate::bundle) struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(in crate::bundle) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 0,
        }
    }

    pub(in crate::bundle) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether another line of the same part follows.
    pub(in crate::bundle) fn has_more(&self) -> bool {
        !self.is_done() && !self.rest.starts_with('\n')
    }

    /// What formats 1 and 2 say of a node.
    pub(in crate::bundle) fn entry(&mut self) -> Result<NodeEntry, ManifestError> {
        Ok(NodeEntry {
            emulates: self.emulates()?,
            input: self.digest("objects ")?,
            target: None,
        })
    }

    pub(in crate::bundle) fn node(&mut self) -> Result<NodeName, ManifestError> {
        let name = self.word_after("node ")?;
        NodeName::parse(name).map_err(|_| self.error(ManifestProblem::Node(name.to_owned())))
    }

    pub(in crate::bundle) fn emulates(&mut self) -> Result<Emulates, ManifestError> {
        let emulates = self.word_after("emulates kube-proxy ")?;
        parse_emulates(emulates).ok_or_else(|| self.expected("emulates"))
    }

    pub(in crate::bundle) fn digest(&mut self, key: &'static str) -> Result<Digest, ManifestError> {
        let digest = self.word_after(key)?;
        parse_digest(digest).map_err(|problem| self.error(problem))
    }

    /// What follows a word, where the line begins with it.
    pub(in crate::bundle) fn optional(
        &mut self,
        key: &'static str,
    ) -> Result<Option<&'a str>, ManifestError> {
        let is_there = self.is_at(key);
        is_there.then(|| self.word_after(key)).transpose()
    }

    /// The digest after a word, where the line begins with that.
    pub(in crate::bundle) fn optional_digest(
        &mut self,
        key: &'static str,
    ) -> Result<Option<Digest>, ManifestError> {
        let is_there = self.is_at(key);
        is_there.then(|| self.digest(key)).transpose()
    }

    /// Whether the next line begins with this.
    pub(in crate::bundle) fn is_at(&self, key: &str) -> bool {
        self.rest.starts_with(key)
    }

    /// A digest after a word, and the rest of the line.
    pub(in crate::bundle) fn digest_and_more(
        &mut self,
        key: &'static str,
    ) -> Result<(Digest, &'a str), ManifestError> {
        let line = self.word_after(key)?;
        let (digest, rest) = line
            .split_once(' ')
            .ok_or_else(|| self.expected("a digest and more"))?;
        let digest = parse_digest(digest).map_err(|problem| self.error(problem))?;
        Ok((digest, rest))
    }

    /// A file, by its digest and its name.
    pub(in crate::bundle) fn file(&mut self) -> Result<(Digest, &'a str), ManifestError> {
        let line = self.next()?;
        let (digest, name) = line
            .split_once("  ")
            .ok_or_else(|| self.expected("a digest and a path"))?;
        let digest = parse_digest(digest).map_err(|problem| self.error(problem))?;
        Ok((digest, name))
    }

    pub(in crate::bundle) fn in_order<T: Ord>(
        &self,
        last: Option<&T>,
        next: &T,
    ) -> Result<(), ManifestError> {
        match last {
            Some(last) if last >= next => Err(self.error(ManifestProblem::Order)),
            _ => Ok(()),
        }
    }

    pub(in crate::bundle) fn end(&self) -> Result<(), ManifestError> {
        if self.is_done() {
            Ok(())
        } else {
            Err(ManifestError {
                line: self.line + 1,
                ..self.expected("the end of the file")
            })
        }
    }

    pub(in crate::bundle) fn empty(&mut self) -> Result<(), ManifestError> {
        if self.next()?.is_empty() {
            Ok(())
        } else {
            Err(self.expected("an empty line"))
        }
    }

    pub(in crate::bundle) fn next(&mut self) -> Result<&'a str, ManifestError> {
        self.line += 1;
        let cut = if self.is_done() && self.line == 1 {
            ManifestProblem::NotAManifest
        } else {
            ManifestProblem::Cut
        };
        let (line, rest) = self.rest.split_once('\n').ok_or_else(|| self.error(cut))?;
        self.rest = rest;
        Ok(line)
    }

    pub(in crate::bundle) fn word_after(
        &mut self,
        key: &'static str,
    ) -> Result<&'a str, ManifestError> {
        self.next()?
            .strip_prefix(key)
            .filter(|word| !word.is_empty())
            .ok_or_else(|| self.expected(key.trim_end()))
    }

    pub(in crate::bundle) fn expected(&self, what: &'static str) -> ManifestError {
        self.error(ManifestProblem::Expected(what))
    }

    pub(in crate::bundle) fn error(&self, problem: ManifestProblem) -> ManifestError {
        ManifestError {
            line: self.line,
            problem,
            written_by: None,
        }
    }
}
