//! What several verbs share: arguments and the work behind them, a module for each subject.

pub(in crate::commands) mod ask;
pub(in crate::commands) mod bundle_outline;
pub(in crate::commands) mod bundles;
pub(in crate::commands) mod change;
pub(in crate::commands) mod compare;
mod context;
pub(in crate::commands) mod emit;
pub(in crate::commands) mod fail_on;
pub(in crate::commands) mod filter;
pub(in crate::commands) mod format;
pub(in crate::commands) mod from_top;
pub(in crate::commands) mod generation;
mod given;
pub(in crate::commands) mod manifests;
pub(in crate::commands) mod matter;
pub(in crate::commands) mod mirrored;
pub(in crate::commands) mod outlined;
pub(in crate::commands) mod outputs;
pub(in crate::commands) mod planning;
pub(in crate::commands) mod profile;
pub(in crate::commands) mod provenance;
mod repository;
pub(in crate::commands) mod save;
pub(in crate::commands) mod session;
pub(in crate::commands) mod sides;
pub(in crate::commands) mod summary;
pub(in crate::commands) mod time;
pub(in crate::commands) mod trusting;
mod typed;
pub(in crate::commands) mod unused;
pub(in crate::commands) mod values;

pub(crate) use context::{Completion, Context};
pub(crate) use given::Given;
pub(crate) use repository::RepositoryArgs;
pub(crate) use typed::Typed;
