//! What has to be known of a side beside what it says: no comparison is better than what it is made on.

use std::collections::BTreeMap;

use portolan_compiler::compile::Used;
use portolan_compiler::diag::{Code, Diagnostic, Report, Severity, some};
use portolan_compiler::diff::NodeView;
use portolan_compiler::kernel::nftables::KubeProxyTable;
use portolan_compiler::observed::{CaptureNote, Observed, of_mode, of_node};

use super::{Content, Pairing, Side};
use crate::report::Failure;

/// Findings that say that a side is not what it seems to be.
const MATTER: [Code; 9] = [
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

/// The remarks on two sides, each under what that is called; what is true of both is said once.
pub(in crate::commands) fn notes(old: (&str, &Side), new: (&str, &Side)) -> Vec<String> {
    let said = [old, new].map(|(label, side)| (label, side.remarks()));
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
            let another = shown.and_then(|shown| of_node(shown, &asked.addresses()));
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
        let said = missing.iter().map(|(group, number)| {
            let objects = if *number == 1 { "object" } else { "objects" };
            format!("{group} ({number} {objects})")
        });
        let said: Vec<String> = said.collect();
        if !said.is_empty() {
            notes.push(format!("{label} has none of {}", said.join(", ")));
        }
    }
    Ok(notes)
}

impl Side {
    fn remarks(&self) -> Vec<String> {
        match &self.content {
            Content::Manifests(compiled) => compiled.remarks.clone(),
            Content::Observed(found) => {
                let remarks = found.remarks.iter().cloned();
                remarks.chain(of_observed(&found.observed)).collect()
            }
            Content::Folder { .. } | Content::Generation(..) | Content::Nothing => Vec::new(),
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
pub(super) fn of_manifests(report: &Report, services: Used) -> Vec<String> {
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let matter = |finding: &&Diagnostic| match finding.code {
        // What is not read is nowhere else in a comparison.
        Code::NotAManifest => true,
        code => MATTER.contains(&code) && finding.severity <= Severity::Warning,
    };
    for finding in report.diagnostics.iter().filter(matter) {
        let message = match finding.code {
            Code::NotAManifest => format!("{}; {}", finding.message, finding.help),
            _ => finding.message.clone(),
        };
        let about = said.entry(message).or_default();
        about.extend(finding.object.as_deref());
    }
    let mut remarks: Vec<String> = said
        .into_iter()
        .map(|(message, about)| match about.len() {
            0 => message,
            _ => format!("{message} ({})", some(about.iter())),
        })
        .collect();
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
        let verb = if waiting == 1 { "has" } else { "have" };
        remarks.push(format!(
            "{waiting} of {} Services {verb} no cluster IP, in the input or the base: what manifests declare of \
             them is compared ({})",
            services.total,
            some(names.iter())
        ));
    }
    remarks
}
