//! The `portolan` command as a library, and everything that touches files, terminals or a node.
//!
//! [`cli::run`] is the whole command with its streams handed in, so that tests drive it in-process.

pub mod cli;
mod commands;
pub mod doctor;
pub mod host;
pub mod input;
pub mod out;
pub mod transaction;
