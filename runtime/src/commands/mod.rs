//! The verbs, one file each: arguments, whose doc comments are the help text, and a function. None
//! knows another; what several share is in `shared`.

pub(crate) mod apply;
pub(crate) mod base;
pub(crate) mod bundle;
pub(crate) mod cleanup;
pub(crate) mod compile;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod confirm;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod exit_codes;
pub(crate) mod explain;
pub(crate) mod facts;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod lint;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod recover;
pub(crate) mod review;
pub(crate) mod rollback;
pub(crate) mod shared;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod status;
pub(crate) mod systemd;
pub(crate) mod verify;
pub(crate) mod verify_signature;
pub(crate) mod what_if;
