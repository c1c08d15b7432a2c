//! What the kernel remembers of UDP flows: a client that keeps sending would stay with a destination
//! that is gone, or with none.

use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use super::Change;
use super::encoding::{flows, line, remembered, to};
use super::reading::{Reading, StepState};
use crate::kernel::Listener;
use crate::observed::Observed;
use crate::plan::fake::Refused;
use crate::plan::order::Rank;
use crate::plan::render::{FLOW, Heading, Line, Services};
use crate::plan::{Durability, End, FlowEnd, Flows, Interruption, Op, Reach};

/// Flows to a listener are forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConntrackChange(pub Listener, pub Flows);

impl ConntrackChange {
    /// The line of a step: flows that reached nobody are only in the way.
    pub(in crate::plan) fn line_of(&self, interruption: Interruption) -> Line {
        let (reach, why) = match interruption {
            Interruption::Flows(why) => (why.reach(), format!(": {}", why.clause())),
            // A plan of a version before does not say.
            Interruption::None | Interruption::Connections { .. } | Interruption::Unguarded => {
                (Reach::Endpoints, String::new())
            }
        };
        Line {
            sign: match reach {
                Reach::Endpoints => '!',
                Reach::Nobody => '~',
            },
            noun: FLOW,
            text: format!("{}{why}", self.line().1),
        }
    }
}

/// ` -> 10.0.0.1:53` behind the word given, nothing for all.
pub(super) fn destination(word: &str, which: &Flows) -> String {
    match which {
        Flows::All => String::new(),
        Flows::To(address, port) => format!(" {word} {}", SocketAddr::new(*address, port.get())),
    }
}

impl Change for ConntrackChange {
    type Object = ();

    fn op(&self) -> Op {
        Op::Flush
    }

    fn inverse(&self) -> Self {
        self.clone()
    }

    fn object(&self) -> Option<()> {
        None
    }

    fn rank(&self, _: Durability) -> Rank {
        Rank::Flushes
    }

    fn step_state(&self, _: &Reading<'_>) -> StepState {
        StepState::Neither
    }

    fn towards(&self, _: &Reading<'_>, _: End) -> Vec<Self> {
        Vec::new()
    }

    /// Nothing that is observed remembers flows.
    fn execute(&self, _: &mut Observed) -> Result<(), Refused> {
        Ok(())
    }

    fn removal_interrupts(&self) -> Interruption {
        Interruption::Flows(FlowEnd::AddressGoes)
    }

    fn heading(&self, services: &Services) -> Heading {
        services.at(self.0)
    }

    fn name(&self) -> String {
        format!("flows of {}{}", self.0, destination("to", &self.1))
    }

    fn line(&self) -> (&'static str, String) {
        let Self(listener, which) = self;
        let text = format!(
            "UDP flows to {listener}{} are forgotten",
            destination("->", which)
        );
        (FLOW, text)
    }

    fn encode(&self) -> Map<String, Value> {
        let object = json!({"server": self.0.to_string(), "to": to(&self.1)});
        remembered("flows", object)
    }

    fn decode(kind: &str, value: &Value) -> Result<Self, &'static str> {
        if kind != "flows" {
            return Err("kind");
        }
        let object = &value["object"];
        let listener = line(&object["server"]).and_then(|listener| listener.parse().ok());
        Ok(Self(listener.ok_or("object")?, flows(&object["to"])?))
    }
}
