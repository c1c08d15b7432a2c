//! Which Services a report is to be about, and what that leaves of it.

mod choice;
mod error;

use clap::Args;
use portolan_compiler::model::name::{NameError, Namespace};
use portolan_compiler::model::{Filter, LabelSelector};

pub(in crate::commands) use choice::{Choice, Looked};

/// Of which namespaces Services are told about.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct NamespaceArgs {
    /// Tell about Services of these namespaces only [default: of all]
    #[arg(
        short = 'n',
        long,
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = namespace,
        help_heading = "What to look at"
    )]
    namespace: Vec<Namespace>,
}

/// Which Services are told about.
#[derive(Debug, Clone, Args)]
pub(in crate::commands) struct FilterArgs {
    #[command(flatten)]
    namespaces: NamespaceArgs,

    /// Tell only about Services that have these labels themselves, as kubectl takes them: app=cart,tier!=web
    /// or 'app in (cart, pay), !canary'
    #[arg(
        short = 'l',
        long,
        value_name = "LABELS",
        help_heading = "What to look at"
    )]
    selector: Option<LabelSelector>,
}

impl NamespaceArgs {
    pub(in crate::commands) fn filter(&self) -> Filter {
        Filter {
            namespaces: self.namespace.iter().cloned().collect(),
            labels: LabelSelector::default(),
        }
    }
}

impl FilterArgs {
    pub(in crate::commands) fn filter(&self) -> Filter {
        Filter {
            labels: self.selector.clone().unwrap_or_default(),
            ..self.namespaces.filter()
        }
    }
}

fn namespace(text: &str) -> Result<Namespace, NameError> {
    Namespace::parse(text)
}
