//! Artefacts that cannot be shown.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

use portolan_compiler::bundle::ManifestError;
use portolan_compiler::kernel::lines::LineError;
use portolan_compiler::kernel::{ipset, iptables, ipvs, nftables};
use portolan_compiler::mode::services::ServicesProblem;
use portolan_compiler::observed::Printed;
use portolan_compiler::plan::file::FileError;

use crate::report::{Exit, Explain};

/// A file, and why it cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot show {}", file.display())]
pub(super) struct ShowError {
    file: PathBuf,
    source: Problem,
}

impl ShowError {
    pub(super) fn new(file: &OsStr, problem: Problem) -> Self {
        let file = if file == "-" {
            "<stdin>".into()
        } else {
            file.into()
        };
        Self {
            file,
            source: problem,
        }
    }
}

/// Why a file cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0}")]
    Read(io::Error),
    #[error("it is a folder")]
    Folder,
    #[error("neither its name nor its content is that of an artefact")]
    UnknownKind,
    #[error("this is what `{}` prints, {}", .0.command(), .0.fault())]
    Another(Printed),
    #[error("line {0}: the text ends within a line, so it is cut off")]
    Cut(usize),
    #[error("{0}")]
    Output(String),
    #[error("it is not UTF-8 text")]
    NotText,
    #[error(transparent)]
    Plan(#[from] FileError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Ipset(#[from] ipset::ReadError),
    #[error(transparent)]
    Iptables(#[from] iptables::ReadError),
    #[error(transparent)]
    Ipvs(#[from] ipvs::ReadError),
    #[error(transparent)]
    Nftables(#[from] nftables::ReadError),
    #[error(transparent)]
    Services(#[from] LineError<ServicesProblem>),
    #[error(transparent)]
    Netlink(#[from] ipvs::netlink::DecodeError),
}

impl Explain for ShowError {
    fn exit(&self) -> Exit {
        match &self.source {
            Problem::Folder => Exit::Usage,
            Problem::Plan(FileError::Changed | FileError::Target { .. }) => Exit::Untrusted,
            Problem::Read(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => Exit::NoInput,
                io::ErrorKind::InvalidData => Exit::Data,
                _ => Exit::Io,
            },
            _ => Exit::Data,
        }
    }

    fn help(&self) -> Option<String> {
        match &self.source {
            Problem::Folder => Some("name one of the files in it".to_owned()),
            Problem::Another(printed) => {
                Some(format!("show what `{}` prints", printed.file().command()))
            }
            Problem::UnknownKind => {
                Some("say what it is with --as, such as --as ipset.restore".to_owned())
            }
            _ => None,
        }
    }
}
