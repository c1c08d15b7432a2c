//! Mode nftables: from Services to the tables, and back from the tables to who answers where.

mod at;
mod lower;
mod memories;
mod modules;
mod options;
mod requirements;
mod review;
mod served;
mod written;

pub use lower::lower;
pub(crate) use lower::{Scope, scope};
pub use memories::members;
pub(super) use modules::MODULES;
pub use options::{OLDEST, Options};
pub use requirements::{Lacking, lacking};
pub use review::review;
pub use served::served;
pub(super) use written::written;
