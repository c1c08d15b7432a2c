//! What happens to a pull request, up to the stick that its rules travel on: diff against Git revisions,
//! the GitHub Action, the pre-commit hooks, bundles and their signatures, and the page about them, each
//! with the real command on a small repository.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod action;
mod bases;
mod bundles;
mod forges;
mod git;
mod hooks;
mod judged;
mod page;
mod repository;
mod revisions;
mod settings;
mod sides;
mod tree;
mod whole;
