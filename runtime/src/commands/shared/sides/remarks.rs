//! What has to be known of a side beside what it says: no comparison is better than what it is made on.

use std::collections::BTreeMap;

use portolan_compiler::compile::Used;
use portolan_compiler::diag::{Code, Diagnostic, Report, Severity, some};
use portolan_compiler::kernel::nftables::KubeProxyTable;
use portolan_compiler::observed::Observed;

use super::{Content, Side};

/// Findings that say that a side is not what it seems to be.
const MATTER: [Code; 8] = [
    Code::Mode,
    Code::FeatureGate,
    Code::NftablesUnsupported,
    Code::AffinityUnkept,
    Code::BaseOutdated,
    Code::NodePortNotAllocated,
    Code::HealthCheckPort,
    Code::NotAManifest,
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

impl Side {
    fn remarks(&self) -> Vec<String> {
        match &self.content {
            Content::Manifests(compiled) => compiled.remarks.clone(),
            Content::Observed(observed) => of_observed(observed),
            Content::Folder { .. } | Content::Generation(..) | Content::Nothing => Vec::new(),
        }
    }
}

fn of_observed(observed: &Observed) -> Vec<String> {
    let tables = observed.tables.kube_proxy.iter().flatten();
    let tables = tables.map(|table| {
        let name = KubeProxyTable::name(table.family());
        format!("has kube-proxy's own table of nftables ({name}), whose content is not compared")
    });
    tables.collect()
}

/// Of manifests that were compiled.
pub(super) fn of_manifests(report: &Report, services: Used) -> Vec<String> {
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let matter = |finding: &&Diagnostic| {
        MATTER.contains(&finding.code) && finding.severity <= Severity::Warning
    };
    for finding in report.diagnostics.iter().filter(matter) {
        let message = match finding.code {
            // What is not read is nowhere else in a comparison.
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
            "{waiting} of {} Services {verb} no cluster IP, in the input or the base, and what becomes of \
             them is not compared ({})",
            services.total,
            some(names.iter())
        ));
    }
    remarks
}
