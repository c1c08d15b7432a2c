//! Validated domain types. The only way in is parsing: a value of these types is what the API
//! server would have stored, defaults completed.

pub mod address;
pub mod name;
mod protocol;
mod version;

pub use address::IpFamily;
pub use protocol::{Port, Protocol};
pub use version::{KubeVersion, UnknownVersion};
