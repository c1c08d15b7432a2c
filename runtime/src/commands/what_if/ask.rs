//! One question.

use portolan_compiler::compile::Prepared;
use portolan_compiler::diag::some;
use portolan_compiler::diff::Declarations;
use portolan_compiler::diff::render::{Compared, Outline, Reporter};
use portolan_compiler::diff::service::Beneath;
use portolan_compiler::what_if::{Evicted, Question, Situation, Then, render};

use super::WhatIfArgs;
use crate::commands::shared::Context;
use crate::commands::shared::compare::{self, PICTURE, Services, State};
use crate::commands::shared::manifests::Checked;
use crate::commands::shared::outlined::{self, Format};
use crate::commands::shared::sides::{Node, Pairing};
use crate::report::{Clock, Exit, Failure};

/// A side: what is compiled of it is what changes, and declared is all of it.
struct Side<'a> {
    compiled: &'a Prepared,
    declared: &'a Declarations,
}

impl State for Side<'_> {
    fn node(&self, index: usize) -> Result<Node, Failure> {
        self.compiled.node(index)
    }

    fn declarations(&self) -> Option<Declarations> {
        Some(self.declared.clone())
    }

    fn is_found(&self) -> bool {
        false
    }
}

pub(super) fn tell(
    args: &WhatIfArgs,
    checked: &Checked,
    situation: &Situation<'_>,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let question = args.question(situation)?;
    let then = situation.after(&question);
    let impact = then.impact(situation);
    clock.begin_phase("compare");
    let services = compare(checked, situation, &then)?;
    clock.begin_phase("print");
    let label = args.label();
    let mut notes = render::notes(situation.cluster(), question.evicted, &then.counts);
    notes.extend(situation.out_of_reach());
    let sides = Compared {
        new: format!("{label}, {}", said(&question)),
        old: label,
        notes,
        ..Compared::default()
    };
    if args.output == Format::Json {
        let text = render::json(&services.diff, &sides, &question, &then.counts, &impact);
        context.streams.stdout.document(&text);
    } else {
        let mut outline = Outline::services(&services.diff, &services.places);
        if (1..=PICTURE).contains(&services.picture.edges()) {
            outline.picture = Some(services.picture.mermaid());
        }
        outline.reporter = Reporter::WhatIf;
        let rest = if services.diff.gathered.nodes.is_empty() {
            "no node is left"
        } else {
            &outline.headline
        };
        outline.headline = if then.is_empty() {
            format!("No Service has an endpoint that goes or comes; {rest}")
        } else {
            format!("{}; {rest}", render::headline(&impact))
        };
        outline.old.clone_from(&sides.old);
        outline.new.clone_from(&sides.new);
        outline.notes.extend(sides.notes);
        render::tell(&mut outline, &impact);
        impact.explain_shares(&mut outline);
        outlined::print(
            &outline,
            args.output,
            &args.marker,
            &mut context.streams.stdout,
        );
    }
    let unplaced = then.counts.unplaced;
    Ok(args.exit(|what| what.happens(&impact, unplaced), context))
}

/// The report of a difference, of the Services whose endpoints change.
fn compare(checked: &Checked, situation: &Situation<'_>, then: &Then) -> Result<Services, Failure> {
    let sides = then.sides(situation, &checked.prepared);
    let declared = Then::declarations(situation, &sides[1]);
    let pairing = pairing(&sides);
    let [old, new] = [0, 1].map(|side| Side {
        compiled: &sides[side],
        declared: &declared[side],
    });
    let mut services = compare::services(&old, &new, &pairing, &|_| true)?;
    // There is no view of the kernel's objects here.
    services.diff.beneath = Beneath::default();
    let owners = services.diff.gathered.keys();
    services.places = checked.places(owners.map(|owner| &owner.subject));
    Ok(services)
}

/// Nodes that are left are compared; the others are gone.
fn pairing([old, new]: &[Prepared; 2]) -> Pairing {
    let mut pairing = Pairing::default();
    for (before, name) in old.nodes().iter().enumerate() {
        match new.nodes().binary_search(name) {
            Ok(after) => pairing.both.push((name.clone(), before, after)),
            Err(_) => pairing.gone.push(name.clone()),
        }
    }
    pairing
}

/// What happens, in a few words.
fn said(question: &Question) -> String {
    let mut said = Vec::new();
    for (nodes, what) in [(&question.drained, "drained"), (&question.lost, "lost")] {
        if !nodes.is_empty() {
            said.push(format!("{} {what}", some(nodes.iter())));
        }
    }
    let scaled = question.scaled.iter();
    said.extend(scaled.map(|(target, number)| format!("{target} scaled to {number}")));
    if question.evicted == Evicted::Placed {
        said.push("Pods rescheduled".to_owned());
    }
    said.join(", ")
}
