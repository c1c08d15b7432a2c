use clap::Args;

use super::shared::format::EventArgs;
use super::shared::planning::LockArgs;
use super::shared::session::{Narrator, Session};
use crate::commands::shared::Context;
use crate::report::{Exit, Failure};
use crate::transaction::Outcome;
use crate::transaction::store::TransactionId;

/// Confirm a change that would be undone otherwise
///
/// `portolan apply --confirm-timeout` undoes everything unless this comes in time. Run it from a new
/// connection to the node: that it works is what the confirmation says.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ConfirmArgs {
    /// Which transaction [default: the one that waits]
    #[arg(value_name = "ID")]
    id: Option<TransactionId>,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    output: EventArgs,
}

pub(crate) fn run(args: &ConfirmArgs, context: &mut Context<'_, '_>) -> Result<Exit, Failure> {
    let session = Session::open(&args.lock)?;
    let mut narrator = Narrator::new(context, args.output.format);
    let outcome = session.engine(&mut narrator).confirm(args.id.as_ref())?;
    if let Outcome::Committed { generation, .. } = outcome {
        narrator.say(&format!("Confirmed: generation {generation} is kept.\n"));
    }
    Ok(Exit::Done)
}
