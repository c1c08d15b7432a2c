//! Validated domain types. The only way in is parsing: a value of these types is what the API
//! server would have stored, defaults completed.

pub mod address;
mod allocation;
mod base;
mod check;
mod cluster;
pub mod config;
mod flags;
mod image;
mod mirror;
pub mod name;
mod node;
mod pflag;
mod placement;
pub mod places;
pub mod pod;
pub mod profile;
mod protocol;
mod scheduler;
pub mod selector;
pub mod service;
mod service_ranges;
mod shell;
pub mod slice;
mod spelling;
mod start;
mod stated;
mod timeouts;
mod transport;
mod variables;

pub use address::IpFamily;
pub(crate) use check::quoted;
pub use cluster::{BaseServices, Cluster, Request, build};
pub use config::{Config, Mode};
pub use flags::Meant;
pub use image::{ImageRelease, ProxyImage};
pub use node::{Facts, Node, Release, System};
pub use pod::Pod;
pub use profile::{Fit, KubeVersion, Profile, UnknownVersion};
pub use protocol::{Port, Protocol};
pub use scheduler::{Scheduler, SchedulerFlag};
pub use service::Service;
pub use slice::Slice;
pub use stated::{Distribution, StatedRelease};
pub use timeouts::{NotTimeouts, Timeouts};
pub use transport::{ByAddress, NotATransportAddress, TransportAddress};
