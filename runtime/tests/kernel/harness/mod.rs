//! Runs cases in kernels of their own and reports each one's result here.
//!
//! The program is started three times, one within the other: by cargo, where it boots the kernels;
//! as a kernel's first command, where it hands out its share of the cases; and for each case, in
//! namespaces of its own, so that nothing a case leaves, threads included, meets another.

mod inside;
mod outside;
mod results;
mod share;

use std::env;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::Arguments;

/// Set in a kernel: the folder that is shared with the machine outside.
const FOLDER: &str = "PORTOLAN_KERNEL_FOLDER";
/// Set in a kernel: its share of the cases.
const SHARE: &str = "PORTOLAN_KERNEL_SHARE";
/// Set in a case's own process: its name.
const CASE: &str = "PORTOLAN_KERNEL_CASE";

/// How many of the calls at which something may be killed are passed by; 1 tries all, which takes long.
pub(crate) const KILL_STRIDE: &str = "PORTOLAN_KILL_STRIDE";

/// Something to be tried in a real kernel. It fails by panicking.
pub(crate) struct Case {
    name: String,
    run: Box<dyn Fn()>,
}

impl Case {
    /// A case of this name, in the manner of test functions: `area::what_holds`.
    pub(crate) fn new(name: impl Into<String>, run: impl Fn() + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Case").field(&self.name).finish()
    }
}

/// Does what this process was started for.
pub(crate) fn main(cases: &[Case]) -> ExitCode {
    if let Ok(name) = env::var(CASE) {
        return inside::run_case(cases, &name);
    }
    let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    let arguments = Arguments::from_args();
    match env::var_os(FOLDER) {
        Some(folder) => inside::run(&arguments, names, Path::new(&folder)),
        None => outside::run(&arguments, names),
    }
}
