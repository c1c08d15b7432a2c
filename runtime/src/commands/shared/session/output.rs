//! Tells what a transaction does: to people, or to machines, an event a line.

use portolan_compiler::escape;
use serde_json::{Value, json};

use crate::commands::shared::Context;
use crate::commands::shared::format::Format;
use crate::transaction::{Event, Watch};

/// Tells events as they come.
#[derive(Debug)]
pub(in crate::commands) struct Narrator<'n, 'run, 'streams> {
    pub(in crate::commands) context: &'n mut Context<'run, 'streams>,
    pub(in crate::commands) format: Format,
    number: u64,
}

impl<'n, 'run, 'streams> Narrator<'n, 'run, 'streams> {
    pub(in crate::commands) fn new(
        context: &'n mut Context<'run, 'streams>,
        format: Format,
    ) -> Self {
        Self {
            context,
            format,
            number: 0,
        }
    }

    /// Says something to people.
    pub(in crate::commands) fn say(&mut self, text: &str) {
        if self.format.tells_people(self.context.verbosity) {
            self.context.streams.stderr.say(text);
        }
    }

    /// Says something to machines.
    pub(in crate::commands) fn event_value(&mut self, mut value: Value) {
        if self.format == Format::Json {
            self.number += 1;
            value["seq"] = self.number.into();
            let stdout = &mut self.context.streams.stdout;
            stdout.document(&escape::json_line(&value));
            stdout.flush();
        }
    }
}

impl Watch for Narrator<'_, '_, '_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Begun { phase, steps } => {
                self.event_value(
                    json!({"event": "phase-begun", "phase": phase.as_str(), "steps": steps}),
                );
                let steps = match steps {
                    0 => String::new(),
                    1 => "  1 step".to_owned(),
                    many => format!("  {many} steps"),
                };
                self.say(&format!("[{}]{steps}\n", phase.as_str()));
            }
            Event::Over { phase } => {
                self.event_value(json!({"event": "phase-over", "phase": phase.as_str()}));
            }
            Event::Draining {
                destination,
                connections,
            } => {
                self.event_value(json!({
                    "event": "draining",
                    "destination": destination.to_string(),
                    "connections": connections,
                }));
                self.say(&format!(
                    "  draining {destination}, {connections} connections\n"
                ));
            }
            Event::Waiting { id, seconds } => {
                self.event_value(
                    json!({"event": "waiting", "id": id.to_string(), "seconds": seconds}),
                );
                self.say(&format!(
                    "In place. It is undone in {seconds} s unless `portolan confirm {id}` comes \
                     before.\n"
                ));
            }
            Event::Committed { generation, target } => {
                self.event_value(json!({
                    "event": "committed",
                    "generation": generation,
                    "target": target.to_string(),
                }));
            }
            Event::RolledBack => {
                self.event_value(json!({"event": "rolled-back"}));
            }
        }
    }
}
