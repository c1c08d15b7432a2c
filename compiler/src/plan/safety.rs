//! Plans that are more likely a mistake than meant.

use super::Plan;

/// Frontends that are there, as virtual servers or as rules, and what becomes of them. Those that are
/// left alone do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Frontends that are asked for.
    pub asked: usize,
    /// Frontends that are there.
    pub present: usize,
    /// Of these, those that go.
    pub removed: usize,
    /// Of these, those that keep none of the endpoints they have and get no other.
    pub emptied: usize,
}

/// What a plan may do without being told twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard {
    /// Most virtual servers that may go or lose all their destinations, in percent of those that
    /// are there.
    pub removal_percent: u8,
    /// Whether the input may ask for no virtual server at all.
    pub empty: EmptyInput,
}

/// Whether input without a single Service is taken at its word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EmptyInput {
    /// It is refused: a wrong folder looks just so.
    #[default]
    Refused,
    /// It is meant.
    Meant,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            removal_percent: 25,
            empty: EmptyInput::Refused,
        }
    }
}

/// Why a plan is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is asked for.
    #[error("the input has no Service that the node would serve")]
    Empty,
    /// Too much would go.
    #[error(
        "of {} virtual servers {} would be removed and {} left without destinations: more than \
         {limit} % in all", census.present, census.removed, census.emptied
    )]
    TooMuch {
        /// What would become of them.
        census: Census,
        /// The limit in percent.
        limit: u8,
    },
}

impl Guard {
    /// Checks a plan.
    ///
    /// # Errors
    /// A plan that is more likely a mistake than meant.
    pub fn check(&self, plan: &Plan) -> Result<(), Refusal> {
        match (plan.census.asked == 0, self.empty) {
            (true, EmptyInput::Refused) => return Err(Refusal::Empty),
            // Who means it, means that everything goes.
            (true, EmptyInput::Meant) => return Ok(()),
            (false, _) => {}
        }
        let Census {
            present,
            removed,
            emptied,
            ..
        } = plan.census;
        if (removed + emptied) * 100 > present * usize::from(self.removal_percent) {
            return Err(Refusal::TooMuch {
                census: plan.census,
                limit: self.removal_percent,
            });
        }
        Ok(())
    }
}
