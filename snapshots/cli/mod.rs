//! The command line: help pages, mistakes, exit codes.

mod advice;
mod completions;
mod facts;
mod help;
mod mistakes;
mod settings;
mod texts;
mod unused;
