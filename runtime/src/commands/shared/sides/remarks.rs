//! What has to be known of a side beside what it says: no comparison is better than what it is made on.

use std::collections::{BTreeMap, BTreeSet};

use portolan_compiler::compile::Used;
use portolan_compiler::diag::{Code, Diagnostic, Report, Severity, some};
use portolan_compiler::diff::{NodeView, Subject};
use portolan_compiler::english::{agree, count};
use portolan_compiler::kernel::nftables::KubeProxyTable;
use portolan_compiler::observed::{CaptureNote, Observed, of_mode, of_node};

use super::{Content, Node, Pairing, Side};
use crate::report::Failure;

/// Findings that say that a side is not what it seems to be.
const MATTER: [Code; 10] = [
    Code::PodWithoutNode,
    Code::Mode,
    Code::FeatureGate,
    Code::NftablesUnsupported,
    Code::AffinityUnkept,
    Code::BaseOutdated,
    Code::NodePortNotAllocated,
    Code::HealthCheckPort,
    Code::NotAManifest,
    Code::EndpointsUnknown,
];

/// Findings that matter to whoever reviews a change of the Service that they are about, and to nobody
/// else.
const MATTER_TO_A_CHANGE: [Code; 2] = [Code::EndpointsFromPods, Code::HintsUnknown];

/// What has to be known of manifests beside what they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remark {
    text: String,
    /// The objects that it is about; none where it is about all of the side.
    about: Vec<String>,
    to: Reader,
}

/// Who has to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Everyone,
    /// Who reviews a change of what it is about.
    Reviewer,
}

impl Remark {
    /// Without what it is about that is told elsewhere; `None` where nothing is left to tell.
    fn beside(&self, told: &BTreeSet<&str>) -> Option<String> {
        if self.about.is_empty() {
            return Some(self.text.clone());
        }
        let here = |object: &&String| {
            let service = object.strip_prefix("Service ");
            service.is_none_or(|service| !told.contains(service))
        };
        let left: Vec<&String> = self.about.iter().filter(here).collect();
        let says = !left.is_empty() && self.to == Reader::Everyone;
        says.then(|| format!("{} ({})", self.text, some(left.iter())))
    }
}

/// What is said of Services that change, by Service: first what is true of the new side.
pub(in crate::commands) fn of_services(
    old: &Side,
    new: &Side,
    changed: &BTreeSet<&str>,
) -> BTreeMap<Subject, Vec<String>> {
    let mut said: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
    for (side, before) in [(new, ""), (old, "before: ")] {
        let Content::Manifests(compiled) = &side.content else {
            continue;
        };
        for remark in &compiled.remarks {
            let services = remark.about.iter();
            let services = services.filter_map(|object| object.strip_prefix("Service "));
            for service in services.filter(|service| changed.contains(service)) {
                let lines = said.entry(Subject::Service(service.into())).or_default();
                if !lines.contains(&remark.text) {
                    lines.push(format!("{before}{}", remark.text));
                }
            }
        }
    }
    said
}

/// The remarks on two sides but for those that are told at the Services that change, each under what
/// the side is called; what is true of both is said once.
pub(in crate::commands) fn notes(
    old: (&str, &Side),
    new: (&str, &Side),
    changed: &BTreeSet<&str>,
) -> Vec<String> {
    let said = [old, new].map(|(label, side)| (label, side.remarks(changed)));
    let [(old, of_old), (new, of_new)] = said;
    let mut notes = Vec::new();
    for remark in &of_old {
        notes.push(if of_new.contains(remark) {
            format!("Both sides: {remark}")
        } else {
            format!("{old}: {remark}")
        });
    }
    let further = of_new.iter().filter(|remark| !of_old.contains(remark));
    notes.extend(further.map(|remark| format!("{new}: {remark}")));
    notes
}

/// Whether a side was found, and is of another node or another mode than the other is compared by, or
/// nobody looked for what the other serves by.
///
/// # Errors
/// A compiled folder that cannot be read.
pub(in crate::commands) fn of_found(
    old: (&str, &Side),
    new: (&str, &Side),
    pairing: &Pairing,
) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    for (name, a, b) in &pairing.both {
        for ((label, side), (other, index)) in [(old, (new.1, *b)), (new, (old.1, *a))] {
            let Content::Observed(found) = &side.content else {
                continue;
            };
            let asked = other.node(index)?;
            let shown = found.node_addresses.as_ref();
            let addresses = asked.addresses();
            let another = match asked {
                // In mode iptables rules seldom name the node's addresses.
                Node::Asked(_, None) if addresses.is_empty() => {
                    shown.map(|_| CaptureNote::NodeUnknown)
                }
                _ => shown.and_then(|shown| of_node(shown, &addresses)),
            };
            notes.extend(another.map(|note| format!("{label}, compared as node {name}: {note}")));
            let assumed = other.assumed_mode();
            let mode = assumed.and_then(|assumed| of_mode(&found.observed, assumed));
            let view = NodeView::of_observed(&found.observed);
            let unseen = view.lacks_tables(&asked.view());
            let unseen = unseen.then_some(CaptureNote::TablesUnseen);
            notes.extend(mode.or(unseen).map(|note| format!("{label}: {note}")));
        }
    }
    Ok(notes)
}

/// Whether something of a side was not read, so that finding no difference says little.
///
/// # Errors
/// A compiled folder that cannot be read.
pub(in crate::commands) fn leave_out(
    old: &Side,
    new: &Side,
    pairing: &Pairing,
) -> Result<bool, Failure> {
    for (_, a, b) in &pairing.both {
        for (side, (other, index)) in [(old, (new, *b)), (new, (old, *a))] {
            let Content::Observed(found) = &side.content else {
                continue;
            };
            let view = NodeView::of_observed(&found.observed);
            if !view.unread.is_empty() || view.lacks_tables(&other.node(index)?.view()) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What the other side of something found asks for and it has nothing of: fates of single Services do not
/// say that all of a kind is gone.
///
/// # Errors
/// A compiled folder that cannot be read.
pub(in crate::commands) fn of_missing(
    old: (&str, &Side),
    new: (&str, &Side),
    pairing: &Pairing,
) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    if old.1.is_found() == new.1.is_found() {
        return Ok(notes);
    }
    for (_, a, b) in &pairing.both {
        let (was, is) = (old.1.node(*a)?.kernel(), new.1.node(*b)?.kernel());
        let (label, missing) = if old.1.is_found() {
            (old.0, was.missing(&is))
        } else {
            (new.0, is.missing(&was))
        };
        let said = missing
            .iter()
            .map(|(group, number)| format!("{group} ({})", count(*number, "object")));
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            notes.push(format!("{label} has none of {}", said.join(", ")));
        }
    }
    Ok(notes)
}

impl Side {
    fn remarks(&self, changed: &BTreeSet<&str>) -> Vec<String> {
        match &self.content {
            Content::Manifests(compiled) => {
                let remarks = compiled.remarks.iter();
                remarks
                    .filter_map(|remark| remark.beside(changed))
                    .collect()
            }
            Content::Observed(found) => {
                let remarks = found.remarks.iter().cloned();
                remarks.chain(of_observed(&found.observed)).collect()
            }
            Content::Rules { .. } | Content::Generation(..) | Content::Nothing => Vec::new(),
        }
    }
}

fn of_observed(observed: &Observed) -> Option<String> {
    let tables = observed.nftables.kube_proxy.iter().flatten();
    let names = tables.map(|table| KubeProxyTable::name(table.family()));
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| {
        format!(
            "has kube-proxy's own table of nftables ({}), whose content is not compared: `portolan plan \
             --takeover` shows what would take its place, and manifests on both sides what changes for \
             Services",
            names.join(", ")
        )
    })
}

/// Of manifests that were compiled.
pub(super) fn of_manifests(report: &Report, services: Used) -> Vec<Remark> {
    let mut said: BTreeMap<String, Remark> = BTreeMap::new();
    let reader = |finding: &Diagnostic| match finding.code {
        // What is not read is nowhere else in a comparison.
        Code::NotAManifest => Some(Reader::Everyone),
        code if MATTER_TO_A_CHANGE.contains(&code) => Some(Reader::Reviewer),
        code => (MATTER.contains(&code) && finding.severity <= Severity::Warning)
            .then_some(Reader::Everyone),
    };
    for finding in &report.diagnostics {
        let Some(to) = reader(finding) else {
            continue;
        };
        let text = match finding.code {
            Code::NotAManifest => format!("{}; {}", finding.message, finding.help),
            _ => finding.message.clone(),
        };
        let remark = said.entry(text.clone()).or_insert_with(|| Remark {
            text,
            about: Vec::new(),
            to,
        });
        remark.about.extend(finding.object.clone());
    }
    let mut remarks: Vec<Remark> = said.into_values().collect();
    let of = |code| {
        report
            .diagnostics
            .iter()
            .filter(move |one| one.code == code)
    };
    let left_out = report.left_out.iter();
    let beyond = left_out.filter(|one| one.sort == Code::NotAllocated);
    let waiting = of(Code::NotAllocated).count() + beyond.map(|one| one.count).sum::<usize>();
    if waiting > 0 {
        let names = of(Code::NotAllocated).filter_map(|one| one.object.as_deref());
        let names: Vec<&str> = names.collect();
        let verb = agree(waiting, "has", "have");
        let text = format!(
            "{waiting} of {} Services {verb} no cluster IP, in the input or the base: what manifests declare of \
             them is compared ({})",
            services.total,
            some(names.iter())
        );
        remarks.push(Remark {
            text,
            about: Vec::new(),
            to: Reader::Everyone,
        });
    }
    remarks
}
