//! Mode ipvs: what kube-proxy's mode of that name keeps on a node. Beside the virtual servers these
//! are addresses, sets, rules and settings.

mod lower;
mod modules;
mod options;
mod review;
pub mod sets;
mod written;

pub use lower::{frames, lower};
pub use modules::{MODULES, all_modules};
pub use options::Options;
pub use review::{review, review_local_endpoints};
pub(super) use written::written;
