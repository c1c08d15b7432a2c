//! One small renderer per output format.

mod human;
mod json;

pub use human::human;
pub use json::json;
