//! What is legal and unwise: a catalogue of rules, on the same values that compile works on.
//!
//! [`lint`] goes through the stages of `pipeline` as compile does, and on where compile
//! stops: what is refused is left out, and the rest is looked at. What compile itself reports is
//! found there, once, and gets its rule here (`codes`); the other rules are functions of their own
//! (`rules`). Then annotations and the configuration have their say.

mod catalogue;
mod codes;
mod finding;
mod index;
mod ranges;
pub mod render;
mod report;
mod rule;
mod rules;
mod scope;
mod settings;
mod subject;
mod suppress;

pub use catalogue::RuleId;
pub use finding::{Filtered, Finding, FindingKind, LiesIn, Report, Unchecked};
pub use rule::{Checked, Examples, Need, RuleEntry, UnknownRule};
pub use suppress::ANNOTATION;

use crate::compile::{BaseServices, EndpointsFrom, Input, Mode, Observer, Phase, Summary};
use crate::diag::{Code, Findings, Place};
use crate::front::LintConfig;
use crate::lower::{Gathered, Profiles};
use crate::model::filter::Shown;
use crate::model::name::NodeName;
use crate::model::{Cluster, Filter, KubeVersion, Profile};
use crate::pipeline::{Mirror, Pipeline, Viewpoint};
use crate::{diag, lower, model, pipeline};
use settings::Settings;
use subject::Subject;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The node to lint for; all of the input where there is none.
    pub node: Option<String>,
    /// The release of kube-proxy to mirror; where there is none, what the input says of each node.
    pub kube_version: Option<KubeVersion>,
    /// A proxy mode that overrides the configuration's.
    pub mode: Option<Mode>,
    /// What becomes of Services that only the base has.
    pub base_services: BaseServices,
    /// Where the endpoints of Services with selectors come from.
    pub endpoints: EndpointsFrom,
    /// Rules that are switched off.
    pub disabled: Vec<RuleId>,
    /// Whose findings are told.
    pub filter: Filter,
    /// Whose `LintConfig` decides.
    pub settings: SettingsFrom,
}

/// Whose `LintConfig` decides on what lint finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsFrom {
    /// The input's own.
    Input,
    /// That of what was there before: [`Report::configs`] of it.
    Before(Vec<LintConfig>),
}

/// Reads the input and reports what is wrong or unwise about it.
pub fn lint(input: &Input, options: &Options, observer: &dyn Observer) -> Report {
    let sources = &input.sources;
    let mut pipeline = Pipeline::new(sources, observer);
    // What compile reports, and what only lint looks for.
    let (mut compiled, mut ruled) = (Findings::default(), Findings::default());
    let read = pipeline.read(&mut compiled);
    let (own, base) = (read.own.clone(), read.base.clone().unwrap_or_default());
    let named = options.node.as_deref().map(NodeName::parse);
    let request = model::Request {
        mode: options.mode,
        base_services: options.base_services.clone(),
        node: named.and_then(Result::ok),
    };
    let mut cluster = pipeline.model(read, &request, &mut compiled);
    pipeline::complete_endpoints(
        &mut cluster,
        options.endpoints,
        options.kube_version,
        &mut compiled,
    );
    let shown = scope::shown(&options.filter, &cluster);
    report_nothing(&pipeline.summary, shown.as_ref(), &mut compiled);
    let whole = !compiled.has_errors();
    let own_settings = Settings::new(&own.lint, &mut compiled);
    let settings = match &options.settings {
        SettingsFrom::Input => own_settings,
        SettingsFrom::Before(configs) => Settings::of_other(configs),
    };

    observer.begin(Phase::Lower);
    let gathered = lower::gather(&cluster, &mut compiled);
    let nodes = nodes(&cluster, options.node.as_deref(), &mut compiled);
    let mirror = Mirror::new(&cluster, options.kube_version);
    let asked = options
        .node
        .iter()
        .filter_map(|name| NodeName::parse(name).ok());
    let looked: Vec<NodeName> = match &nodes[..] {
        [] => asked.collect(),
        nodes => nodes.to_vec(),
    };
    let mirrors = pipeline.mirrors(&mirror, &nodes, &looked, &mut compiled);
    let any = mirror.of_any(&nodes);
    let versions = nodes.iter().map(|name| mirror.of(name).emulates.version);
    let profiles = Profiles::new(&cluster, versions.chain([any]), &mut compiled);
    let of_any = profiles.of(any);
    look_from_nowhere(&cluster, &gathered, of_any, &mut compiled);
    let viewpoints = pipeline::viewpoints(&cluster, &nodes, &mirror, &profiles, &mut compiled);
    look_from_nodes(&cluster, &gathered, &viewpoints, &mut compiled);
    let Pipeline {
        objects, summary, ..
    } = pipeline;
    let subject = Subject {
        sources,
        objects: &objects,
        own: &own,
        base: &base,
        cluster: &cluster,
        gathered: &gathered,
        settings: &settings,
        profile: of_any,
    };
    for found in rules::check_all(&subject) {
        ruled.append(found);
    }
    report::Assembly {
        subject: &subject,
        disabled: &options.disabled,
        filter: &options.filter,
        shown,
        met: |need| match need {
            Need::Node => !nodes.is_empty(),
            Need::Configuration => subject.configuration().is_some(),
            Need::Endpoints => subject.has_endpoints(),
            Need::Whole => whole,
        },
        summary,
        mirrors,
    }
    .report(compiled, ruled)
}

/// An input without Services, or none that is asked about, has nothing wrong with them: that must not
/// read as if all were well.
fn report_nothing(summary: &Summary, shown: Option<&Shown>, findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    if summary.services.total > 0 {
        let nobody = shown.filter(|shown| shown.services == 0);
        if let Some(shown) = nobody {
            let message = format!("nothing to lint: {shown}");
            let finding = diag::Finding::warning(Code::NothingToLint, Place::Nowhere, message);
            findings.push(finding.help(shown.advice()));
        }
        return;
    }
    findings.push(
        diag::Finding::warning(
            Code::NothingToLint,
            Place::Nowhere,
            "nothing to lint: the input has no Service",
        )
        .help("pass manifests of Services, or the output of: kubectl get services,endpointslices,nodes -A -o yaml"),
    );
}

/// The nodes to look from, sorted; none where the input has none.
fn nodes(cluster: &Cluster, asked: Option<&str>, findings: &mut Findings) -> Vec<NodeName> {
    let known = |name: &NodeName| cluster.has_node(name);
    let all = cluster.places.nodes();
    let Some(text) = asked else {
        let served = |name: &&NodeName| cluster.node(name).is_none_or(pipeline::has_rules);
        if let Some(finding) = pipeline::left_out(cluster) {
            findings.push(finding);
        }
        let known = all.iter().filter(|name| known(name));
        return known.filter(served).cloned().collect();
    };
    match NodeName::parse(text) {
        Ok(name) if known(&name) => match pipeline::refusal(cluster, &name) {
            Some(refused) => {
                findings.push(refused);
                Vec::new()
            }
            None => vec![name],
        },
        _ => {
            let names = all.iter().filter(|name| known(name));
            let shown: Vec<&str> = names.map(NodeName::as_str).take(5).collect();
            let help = if shown.is_empty() {
                "leave --node away, or add the output of: kubectl get nodes -o yaml".to_owned()
            } else {
                format!("check the name; the input has: {}", shown.join(", "))
            };
            let message = format!("neither a Node nor NodeFacts for {text:?}");
            findings
                .push(diag::Finding::error(Code::UnknownNode, Place::Nowhere, message).help(help));
            Vec::new()
        }
    }
}

/// Looks from no node in particular.
fn look_from_nowhere(
    cluster: &Cluster,
    gathered: &Gathered,
    profile: Profile,
    findings: &mut Findings,
) {
    let nowhere = lower::nowhere(cluster, findings);
    let mut found = Findings::default();
    // What is refused is in the findings; the program itself is of no further use.
    drop(pipeline::look(
        cluster, gathered, &nowhere, profile, &mut found,
    ));
    for finding in found {
        if !codes::is_of_a_node(finding.code) {
            findings.push(finding);
        }
    }
}

/// Looks from each node as far as nodes make a difference.
fn look_from_nodes(
    cluster: &Cluster,
    gathered: &Gathered,
    viewpoints: &[Viewpoint],
    findings: &mut Findings,
) {
    let mut found = Findings::default();
    let gathered = gathered.of_nodes(cluster);
    drop(pipeline::per_node(
        cluster, &gathered, viewpoints, &mut found,
    ));
    for finding in found {
        if !codes::is_of_all_nodes(finding.code) {
            findings.push(finding);
        }
    }
}
