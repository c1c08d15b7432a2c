//! Golden tests.

mod compile;
mod diagnostics;
mod scenario;
