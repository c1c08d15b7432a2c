//! Mode nftables: one table for each family, in which Services and endpoints are elements of maps.

mod at;
mod element;
mod exchange;
mod json;
mod kube_proxy;
mod lower;
mod memories;
mod modules;
mod names;
mod options;
mod read;
mod requirements;
mod review;
mod rule;
mod served;
mod table;
mod write;

pub use element::{Comment, Element, FrontendKey, Key, NodePortKey, Value, Verdict};
pub use exchange::{Elements, write_exchange};
pub use json::write as write_json;
pub use kube_proxy::{KUBE_PROXY_TABLE, KubeProxyTable};
pub use lower::lower;
pub(crate) use lower::{Scope, scope};
pub use memories::members;
pub(super) use modules::MODULES;
pub use names::{
    Balance, ChainName, DataShape, KeyShape, Memory, Place, Pool, PortName, SetName, TABLE,
};
pub use options::{OLDEST, Options};
pub use read::{Foreign, Observed, ObservedTable, Problem, ReadError, Remembered, read};
pub use requirements::{Lacking, lacking};
pub use review::review;
pub use rule::{Expression, Match, Rule, Statement};
pub use served::served;
pub use table::{Hook, HookKind, HookPoint, Sets, Table};
pub use write::{write, write_removal};
