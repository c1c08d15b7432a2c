use std::path::PathBuf;

use clap::Args;

use crate::commands::shared::bundles::bundle;
use crate::commands::shared::format::{Format, FormatArgs};
use crate::commands::shared::{Context, bundle_outline as outline};
use crate::report::{Exit, Failure};

/// Show what a bundle is, and of which nodes
///
/// Every digest of it is checked; who has signed it says `portolan verify-signature`.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct BundleShowArgs {
    /// A bundle, or an OCI image layout of one
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,

    #[command(flatten)]
    output: FormatArgs,
}

pub(super) fn run(args: &BundleShowArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let file = bundle(&args.bundle)?;
    let text = match args.output.format {
        Format::Human => outline::human(file.bundle()),
        Format::Json => outline::json(file.bundle()),
    };
    context.streams.stdout.styled(&text);
    Ok(Exit::Done)
}
