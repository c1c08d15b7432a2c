//! One small renderer per output format.

mod excerpt;
mod human;
mod json;

pub use human::{Style, human, human_styled};
pub(crate) use human::{human_as, left_out_as};
pub use json::json;
pub(crate) use json::{label, left_out, place};
