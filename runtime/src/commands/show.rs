use std::path::PathBuf;

use clap::Args;

use crate::cli::{Context, Exit, Failure};

/// Decode an artefact for people
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The file
    file: PathBuf,
}

pub(super) fn run(_: &ShowArgs, _: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    Ok(Exit::Done)
}
