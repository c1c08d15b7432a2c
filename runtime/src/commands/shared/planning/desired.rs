//! What is asked for: of a compiled folder, or of manifests.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use portolan_compiler::bundle::{Digest, Emulates, Target};
use portolan_compiler::compile::Compilation;
use portolan_compiler::mode::NodeState;
use portolan_compiler::model::Mode;
use portolan_compiler::model::name::NodeName;
use portolan_compiler::plan::render::{Page, Services};
use portolan_compiler::source::Sources;
use portolan_compiler::target::target;

use super::{Offer, Offered, PlanningArgs};
use crate::commands::shared::Context;
use crate::commands::shared::manifests::{Request, Telling, Untold};
use crate::commands::shared::matter::Matter;
use crate::commands::shared::{mirrored, unused};
use crate::host::Holds;
use crate::report::{Clock, Failure};

/// What one node is asked to hold.
#[derive(Debug)]
pub(in crate::commands) struct Desired {
    pub(in crate::commands) node: NodeName,
    pub(in crate::commands) state: NodeState,
    /// The node's own addresses, as far as they are known.
    pub(in crate::commands) node_addresses: BTreeSet<IpAddr>,
    /// The mode, where nothing tells which one it is.
    pub(in crate::commands) assumed_mode: Option<Mode>,
    /// Which kube-proxy that mirrors.
    pub(in crate::commands) emulates: Emulates,
    /// Digest of what it was compiled of.
    pub(in crate::commands) input: Digest,
    /// The state in one number.
    pub(in crate::commands) target: Target,
    /// Ranges whose virtual servers are somebody else's, as configured.
    pub(in crate::commands) exclude: Vec<IpNet>,
    /// What was found in manifests, where it is told later.
    found: Option<(Compilation, Sources)>,
}

impl Desired {
    /// Whose what it holds is, and whose what the node holds was.
    pub(in crate::commands) fn services(&self, holds: &Holds) -> Services {
        Services::new(&self.state, holds.services.as_ref())
    }

    /// Tells what was found about the Services that a plan changes something of.
    pub(in crate::commands) fn tell_about(&self, page: &Page<'_>, context: &mut Context<'_, '_>) {
        if let Some((outcome, sources)) = &self.found {
            let matter = Matter::of_headings(page.touched());
            Untold::of(outcome, sources).tell_about(&matter, context);
        }
    }

    /// Tells all that was found.
    pub(in crate::commands) fn tell(&self, context: &mut Context<'_, '_>) {
        if let Some((outcome, sources)) = &self.found {
            Untold::of(outcome, sources).tell(context);
        }
    }
}

/// Loads it; `None` where the input is refused, which has been told.
pub(super) fn load(
    args: &PlanningArgs,
    offer: Option<Offer<'_>>,
    telling: Telling,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Option<Desired>, Failure> {
    if let Some(Offer { path, rules, to }) = offer {
        unused::beside_rules(&context.given, path)?;
        clock.begin_phase("load files");
        let node = match (&args.node, to) {
            (Some(meant), _) => Some(meant.as_str()),
            (None, Some(own)) => {
                let nodes = rules.nodes()?.into_iter().map(|(node, _)| node);
                own.takes(Offered::of(rules), &nodes.collect::<Vec<_>>())?;
                Some(own.as_str())
            }
            (None, None) => None,
        };
        let read = rules.read(node)?;
        let exclude = args.ownership.excluded(&read.state)?;
        let mirrors =
            mirrored::of_rules(rules, path.display(), &[(&read.node, read.entry.emulates)]);
        mirrored::say(&mirrors, context);
        return Ok(Some(Desired {
            node: read.node,
            node_addresses: read.state.node_addresses(),
            assumed_mode: None,
            emulates: read.entry.emulates,
            input: read.entry.input,
            target: read.target,
            exclude,
            state: read.state,
            found: None,
        }));
    }
    let request = Request::of_one_node(
        args.node.as_deref(),
        &args.files.filename,
        &args.manifests,
        args.profile.mirror(),
        telling,
    );
    let Some(checked) = request.check(context, clock)? else {
        return Ok(None);
    };
    let prepared = &checked.prepared;
    let Some(node) = prepared.nodes().first() else {
        return Ok(None);
    };
    let (program, state) = prepared.program_and_state(0);
    Ok(Some(Desired {
        node: node.clone(),
        node_addresses: program.get().node.addresses.iter().copied().collect(),
        assumed_mode: prepared.assumed_mode(),
        emulates: prepared.mirrored(0).emulates,
        input: prepared.input_digest(0),
        target: target(&state),
        exclude: prepared.exclude_cidrs().to_vec(),
        state,
        found: (telling == Telling::Later).then_some((checked.outcome, checked.sources)),
    }))
}
