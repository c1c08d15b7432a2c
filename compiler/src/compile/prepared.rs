//! Checked input, from which artefacts are made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::Mirrored;
use crate::bundle::{Digest, NodeArtefacts};
use crate::diag::Findings;
use crate::ir::Program;
use crate::kernel::text::KeepOrigins;
use crate::lower::{Gathered, NodeView, Spellings, Standpoint};
use crate::mode::{NodeState, artefacts, services};
use crate::model::config::ModeSource;
use crate::model::name::NodeName;
use crate::model::profile::{Aspect, Gate, Gates, Standing};
use crate::model::{Cluster, Facts, Mode, Profile};
use crate::pipeline::Viewpoint;
use crate::target::target;
use crate::valid::Valid;
use crate::{canonical, lower, mode, valid};

/// Input that was checked for every node asked for: making artefacts of it cannot fail any more.
#[derive(Debug)]
pub struct Prepared {
    pub(super) cluster: Cluster,
    pub(super) gathered: Gathered,
    pub(super) spellings: Spellings,
    /// What the cluster has a part in of the differences between releases, once somebody asked.
    pub(super) concerns: OnceLock<BTreeSet<Aspect>>,
    /// Sorted by name.
    pub(super) names: Vec<NodeName>,
    /// One for each name.
    pub(super) viewpoints: Vec<Viewpoint>,
    /// The program of the only node. With many nodes lowering twice is cheaper than holding all.
    pub(super) only: Option<Valid<Program>>,
}

impl Prepared {
    /// The nodes, sorted by name.
    pub fn nodes(&self) -> &[NodeName] {
        &self.names
    }

    /// The cluster, with the endpoints that count.
    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// From where each node chooses endpoints, and what differs by its release.
    pub(crate) fn standpoints(&self) -> impl Iterator<Item = (Standpoint, Profile)> {
        let viewpoints = self.viewpoints.iter();
        viewpoints.map(|viewpoint| (viewpoint.view.standpoint(), viewpoint.profile))
    }

    /// The same nodes for another cluster, in which some of them may be missing and Services have other
    /// endpoints: nothing else of it may differ.
    pub(crate) fn of_cluster(&self, cluster: Cluster) -> Self {
        let mut findings = Findings::default();
        let gathered = lower::gather(&cluster, &mut findings);
        let has = |name: &&NodeName| cluster.node(name).is_some();
        let names: Vec<NodeName> = self.names.iter().filter(has).cloned().collect();
        let viewpoints = self.names.iter().zip(&self.viewpoints);
        let viewpoints = viewpoints.filter_map(|(name, viewpoint)| {
            Some(Viewpoint {
                view: lower::view(&cluster, name, &mut findings).ok()?,
                mirrored: viewpoint.mirrored.clone(),
                profile: viewpoint.profile,
            })
        });
        let viewpoints = viewpoints.collect();
        Self {
            gathered,
            spellings: self.spellings,
            concerns: OnceLock::new(),
            only: None,
            names,
            viewpoints,
            cluster,
        }
    }

    /// The mode it was prepared for.
    pub fn mode(&self) -> Mode {
        self.cluster.config.mode
    }

    /// The mode, where nothing tells which one the cluster's kube-proxy serves in.
    pub fn assumed_mode(&self) -> Option<Mode> {
        let assumed = matches!(
            self.cluster.config.mode_source,
            ModeSource::Assumed | ModeSource::Unknown
        );
        assumed.then(|| self.mode())
    }

    /// Which kube-proxy one node mirrors, by its index in [`Self::nodes`].
    pub fn mirrored(&self, node: usize) -> &Mirrored {
        &self.viewpoints[node].mirrored
    }

    /// The digests of what decides the rules of the nodes, in the order of [`Self::nodes`].
    pub fn inputs(&self) -> canonical::Inputs {
        let _span = tracing::debug_span!("digest").entered();
        let owns: Vec<_> = (0..self.names.len()).map(|node| self.own(node)).collect();
        canonical::Shared::new(&self.cluster, &self.gathered).inputs(&owns)
    }

    /// The digest of what decides the rules of one node, by its index in [`Self::nodes`].
    pub fn input_digest(&self, node: usize) -> Digest {
        canonical::Shared::new(&self.cluster, &self.gathered).digest(&self.own(node))
    }

    fn own(&self, node: usize) -> canonical::Own<'_> {
        let viewpoint = &self.viewpoints[node];
        canonical::Own {
            emulates: viewpoint.mirrored.emulates,
            profile: viewpoint.profile,
            view: &viewpoint.view,
            facts: self.facts(node),
        }
    }

    /// Ranges whose virtual servers are somebody else's (`ipvs.excludeCIDRs`).
    pub fn exclude_cidrs(&self) -> &[ipnet::IpNet] {
        &self.cluster.config.exclude_cidrs
    }

    /// The release that one node mirrors and its gates, by its index in [`Self::nodes`].
    pub fn profile(&self, node: usize) -> Profile {
        self.viewpoints[node].profile
    }

    /// The differences between releases that matter to one node, by its index in [`Self::nodes`].
    pub fn concerns(&self, node: usize) -> BTreeSet<Aspect> {
        let of_cluster = || lower::concerns(&self.cluster, &self.gathered, self.spellings);
        let mut concerns = self.concerns.get_or_init(of_cluster).clone();
        concerns.extend(self.viewpoints[node].view.concerns(&self.cluster));
        concerns
    }

    /// kube-proxy's own gates that the configuration sets, and how they stand in the release that one
    /// node mirrors, by its index in [`Self::nodes`].
    pub fn gates(&self, node: usize) -> BTreeMap<Gate, Option<Standing>> {
        let version = self.mirrored(node).emulates.version;
        Gates::new(version, &self.cluster.config.feature_gates)
            .set()
            .collect()
    }

    /// The mode-neutral program of one node, by its index in [`Self::nodes`].
    pub fn program(&self, node: usize) -> Valid<Program> {
        if let Some(only) = &self.only {
            return only.clone();
        }
        let Viewpoint { view, profile, .. } = &self.viewpoints[node];
        lower_valid(&self.cluster, &self.gathered, view, *profile)
    }

    /// The program of one node and what its mode keeps, by its index in [`Self::nodes`].
    pub fn program_and_state(&self, node: usize) -> (Valid<Program>, NodeState) {
        let program = self.program(node);
        let state = self.lower(&program, node);
        (program, state)
    }

    /// What its mode keeps on one node, by its index in [`Self::nodes`].
    pub fn state(&self, node: usize) -> NodeState {
        match &self.only {
            Some(only) => self.lower(only, node),
            None => self.lower(&self.program(node), node),
        }
    }

    fn lower(&self, program: &Valid<Program>, node: usize) -> NodeState {
        let mode = self.mode().as_str();
        let _span = tracing::debug_span!("mode", node = self.names[node].as_str(), mode).entered();
        let (config, facts) = (&self.cluster.config, self.facts(node));
        let list = services::lower(
            program,
            services::Options {
                mode: self.mode(),
                udp_flows: self.viewpoints[node].profile.udp_flows,
                exclude: &config.exclude_cidrs,
            },
        );
        let state = match self.mode() {
            Mode::Ipvs => mode::ipvs::lower(program, &mode::ipvs::Options::new(config, facts)),
            Mode::Iptables => {
                mode::iptables::lower(program, &mode::iptables::Options::new(config, facts))
            }
            Mode::Nftables => {
                let options = mode::nftables::Options::new(&self.cluster.service_ranges, facts);
                mode::nftables::lower(program, &options)
            }
        };
        NodeState {
            services: Some(list),
            ..state
        }
    }

    /// The artefacts of one node, by its index in [`Self::nodes`], in the mode it was prepared for.
    pub fn artefacts(&self, node: usize, keep_origins: KeepOrigins) -> NodeArtefacts {
        let state = self.state(node);
        let (files, target) = rayon::join(|| artefacts(&state, keep_origins), || target(&state));
        NodeArtefacts {
            node: self.names[node].clone(),
            target,
            files,
        }
    }

    fn facts(&self, node: usize) -> Option<&Facts> {
        self.cluster.facts(&self.names[node])
    }
}

/// Lowers a node that was found valid before.
fn lower_valid(
    cluster: &Cluster,
    gathered: &Gathered,
    view: &NodeView,
    profile: Profile,
) -> Valid<Program> {
    let mut findings = Findings::default();
    let program = lower::lower(cluster, gathered, view, profile, &mut findings);
    valid::validate(program, &mut findings).expect("lowering is deterministic: it was valid before")
}
