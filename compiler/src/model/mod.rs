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
mod protocol;
mod scheduler;
pub mod service;
mod service_ranges;
pub mod slice;
mod timeouts;
mod version;

pub use address::IpFamily;
pub use cluster::{BaseServices, Cluster, Request, build};
pub use config::{Config, Mode};
pub use node::{Facts, Node, Release};
pub use protocol::{Port, Protocol};
pub use scheduler::{Scheduler, UnknownScheduler};
pub use service::Service;
pub use slice::Slice;
pub use timeouts::{NotTimeouts, Timeouts};
pub use version::{KubeVersion, UnknownVersion};
