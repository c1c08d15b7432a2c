//! The plan as a file: canonical JSON, complete enough to be carried out later.
//!
//! ```json
//! {"changes":true,"format":"portolan-plan","formatVersion":"1.0","node":"node-a",
//!  "observed":"sha256:…","steps":[{"after":1,"before":null,"kind":"destination", …}]}
//! ```
//!
//! Keys are sorted, numbers are integers, there are no blanks and no clock: the same plan is the
//! same bytes. Rules, sets and virtual servers are in the words of the tools that list them.

mod read;
mod value;
mod write;

pub use read::FileError;

use super::Step;
use crate::bundle::Digest;
use crate::model::name::NodeName;

/// What a plan file holds for whoever carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanFile {
    /// The node it is for.
    pub node: NodeName,
    /// Digest of the objects that were compiled.
    pub target: Digest,
    /// Digest of the state it was made on: on any other it means nothing.
    pub observed: Digest,
    /// The steps, in order; read back without their origins.
    pub steps: Vec<Step>,
}
