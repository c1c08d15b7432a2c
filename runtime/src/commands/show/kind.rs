//! What a file is: by its name, or by how it begins.

use std::path::Path;

use portolan_compiler::bundle::{ArtefactKind, Manifest};

/// What can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `MANIFEST`.
    Manifest,
    /// An artefact of a node.
    Artefact(ArtefactKind),
}

impl Kind {
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let artefacts = ArtefactKind::ALL.into_iter().map(Self::Artefact);
        std::iter::once(Self::Manifest).chain(artefacts)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manifest => Manifest::FILE_NAME,
            Self::Artefact(kind) => kind.file_name(),
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    pub(super) fn of_file(path: &Path) -> Option<Self> {
        Self::named(path.file_name()?.to_str()?)
    }

    /// Tells by the first line that says something, as far as it can be told.
    pub(super) fn of_content(bytes: &[u8]) -> Option<Self> {
        let artefact = |kind| Some(Self::Artefact(kind));
        // The first message's length comes first, and no message is as long as four letters.
        let Ok(text) = std::str::from_utf8(bytes) else {
            return artefact(ArtefactKind::IpvsNetlink);
        };
        if text.contains('\0') {
            return artefact(ArtefactKind::IpvsNetlink);
        }
        let first = text
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))?;
        let starts = |words: &[&str]| words.iter().any(|word| first.starts_with(word));
        if starts(&["portolan-manifest "]) {
            Some(Self::Manifest)
        } else if starts(&["portolan-services "]) {
            artefact(ArtefactKind::Services)
        } else if starts(&["*"]) {
            artefact(ArtefactKind::Iptables)
        } else if starts(&["create ", "Name: "]) {
            artefact(ArtefactKind::Ipset)
        } else if starts(&[
            "-A ",
            "--add-service ",
            "IP Virtual Server ",
            "Prot LocalAddress",
        ]) {
            artefact(ArtefactKind::IpvsRules)
        } else if starts(&["link add ", "address add "]) {
            artefact(ArtefactKind::Addresses)
        } else if starts(&["table ip ", "table ip6 "]) {
            artefact(ArtefactKind::Nftables)
        } else if starts(&["net."]) {
            artefact(ArtefactKind::Sysctl)
        } else {
            None
        }
    }
}
