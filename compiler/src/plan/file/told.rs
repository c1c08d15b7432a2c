//! What a plan file tells people beside what carries it out.

use serde_json::Value;

use super::PlanFile;
use crate::plan::{Frontends, ModeChange, Step};

/// What was known when a plan was made, and is not planned with. All of it is text of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What has to be known of the capture it was made on, a line each.
    pub notes: Vec<String>,
    /// What was left alone: kinds and names.
    pub left_alone: Vec<(String, String)>,
    /// That another mode is to serve, where it is.
    pub mode_change: Option<ModeChange>,
    /// The Service of each step, where it has one.
    services: Vec<Option<String>>,
}

impl Told {
    /// Reads it of the text of a plan; nothing of a text that is none.
    pub fn read(text: &str) -> Self {
        let Ok(document) = serde_json::from_str::<Value>(text) else {
            return Self::default();
        };
        let list = |field: &str| document[field].as_array().cloned().unwrap_or_default();
        let word = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            notes: list("notes").iter().filter_map(word).collect(),
            left_alone: list("leftAlone")
                .iter()
                .filter_map(|one| word(&one["kind"]).zip(word(&one["name"])))
                .collect(),
            mode_change: mode_change(&document["modeChange"]),
            services: list("steps")
                .iter()
                .map(|step| word(&step["service"]))
                .collect(),
        }
    }

    /// The steps of the plan that are said to be a Service's.
    pub fn of_steps<'a>(&'a self, plan: &'a PlanFile) -> impl Iterator<Item = (&'a Step, &'a str)> {
        let steps = plan.steps.iter().zip(&self.services);
        steps.filter_map(|(step, service)| Some((step, service.as_deref()?)))
    }
}

fn mode_change(value: &Value) -> Option<ModeChange> {
    let mode = |value: &Value| value.as_str()?.parse().ok();
    let number = |name: &str| usize::try_from(value["frontends"][name].as_u64()?).ok();
    Some(ModeChange {
        from: mode(&value["from"])?,
        to: mode(&value["to"])?,
        frontends: Frontends {
            kept: number("kept")?,
            stopped: number("stopped")?,
            started: number("started"),
        },
    })
}

/// Whether a text is a plan, or means to be one, whatever it is called.
pub fn is_plan(text: &str) -> bool {
    // A plan is one line: the rest of what is no plan is not looked at.
    text.starts_with('{')
        && serde_json::from_str::<Value>(text)
            .is_ok_and(|document| document["format"] == "portolan-plan")
}
