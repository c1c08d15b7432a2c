//! What becomes of Services, at the sections of a difference.

use std::collections::BTreeMap;

use super::words;
use crate::diff::render::{Line, Outline, PortChanges, Section, Sign};
use crate::english::{agree, count};
use crate::escape::visible;
use crate::model::service::ServiceKey;
use crate::what_if::Impact;

/// Adds what is asked of a maintenance window to the sections of Services.
pub fn tell(outline: &mut Outline, impact: &Impact) {
    let mut of_services: BTreeMap<&ServiceKey, Vec<(Sign, String)>> = BTreeMap::new();
    for (service, loss) in &impact.lost {
        let said = of_services.entry(service).or_default();
        said.push((Sign::Alarm, words::loss(loss)));
    }
    for (service, loss) in &impact.local {
        let said = of_services.entry(service).or_default();
        said.extend(
            words::local(loss)
                .into_iter()
                .map(|text| (Sign::Alarm, text)),
        );
    }
    for (service, withdrawal) in &impact.withdrawn {
        let said = of_services.entry(service).or_default();
        said.push((Sign::Change, words::withdrawal(withdrawal)));
    }
    for (service, fallbacks) in &impact.fallbacks {
        let texts = words::listed(fallbacks.iter(), words::fallback, "zones alike");
        let said = of_services.entry(service).or_default();
        said.extend(texts.into_iter().map(|text| (Sign::Change, text)));
    }
    for (service, lines) in of_services {
        let entries = &mut section(outline, service).entries;
        // Before what nodes tell of its ports.
        entries.insert(0, entry(String::new(), lines));
    }
    for shares in &impact.shares {
        let said = words::of_port(shares);
        if !said.is_empty() {
            let lines = said.into_iter().map(|text| (Sign::Change, text));
            let port = visible(&shares.port.to_string());
            let entries = &mut section(outline, &shares.service).entries;
            let told = entry(port, lines.collect());
            let known = entries
                .iter_mut()
                .find(|one| one.port == told.port && one.nodes.is_none());
            match known {
                Some(known) => {
                    known.lines.extend(told.lines);
                    known.summary = format!("{}; {}", known.summary, told.summary);
                }
                None => entries.push(told),
            }
        }
    }
}

/// What happens to Services in a few words: `1 Service loses all its endpoints (shop/pay); no other …`.
pub fn headline(impact: &Impact) -> String {
    let mut parts = Vec::new();
    let whole: Vec<&ServiceKey> = impact.lost_whole().collect();
    parts.push(if whole.is_empty() {
        "No Service loses all its endpoints".to_owned()
    } else {
        let loses = agree(
            whole.len(),
            "loses all its endpoints",
            "lose all their endpoints",
        );
        let names = crate::diag::some(whole.iter());
        format!("{} {loses} ({names})", count(whole.len(), "Service"))
    });
    let ports = impact.lost.len() - whole.len();
    if ports > 0 {
        parts.push(format!("{ports} all of a port"));
    }
    if !impact.local.is_empty() {
        let names = words::names(&impact.local);
        parts.push(format!(
            "{} the local ones of a node ({names})",
            impact.local.len()
        ));
    }
    if !impact.fallbacks.is_empty() {
        let names = words::names(&impact.fallbacks);
        parts.push(format!(
            "hints stop deciding for {} ({names})",
            impact.fallbacks.len()
        ));
    }
    parts.join(", ")
}

fn entry(port: String, lines: Vec<(Sign, String)>) -> PortChanges {
    let alarms = lines.iter().any(|(sign, _)| *sign == Sign::Alarm);
    PortChanges {
        port,
        nodes: None,
        summary: visible(&summary(&lines)),
        lines: lines
            .into_iter()
            .map(|(sign, text)| Line {
                sign,
                text: visible(&text),
            })
            .collect(),
        disrupts: alarms,
        silences: false,
    }
}

/// The texts of several lines as one.
fn summary(lines: &[(Sign, String)]) -> String {
    let texts = lines.iter().map(|(_, text)| text.as_str());
    texts.collect::<Vec<_>>().join("; ")
}

/// The section of a Service, whether anything was told of it before or not.
fn section<'o>(outline: &'o mut Outline, service: &ServiceKey) -> &'o mut Section {
    let heading = visible(&service.to_string());
    let sections = &mut outline.sections;
    let known = sections
        .iter()
        .position(|section| section.heading == heading);
    let at = known.unwrap_or_else(|| {
        let at = sections.partition_point(|section| section.heading < heading);
        let section = Section {
            heading,
            fate: None,
            place: None,
            entries: Vec::new(),
            shape: None,
        };
        sections.insert(at, section);
        at
    });
    let section = &mut sections[at];
    // What is said of it is not said of others.
    section.shape = None;
    section
}
