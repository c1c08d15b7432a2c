//! Validated domain types. The only way in is parsing: a value of these types is what the API
//! server would have stored, defaults completed.

pub mod address;
mod base;
pub mod canonical;
mod check;
mod cluster;
pub mod config;
mod mirror;
pub mod name;
mod node;
pub mod places;
pub mod profile;
mod protocol;
mod scheduler;
pub mod service;
mod service_ranges;
pub mod slice;
mod timeouts;

pub use address::IpFamily;
pub(crate) use check::quoted;
pub use cluster::{BaseServices, Cluster, Request, build};
pub use config::{Config, Mode};
pub use node::{Facts, Node, Release};
pub use profile::{KubeVersion, Profile, UnknownVersion};
pub use protocol::{Port, Protocol};
pub use scheduler::{Scheduler, UnknownScheduler};
pub use service::Service;
pub use slice::Slice;
pub use timeouts::{NotTimeouts, Timeouts};
