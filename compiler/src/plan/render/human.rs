//! A plan in a terminal, in Terraform's manner.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::lines::{FLOW, Line, lines};
use super::{Counts, Heading, Page, mode};
use crate::english::count;
use crate::escape::visible;
use crate::model::Protocol;
use crate::plan::{Interruption, LeftAlone, Phase, Plan, Reach, Serving, Unserved, WayOut};

/// More lines of a kind than this in one group are only counted.
const SHOWN: usize = 8;
/// As many names of what is left alone are told.
const NAMES: usize = 3;

/// What a plan goes by whose input an older portolan compiled.
pub(super) const UNKNOWN_SERVING: &str = "an older portolan compiled this and did not say which \
    endpoints serve: flows to any that is chosen no more are forgotten";

/// The plan as text without colours, signs first in their lines.
pub fn human(page: &Page<'_>) -> String {
    let mut out = format!(
        "Node     {}\nTarget   {}\n\n",
        page.node,
        page.target.short()
    );
    // Writing to a String cannot fail.
    if let Some(change) = mode::sentence(page) {
        let _ = writeln!(out, "Mode     {}\n", visible(&change));
    }
    if !page.plan.is_empty() {
        out.push_str("Signs    + add   ~ change in place   - remove   ! ends connections\n\n");
        groups(page, &mut out);
        order(page.plan, &mut out);
    }
    left_alone(page.plan, &mut out);
    if page.plan.serving == Serving::Unknown {
        let _ = writeln!(out, "UDP      {UNKNOWN_SERVING}\n");
    }
    let counts = Counts::of(page);
    let untouched = count(counts.untouched, page.services.noun());
    let _ = if page.plan.is_empty() {
        writeln!(out, "{}. {untouched}.", nothing_to_do(page.plan.unserved()))
    } else {
        writeln!(out, "Plan: {counts}. {untouched} untouched.")
    };
    for note in page.notes {
        let _ = writeln!(out, "note: {}", visible(note));
    }
    out
}

/// The steps' lines by what they are about, in the order of the steps.
pub(super) fn grouped(page: &Page<'_>) -> BTreeMap<Heading, Vec<Line>> {
    let mut groups: BTreeMap<Heading, Vec<Line>> = BTreeMap::new();
    for step in &page.plan.steps {
        let lines = lines(step);
        if !lines.is_empty() {
            groups
                .entry(page.services.heading(step))
                .or_default()
                .extend(lines);
        }
    }
    groups
}

/// Lines to show: of many of a kind, their number.
pub(super) fn folded(lines: &[Line]) -> Vec<String> {
    let mut numbers: BTreeMap<(char, &str), usize> = BTreeMap::new();
    for line in lines {
        *numbers.entry((line.sign, line.noun)).or_default() += 1;
    }
    let mut shown = Vec::new();
    for line in lines {
        match numbers.get_mut(&(line.sign, line.noun)) {
            Some(0) => {}
            Some(number) if *number > SHOWN => {
                shown.push(format!("{} {}", line.sign, many(*number, line.noun)));
                *number = 0;
            }
            _ => shown.push(line.say()),
        }
    }
    shown
}

fn many(number: usize, noun: &'static str) -> String {
    match noun {
        "entry" => count(number, "ipset entry"),
        "connection" => format!("connections of {number} objects end"),
        FLOW => format!("UDP flows to {number} addresses or endpoints are forgotten"),
        other => count(number, other),
    }
}

fn groups(page: &Page<'_>, out: &mut String) {
    for (heading, lines) in grouped(page) {
        let _ = writeln!(out, "  {}", visible(&heading.to_string()));
        for line in folded(&lines) {
            let _ = writeln!(out, "    {}", visible(&line));
        }
        out.push('\n');
    }
}

fn order(plan: &Plan, out: &mut String) {
    let mut label = "Order";
    for (phase, number) in Phase::ALL.into_iter().zip(1..) {
        let steps: Vec<_> = plan
            .steps
            .iter()
            .filter(|step| step.phase == phase)
            .collect();
        if steps.is_empty() {
            continue;
        }
        let (name, what) = match phase {
            Phase::Prepare => ("prepare", "nobody sees it yet".to_owned()),
            Phase::Switch => ("switch", "the new state serves".to_owned()),
            Phase::Clean => ("clean", clean(plan)),
        };
        let steps = count(steps.len(), "step");
        let _ = writeln!(out, "{label:<8} {number} {name:<8} {steps:<10} {what}");
        label = "";
    }
    out.push('\n');
}

fn clean(plan: &Plan) -> String {
    let ends = |wanted: Protocol| {
        plan.steps.iter().any(|step| match step.interruption {
            Interruption::Connections { protocol, count } => protocol == wanted && count != Some(0),
            Interruption::Flows(why) => wanted == Protocol::Udp && why.reach() == Reach::Endpoints,
            Interruption::None | Interruption::Unguarded => false,
        })
    };
    let protocols: Vec<&str> = Protocol::ALL
        .into_iter()
        .filter(|protocol| ends(*protocol))
        .map(Protocol::as_str)
        .collect();
    if protocols.is_empty() {
        return "the old state goes".to_owned();
    }
    format!(
        "the old state goes; {} connections end with it",
        protocols.join(" and ")
    )
}

/// A plan without steps, in a clause.
pub fn nothing_to_do(unserved: Option<Unserved>) -> &'static str {
    match unserved {
        None => "Nothing to do: the node holds what is asked for",
        Some(_) => "Nothing to do: the node holds what is asked for of IPv4",
    }
}

fn left_alone(plan: &Plan, out: &mut String) {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in &plan.left_alone {
        kinds
            .entry(left.kind())
            .or_default()
            .push(LeftAlone::name(left));
    }
    let mut label = "Left";
    for (kind, names) in &kinds {
        let mut text = names
            .iter()
            .take(NAMES)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if let Some(more @ 1..) = names.len().checked_sub(NAMES) {
            let _ = write!(text, " and {more} more");
        }
        let _ = writeln!(
            out,
            "{label:<8} {}: {}",
            count(names.len(), kind),
            visible(&text)
        );
        label = "alone";
    }
    let ways: BTreeSet<WayOut> = plan
        .left_alone
        .iter()
        .filter_map(LeftAlone::way_out)
        .collect();
    for way in ways {
        let _ = match way {
            WayOut::TakeOver => writeln!(
                out,
                "         What kube-proxy left of it goes with --takeover."
            ),
            WayOut::ByHand => writeln!(
                out,
                "         Packets pass the other variant of iptables too: `portolan doctor` says what to do."
            ),
        };
    }
    if label == "alone" {
        out.push('\n');
    }
}
