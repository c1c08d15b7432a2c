//! Golden tests.

mod diagnostics;
mod scenario;
