mod error;
mod expected;
mod source;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use portolan_compiler::bundle::{ClusterName, Edition};
use portolan_compiler::plan::Ownership;
use portolan_compiler::plan::file::{NotDerived, PlanFile};
use portolan_compiler::plan::render::{Page, Services};

use super::shared::ask::{ConsentArgs, Question};
use super::shared::change::{ChangeArgs, change, finish_earlier};
use super::shared::planning::taken::{self, NotTaken};
use super::shared::planning::{LockArgs, PlanningArgs};
use super::shared::session::{Narrator, Session};
use super::shared::trusting::TrustArgs;
use crate::commands::shared::Context;
use crate::host::Holds;
use crate::report::{Clock, Exit, Failure};
use crate::transaction::store::{Counters, Purpose, Store};
use crate::trust::{self, Older, Order, Provenance, Trust, Vouched};
use error::ApplyError;
use expected::Expected;
use source::{Source, Wish};

/// Bring a node to what is asked for, all of it or nothing
///
/// What is asked for is a plan that `portolan plan --out` wrote, a folder that `portolan compile --out`
/// wrote, a bundle, or manifests. A plan is carried out as it was reviewed, and refused where the node
/// has changed since. The others are planned first, shown, and asked about; where nobody is at a
/// terminal, they need --yes.
///
/// The node ends in the state before or in the one asked for, whatever fails: an error undoes what was
/// done, and after a crash `portolan recover`, or the next apply, goes back or on. Destinations that
/// nobody asks for any more take no new connections and keep those they have for a while.
#[derive(Debug, Args)]
#[command(
    verbatim_doc_comment,
    group = ArgGroup::new("wanted").args(["source", "filename"]).required(true),
    after_help = "\
Examples:
  portolan apply plan.json
  portolan apply rules --node node-a --yes
  portolan apply -f cluster.yaml -f kube-proxy.yaml --node node-a --confirm-timeout 2m",
)]
pub(crate) struct ApplyArgs {
    /// A plan, a compiled folder or a bundle; with plan: or rules: before it
    /// that alone
    #[arg(value_name = "PLAN|DIR|BUNDLE")]
    source: Option<PathBuf>,

    #[command(flatten)]
    planning: PlanningArgs,

    #[command(flatten)]
    trust: TrustArgs,

    /// Take this file for the signature of the bundle [default: the bundle's name and .minisig]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    signature: Option<PathBuf>,

    /// The bundle that a plan was made of: its signature is the plan's
    #[arg(long, value_name = "BUNDLE", help_heading = "Signatures")]
    bundle: Option<PathBuf>,

    /// Say that the node is now of this cluster, and not of the one whose rules it has
    #[arg(long, value_name = "NAME", help_heading = "Safety")]
    other_cluster: Option<ClusterName>,

    /// Take a bundle that is older than what the node has had; the record says so
    #[arg(long, help_heading = "Signatures")]
    allow_older: bool,

    #[command(flatten)]
    lock: LockArgs,

    #[command(flatten)]
    change: ChangeArgs,

    /// Refuse anything that does not lead to this target: what was reviewed, in at least 12 digits
    #[arg(long, value_name = "TARGET", help_heading = "Safety")]
    expect: Option<Expected>,

    #[command(flatten)]
    consent: ConsentArgs,
}

pub(crate) fn run(
    args: &ApplyArgs,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let Some(source) = Source::load(args, context, clock)? else {
        return Ok(Exit::Data);
    };
    if let Some(expected) = &args.expect
        && !expected.is(source.target())
    {
        let (expected, found) = (expected.clone(), source.target());
        return Err(ApplyError::Unexpected { expected, found }.into());
    }
    let session = Session::open(&args.lock)?;
    if !args.planning.takes_over() {
        error::refuse_beside_proxies(&*session.node.0)?;
    }
    let mut narrator = Narrator::new(context, args.change.output.format);
    let (edition, trust, vouched) = (source.edition, source.trust, source.vouched);
    let in_order = |session: &Session| args.in_order(edition.as_ref(), &trust, &session.store);
    // Once before anything that an earlier run left is touched, and once after that.
    in_order(&session)?;
    finish_earlier(&session, &mut narrator)?;
    let provenance = Provenance {
        order: in_order(&session)?,
        edition: edition.clone(),
        vouched,
    };
    if provenance != Provenance::UNKNOWN {
        narrator.say(&format!("Rules {provenance}.\n"));
    }
    clock.begin_phase("observe");
    let holds = session.holds()?;
    clock.begin_phase("plan");
    let plan = match source.wish {
        Wish::Plan(plan) => {
            args.refuse_unsaid_takeover(&plan, vouched)?;
            error::refuse_stale(&plan, &holds, args.planning.node.as_deref(), &session.store)?;
            derived(*plan, &holds)?
        }
        Wish::Desired(desired) => {
            let plan = args.planning.plan(&desired, &holds)?;
            let page = Page {
                node: &desired.node,
                target: desired.target,
                plan: &plan,
                services: &desired.services(&holds),
                notes: &[],
            };
            let asked = (&page, &holds);
            args.consent
                .obtain(Question::Apply, asked, &session, &mut narrator)?;
            args.planning.file(&desired, &holds, &plan)
        }
    };
    clock.begin_phase("apply");
    change(
        session,
        Purpose::Apply,
        plan,
        provenance,
        &args.change,
        narrator,
    )
}

/// The plan with the steps, and the names of Services, that follow from what it leads to and what the node
/// holds. Those of the file are for people.
fn derived(plan: PlanFile, holds: &Holds) -> Result<PlanFile, Failure> {
    let steps = taken::derived(&plan, holds)?;
    let state = plan
        .files
        .state()
        .map_err(NotDerived::from)
        .map_err(NotTaken::from)?;
    Ok(PlanFile {
        services: Services::new(&state, holds.services.as_ref()).names(),
        steps,
        ..plan
    })
}

impl ApplyArgs {
    /// A bundle says nothing of what others made: where its signature counts for a plan, whoever applies
    /// that has to say that those go too.
    fn refuse_unsaid_takeover(&self, plan: &PlanFile, vouched: Vouched) -> Result<(), ApplyError> {
        let tracked = plan.terms.as_ref();
        let tracked = tracked.is_some_and(|terms| terms.ownership == Ownership::Tracked);
        match vouched {
            Vouched::Signed(_) if !tracked && !self.planning.takes_over() => {
                Err(ApplyError::UnsaidTakeover)
            }
            Vouched::Signed(_) | Vouched::Waived | Vouched::NotAsked => Ok(()),
        }
    }

    /// Whether an edition comes after all that the node has had of its cluster, as signed or as what runs.
    fn in_order(
        &self,
        edition: Option<&Edition>,
        trust: &Trust,
        store: &Store,
    ) -> Result<Order, Failure> {
        // What says nothing of itself is compared with nothing, and nothing is read for it.
        let Some(edition) = edition else {
            return Ok(Order::InOrder);
        };
        let (counters, running) = match store.current()? {
            Some(current) => {
                let running = store.generation(current.generation)?.provenance.edition;
                (current.counters, running)
            }
            None => (Counters::default(), None),
        };
        // What runs may say nothing of a cluster: what the node has had does.
        let known: Vec<&ClusterName> = match &running {
            Some(running) => vec![&running.cluster],
            None => counters.clusters().collect(),
        };
        if let Some(first) = known.first()
            && !known.contains(&&edition.cluster)
            && self.other_cluster.as_ref() != Some(&edition.cluster)
        {
            return Err(ApplyError::OtherCluster {
                offered: edition.clone(),
                running: (*first).clone(),
            }
            .into());
        }
        // Where nobody vouches for what runs, its number is anybody's.
        let asked = matches!(trust, Trust::Demanded(_));
        let highest = |cluster: &ClusterName| {
            let running = running
                .as_ref()
                .filter(|it| it.cluster == *cluster && !asked);
            counters.highest(cluster).max(running.map(|it| it.counter))
        };
        let older = if self.allow_older {
            Older::Allowed
        } else {
            Older::Refused
        };
        Ok(trust::in_order(Some(edition), highest, older)?)
    }
}
