//! Transactions that are cut off, refused, interfered with and not confirmed, on a node in memory.

mod confirm;
mod cut;
mod damaged;
mod disk;
mod drain;
mod fake;
mod interfered;
mod world;
