//! The command line: help pages, mistakes, exit codes.

mod completions;
mod facts;
mod help;
mod mistakes;
mod texts;
mod unused;
