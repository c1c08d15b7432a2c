//! The same question of each node or zone.

use portolan_compiler::what_if::{Evicted, Rows, Situation, Units, render};

use super::error::WhatIfError;
use super::{Each, WhatIfArgs};
use crate::commands::shared::Context;
use crate::commands::shared::outlined::{self, Format};
use crate::report::{Clock, Exit, Failure};

pub(super) fn tell(
    args: &WhatIfArgs,
    situation: &Situation<'_>,
    context: &mut Context<'_, '_>,
    clock: &Clock,
) -> Result<Exit, Failure> {
    let evicted = args.evicted();
    let (units, each) = match (args.each_zone, args.each_node) {
        (Some(each), _) => (Units::Zones, each),
        (None, each) => (Units::Nodes, each.unwrap_or(Each::Lost)),
    };
    let happens = each.into();
    let rows = Rows::new(situation, units, happens, evicted);
    if rows.rows.is_empty() {
        return Err(WhatIfError::NoZone.into());
    }
    clock.begin_phase("print");
    let label = args.label();
    let mut notes = render::notes_of_each(situation.cluster(), evicted, &rows);
    notes.extend(situation.out_of_reach());
    if args.output == Format::Json {
        let text = render::each_json(&rows, &label, &notes);
        context.streams.stdout.document(&text);
    } else {
        let mut outline = render::outline(&rows);
        let unit = units.noun();
        let rescheduled = match evicted {
            Evicted::Gone => "",
            Evicted::Placed => ", Pods rescheduled",
        };
        let happens = happens.as_str();
        outline.new = format!("{label}, one {unit} {happens} at a time{rescheduled}");
        outline.old = label;
        outline.notes.extend(notes);
        outlined::print(
            &outline,
            args.output,
            &args.marker,
            &mut context.streams.stdout,
        );
    }
    let happens = |what: super::FailOn| {
        let mut rows = rows.rows.iter();
        rows.any(|row| what.happens(&row.impact, row.counts.unplaced))
    };
    Ok(args.exit(happens, context))
}
