//! Filters that choose nothing, or that nobody can follow.

use portolan_compiler::escape::visible;
use portolan_compiler::model::filter::Shown;

use crate::report::{Exit, Explain};

#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum FilterError {
    #[error("{}", visible(&.0.to_string()))]
    Nobody(Shown),
    #[error("labels of Services are not known in {}: manifests alone have them", visible(.0))]
    LabelsUnknown(String),
    #[error("names of Services are not known in {}: addresses and ports stand for them", visible(.0))]
    NamesUnknown(String),
}

impl Explain for FilterError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Nobody(shown) => shown.advice(),
            Self::LabelsUnknown(_) => {
                "leave -l away, or name manifests; -n chooses by namespace wherever names are known"
                    .to_owned()
            }
            Self::NamesUnknown(_) => {
                "leave -n and -l away, or name manifests or a compiled folder".to_owned()
            }
        })
    }
}
