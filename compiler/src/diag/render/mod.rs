//! One small renderer per output format.

mod excerpt;
mod human;
mod json;

pub(crate) use human::human_as;
pub use human::{Style, human, human_styled};
pub use json::json;
pub(crate) use json::{label, place};
