//! portolan's nftables tables, one for each family: the text that `nft` takes and lists, and the same
//! as JSON. Services and endpoints are elements of maps.

mod element;
mod exchange;
mod json;
mod kube_proxy;
mod names;
mod read;
mod rule;
mod table;
mod write;

pub use element::{Comment, Element, Key, NodePortKey, Value, Verdict};
pub use exchange::{Elements, write_exchange};
pub use json::write as write_json;
pub use kube_proxy::{KUBE_PROXY_TABLE, KubeProxyTable};
pub use names::{
    Balance, ChainName, DataShape, FoundBy, KeyShape, Memory, Pool, PortName, SetName, TABLE,
};
pub use read::{Foreign, Looked, Observed, ObservedTable, Problem, ReadError, Remembered, read};
pub use rule::{Expression, Match, Rule, Statement};
pub use table::{Hook, HookKind, HookPoint, Sets, Table};
pub use write::{write, write_removal};
