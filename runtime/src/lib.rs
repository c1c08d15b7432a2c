//! The `portolan` command as a library, and everything that touches files, terminals or a node.
//!
//! [`app::run`] is the whole command with its streams handed in, so that tests drive it in-process.

pub mod app;
mod commands;
pub mod doctor;
pub mod host;
pub mod input;
pub mod out;
pub mod report;
pub mod rules;
mod settings;
pub mod transaction;
pub mod trust;
