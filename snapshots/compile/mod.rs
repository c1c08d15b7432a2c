//! `portolan compile` as its user sees it: what it says, what it writes, how it ends.

mod demo;
mod folder;
mod inputs;
mod mirrors;
mod pipe;
