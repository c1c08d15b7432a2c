//! A table of units, the worst first, and under it what each would take with it.

use super::words;
use crate::diag::some;
use crate::diff::render::{Line, Outline, PortChanges, Reporter, Section, Sign, Table};
use crate::english::count;
use crate::escape::visible;
use crate::model::service::ServiceKey;
use crate::what_if::{Loss, Row, Rows, Unit, Units};

/// Units of which more than numbers are told.
const DETAILED: usize = 20;

/// What each unit would take with it.
pub fn outline(rows: &Rows) -> Outline {
    let noun = rows.of.noun();
    let (kind, other) = match rows.of {
        Units::Nodes => ("Node", "Zone"),
        Units::Zones => ("Zone", "Nodes"),
    };
    let (empty, told): (Vec<&Row>, Vec<&Row>) = rows.rows.iter().partition(|row| is_empty(row));
    let mut outline = Outline {
        reporter: Reporter::WhatIf,
        headline: headline(rows, noun),
        ..Outline::default()
    };
    let header = [
        kind,
        other,
        "Endpoints",
        "All lost",
        "Local lost",
        "Hints",
        "Busiest endpoint",
    ];
    if !told.is_empty() {
        outline.table = Some(Table {
            header: header.map(str::to_owned).to_vec(),
            rows: told.iter().map(|row| cells(row)).collect(),
        });
    }
    let detailed: Vec<&&Row> = told.iter().filter(|row| !lines(row).is_empty()).collect();
    outline.sections = detailed
        .iter()
        .take(DETAILED)
        .map(|row| section(row))
        .collect();
    if let Some(more @ 1..) = detailed.len().checked_sub(DETAILED) {
        outline.notes.push(format!(
            "Details of {} are left out, which --output json has",
            count(more, &format!("further {noun}"))
        ));
    }
    if !empty.is_empty() {
        outline.notes.push(format!(
            "No Service has an endpoint on {}: {}",
            count(empty.len(), noun),
            some(empty.iter().map(|row| row.unit.name()))
        ));
    }
    if !rows.without_zone.is_empty() {
        outline.notes.push(format!(
            "{} in no zone, and in no row: {}",
            count(rows.without_zone.len(), "node"),
            some(rows.without_zone.iter())
        ));
    }
    outline
}

fn is_empty(row: &Row) -> bool {
    row.counts.endpoints == 0 && row.counts.vain == 0
}

/// `With 2 of 5 nodes (node-a, node-b) some Service loses all its endpoints`.
fn headline(rows: &Rows, noun: &str) -> String {
    let number = rows.rows.len();
    let losing = rows.rows.iter();
    let losing: Vec<&str> = losing
        .filter(|row| row.impact.lost_whole().next().is_some())
        .map(|row| row.unit.name())
        .collect();
    match (losing.len(), number) {
        (_, 0) => format!("There is no {noun} to lose"),
        (0, _) => {
            let all = count(number, noun);
            format!("With none of {all} a Service loses all its endpoints")
        }
        (some, _) => format!(
            "With {some} of {} ({}) a Service loses all its endpoints",
            count(number, noun),
            self::some(losing.iter())
        ),
    }
}

fn cells(row: &Row) -> Vec<String> {
    let impact = &row.impact;
    let place = match &row.unit {
        Unit::Node(_, zone) => zone.as_ref().map_or("", |zone| zone.as_str()).to_owned(),
        Unit::Zone(_, nodes) => nodes.len().to_string(),
    };
    let whole = impact.lost_whole().count();
    let lost = match impact.lost.len() - whole {
        0 => whole.to_string(),
        ports => format!("{whole} (+{})", count(ports, "port")),
    };
    let busiest = impact.surge.as_ref().map_or(String::new(), |surge| {
        format!(
            "{} as many: {} of {}",
            words::times(surge.times),
            surge.endpoint,
            surge.service
        )
    });
    let cells = [
        row.unit.name().to_owned(),
        place,
        row.counts.endpoints.to_string(),
        lost,
        impact.local.len().to_string(),
        impact.fallbacks.len().to_string(),
        busiest,
    ];
    cells.map(|cell| visible(&cell)).to_vec()
}

fn section(row: &Row) -> Section {
    let lines = lines(row);
    Section {
        heading: visible(row.unit.name()),
        fate: None,
        place: None,
        entries: vec![PortChanges {
            port: String::new(),
            nodes: None,
            summary: summary(&lines),
            disrupts: lines.iter().any(|line| line.sign == Sign::Alarm),
            silences: row.impact.lost_whole().next().is_some(),
            lines,
        }],
        shape: None,
    }
}

/// The texts of several lines as one.
fn summary(lines: &[Line]) -> String {
    let texts = lines.iter().map(|line| line.text.as_str());
    texts.collect::<Vec<_>>().join("; ")
}

fn lines(row: &Row) -> Vec<Line> {
    let impact = &row.impact;
    let said = |service: &ServiceKey, text: &str| format!("{service} {text}");
    let mut lines: Vec<(Sign, String)> = Vec::new();
    let mut add = |sign, said: Vec<String>| lines.extend(said.into_iter().map(|text| (sign, text)));
    for whole in [true, false] {
        let lost: Vec<_> = impact
            .lost
            .iter()
            .filter(|(_, loss)| (**loss == Loss::Whole) == whole)
            .collect();
        let rest = if whole {
            "Services lose all their endpoints"
        } else {
            "Services lose all endpoints of a port"
        };
        let one = |(service, loss): (&ServiceKey, &Loss)| said(service, &words::loss(loss));
        add(Sign::Alarm, words::listed(lost.into_iter(), one, rest));
    }
    let local = impact.local.iter();
    let local = words::listed(
        local,
        |(service, loss)| said(service, &words::local(loss).join("; ")),
        "Services lose their local endpoints",
    );
    add(Sign::Alarm, local);
    let fallbacks = words::listed(
        impact.fallbacks.iter(),
        |(service, fallbacks)| {
            let all: Vec<String> = fallbacks.iter().map(words::fallback).collect();
            format!("{service}: {}", all.join("; "))
        },
        "Services whose hints stop deciding",
    );
    add(Sign::Change, fallbacks);
    if row.counts.unplaced > 0 {
        let pods = count(row.counts.unplaced, "Pod");
        add(
            Sign::Alarm,
            vec![format!("no node is left that takes {pods}")],
        );
    }
    if row.counts.vain > 0 {
        let endpoints = count(row.counts.vain, "endpoint");
        let text = format!("{endpoints} stay in the rules in vain (publishNotReadyAddresses)");
        add(Sign::Change, vec![text]);
    }
    let lines = lines.into_iter();
    lines
        .map(|(sign, text)| Line {
            sign,
            text: visible(&text),
        })
        .collect()
}
