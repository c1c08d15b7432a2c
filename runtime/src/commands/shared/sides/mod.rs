//! One side of a comparison: what it is, and what it says of each node.

mod args;
mod argument;
mod error;
mod git;
mod load;
mod manifests;
mod pair;
mod passed;
pub(in crate::commands) mod remarks;
mod revision;
mod tracked;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use portolan_compiler::bundle::ArtefactKind;
use portolan_compiler::compile::Prepared;
use portolan_compiler::diff::render::ManifestLine;
use portolan_compiler::diff::treatment::{self, Known};
use portolan_compiler::diff::{Declarations, KernelView, Mirrored, NodeView, Subject};
use portolan_compiler::escape::visible;

use portolan_compiler::ir::Program;
use portolan_compiler::kernel::text::KeepOrigins;
use portolan_compiler::mode::{NodeState, artefacts};
use portolan_compiler::model::name::NodeName;
use portolan_compiler::model::{Cluster, Mode};
use portolan_compiler::observed::Observed;
use portolan_compiler::source::{FieldPath, ObjectName, Objects, Role, Sources};
use portolan_compiler::valid::Valid;
use tempfile::TempDir;

use crate::commands::shared::Context;
use crate::commands::shared::filter::Choice;
use crate::report::{Failure, Verbosity};
use crate::rules::Rules;
pub(in crate::commands) use args::SideArgs;
use argument::FilesKind;
pub(in crate::commands) use error::DiffError;
pub(in crate::commands) use load::{Files, Loading, Wanted};
use manifests::Compiled;
pub(in crate::commands) use pair::{Pairing, pair, pair_or_declared};
pub(in crate::commands) use revision::{Found as RevisionFound, Revision};
pub(in crate::commands) use tracked::Tracked;

/// One side of a comparison: what was named, and what was read there.
#[derive(Debug)]
pub(in crate::commands) struct Side {
    /// What it is called.
    pub(in crate::commands) label: String,
    told: Told,
    content: Content,
}

/// What told as what a side is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The caller's word before the place.
    Word,
    /// What is there, so whoever can add and remove files there has a say in it.
    Look,
    /// It can be one thing only.
    Nature,
}

#[derive(Debug)]
enum Content {
    Manifests(Box<Compiled>),
    Rules {
        rules: Rules,
        nodes: Vec<NodeName>,
        /// Where the files of a revision are for a moment.
        _kept: Option<TempDir>,
    },
    Generation(NodeName, Box<NodeState>),
    Observed(Box<Found>),
    Nothing,
}

/// What a node was found to hold.
#[derive(Debug)]
struct Found {
    observed: Observed,
    /// The node's own addresses, where all of them were found.
    node_addresses: Option<BTreeSet<IpAddr>>,
    /// What has to be known of it.
    remarks: Vec<String>,
}

/// What a side says of one node.
#[derive(Debug)]
pub(in crate::commands) enum Node {
    /// What it is asked to keep, and what is behind that where it is known.
    Asked(Box<NodeState>, Option<Box<Behind>>),
    /// What it was found to keep.
    Found(Box<Observed>),
    /// Nothing at all.
    Nothing,
}

/// What manifests say behind what a node is asked to keep.
#[derive(Debug)]
pub(in crate::commands) struct Behind {
    program: Valid<Program>,
    mirrored: Mirrored,
}

/// The nodes of a side.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::commands) enum Names<'a> {
    /// Those that it has, sorted.
    Known(&'a [NodeName]),
    /// One, whose name is not known.
    Unknown,
    /// All that there are, whatever their names.
    All,
}

/// Where a side comes from, as far as options ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Origin {
    /// Manifests, compiled for it.
    Manifests,
    /// The records of this machine.
    Records,
    /// Neither: what is there is taken as it is.
    Other,
}

impl Side {
    /// Whether it is known to ask nothing of any node.
    pub(in crate::commands) fn is_empty(&self) -> bool {
        match &self.content {
            Content::Manifests(compiled) => compiled.is_empty(),
            Content::Nothing => true,
            Content::Rules { .. } | Content::Generation(..) | Content::Observed(..) => false,
        }
    }

    /// Where it comes from.
    pub(in crate::commands) fn origin(&self) -> Origin {
        match &self.content {
            Content::Manifests(_) => Origin::Manifests,
            Content::Generation(..) => Origin::Records,
            Content::Rules { .. } | Content::Observed(..) | Content::Nothing => Origin::Other,
        }
    }

    /// What the other side has in its own input, this one has not, and the base would supply: with it
    /// what one change takes away, or another adds, would be on both sides.
    fn taken_away(&self, other: &Self) -> BTreeSet<ObjectName> {
        let (Content::Manifests(this), Content::Manifests(other)) = (&self.content, &other.content)
        else {
            return BTreeSet::new();
        };
        let own = this.objects_of(Role::Input);
        let base = this.objects_of(Role::Base);
        let others = other.objects_of(Role::Input).into_iter();
        let kept = |name: &ObjectName| base.contains(name) && !own.contains(name);
        let api_server = |name: &ObjectName| {
            name.namespace.as_deref() == Some("default") && &*name.name == "kubernetes"
        };
        others
            .filter(|name| kept(name) && !api_server(name))
            .collect()
    }

    /// Whether it is what a node was found to hold.
    pub(in crate::commands) fn is_found(&self) -> bool {
        matches!(self.content, Content::Observed(..))
    }

    /// The mode it was compiled for, where nothing tells which one it is.
    fn assumed_mode(&self) -> Option<Mode> {
        match &self.content {
            Content::Manifests(compiled) => compiled.prepared.assumed_mode(),
            _ => None,
        }
    }

    /// Names of the nodes that it has, as far as they are known.
    pub(in crate::commands) fn names(&self) -> Names<'_> {
        match &self.content {
            Content::Manifests(compiled) => compiled.names(),
            Content::Rules { nodes, .. } => Names::Known(nodes),
            Content::Generation(name, _) => Names::Known(std::slice::from_ref(name)),
            Content::Observed(..) => Names::Unknown,
            Content::Nothing => Names::All,
        }
    }

    /// As what its files are read; `None` where there are none.
    fn kind(&self) -> Option<FilesKind> {
        if self.told == Told::Nature {
            return None;
        }
        match &self.content {
            Content::Manifests(_) => Some(FilesKind::Manifests),
            Content::Rules { .. } => Some(FilesKind::Rules),
            Content::Observed(..) => Some(FilesKind::Capture),
            Content::Generation(..) | Content::Nothing => None,
        }
    }

    /// What it says of one node, by its index in [`Self::names`].
    pub(in crate::commands) fn node(&self, index: usize) -> Result<Node, Failure> {
        Ok(match &self.content {
            Content::Manifests(compiled) => Node::compiled(&compiled.prepared, index),
            Content::Rules { rules, nodes, .. } => {
                let name = nodes.get(index).map(NodeName::as_str);
                Node::Asked(Box::new(rules.read(name)?.state), None)
            }
            Content::Generation(_, state) => Node::Asked(state.clone(), None),
            Content::Observed(found) => Node::Found(Box::new(found.observed.clone())),
            Content::Nothing => Node::Nothing,
        })
    }

    /// What its manifests declare; `None` where it is not manifests that say what it is.
    pub(in crate::commands) fn declarations(&self) -> Option<Declarations> {
        match &self.content {
            Content::Manifests(compiled) => Some(Declarations::of(compiled.prepared.cluster())),
            Content::Nothing => Some(Declarations::default()),
            Content::Rules { .. } | Content::Generation(..) | Content::Observed(..) => None,
        }
    }

    /// Says what is known of the Services that a filter chooses among.
    pub(in crate::commands) fn inform(&self, choice: &mut Choice) {
        match &self.content {
            Content::Manifests(compiled) => choice.know(compiled.prepared.cluster()),
            Content::Rules { .. } | Content::Generation(..) | Content::Observed(..) => {
                choice.know_unlabelled(&self.label);
            }
            Content::Nothing => {}
        }
    }

    /// Where its manifests have these Services.
    pub(in crate::commands) fn places<'a>(
        &self,
        subjects: impl Iterator<Item = &'a Subject>,
    ) -> BTreeMap<Subject, ManifestLine> {
        let Content::Manifests(compiled) = &self.content else {
            return BTreeMap::new();
        };
        let read = (&compiled.sources, &compiled.objects);
        places(read, compiled.prepared.cluster(), subjects)
    }
}

/// Where manifests have these Services.
pub(in crate::commands) fn places<'a>(
    (sources, objects): (&Sources, &Objects),
    cluster: &Cluster,
    subjects: impl Iterator<Item = &'a Subject>,
) -> BTreeMap<Subject, ManifestLine> {
    let mut wanted: BTreeSet<&Subject> = subjects.collect();
    let mut found = Vec::new();
    for service in &cluster.services {
        let subject = Subject::Service(service.key.to_string().into());
        if wanted.remove(&subject) {
            found.push((subject, service.object));
        }
    }
    let path = FieldPath::root().key("metadata").key("name");
    let fields: Vec<_> = found.iter().map(|(_, object)| (*object, &path)).collect();
    let spans = objects.locate(sources, &fields);
    let places = found.into_iter().zip(spans).map(|((subject, _), span)| {
        let file = sources.get(span.source).name.clone();
        let line = sources.line_column(span.source, span.start).line;
        (subject, ManifestLine { file, line })
    });
    places.collect()
}

impl Node {
    /// What manifests ask of one node, by its index in [`Prepared::nodes`].
    pub(in crate::commands) fn compiled(prepared: &Prepared, index: usize) -> Self {
        let (program, state) = prepared.program_and_state(index);
        let behind = Behind {
            program,
            mirrored: Mirrored {
                profile: prepared.profile(index),
                concerns: prepared.concerns(index),
                gates: prepared.gates(index),
            },
        };
        Self::Asked(Box::new(state), Some(Box::new(behind)))
    }

    /// As users of Services see it.
    pub(in crate::commands) fn view(&self) -> NodeView {
        match self {
            Self::Asked(state, behind) => {
                let view = NodeView::of_state(state);
                match (behind, &state.services) {
                    (Some(behind), _) => view
                        .named(behind.program.get())
                        .mirroring(behind.mirrored.clone()),
                    (None, Some(list)) => view.listed(list),
                    (None, None) => view,
                }
            }
            Self::Found(observed) => NodeView::of_observed(observed),
            Self::Nothing => NodeView::nothing(),
        }
    }

    /// The node's own addresses, as far as what it is asked to do names them.
    fn addresses(&self) -> BTreeSet<IpAddr> {
        match self {
            Self::Asked(_, Some(behind)) => behind
                .program
                .get()
                .node
                .addresses
                .iter()
                .copied()
                .collect(),
            Self::Asked(state, None) => state.node_addresses(),
            Self::Found(_) | Self::Nothing => BTreeSet::new(),
        }
    }

    fn known(&self) -> Option<Known<'_>> {
        match self {
            Self::Asked(state, Some(behind)) => Some(Known::Manifests(behind.program.get(), state)),
            Self::Asked(state, None) => Some(Known::State(state)),
            Self::Found(observed) => Some(Known::Found(observed)),
            Self::Nothing => None,
        }
    }

    /// Two sides that can be asked what clients meet on a node, where enough of both is known.
    pub(in crate::commands) fn both_asked<'a>(
        old: &'a Self,
        new: &'a Self,
    ) -> Option<[treatment::Side<'a>; 2]> {
        treatment::both(old.known()?, new.known()?)
    }

    /// Object by object.
    pub(in crate::commands) fn kernel(&self) -> KernelView {
        match self {
            Self::Asked(state, _) => KernelView::of_state(state),
            Self::Found(observed) => KernelView::of_observed(observed),
            Self::Nothing => KernelView::of_state(&NodeState::empty(Mode::Ipvs)),
        }
    }

    /// Its files; nothing where it was found, as others wrote those.
    pub(in crate::commands) fn files(&self) -> Option<BTreeMap<ArtefactKind, Vec<u8>>> {
        match self {
            Self::Asked(state, _) => {
                let files = artefacts(state, KeepOrigins::No).into_iter();
                Some(files.map(|file| (file.kind, file.bytes)).collect())
            }
            Self::Found(_) => None,
            Self::Nothing => Some(BTreeMap::new()),
        }
    }
}

/// Says where no side has anything to look at: no change must not read as if all were well.
pub(in crate::commands) fn say_nothing(sides: &[&Side], context: &mut Context<'_, '_>) {
    if context.verbosity == Verbosity::Quiet || !sides.iter().all(|side| side.is_empty()) {
        return;
    }
    let labels: Vec<String> = sides.iter().map(|side| visible(&side.label)).collect();
    let who = match &labels[..] {
        [one] => format!("{one} has no Service"),
        several => format!("neither {} has a Service", several.join(" nor ")),
    };
    context.streams.stderr.say(&format!(
        "note: {who} that kube-proxy would program. Manifests from Git have no cluster IPs: --base takes \
         them from a dump of the running cluster\n"
    ));
}

/// Says what has to be known of what was found, where no report has room for it.
pub(in crate::commands) fn tell_found(sides: &[&Side], context: &mut Context<'_, '_>) {
    if context.verbosity == Verbosity::Quiet {
        return;
    }
    for side in sides {
        let Content::Observed(found) = &side.content else {
            continue;
        };
        for remark in &found.remarks {
            let line = visible(&format!("note: {}: {remark}", side.label));
            context.streams.stderr.say(&format!("{line}\n"));
        }
    }
}
