//! Systems without the kernel that portolan programs.

use std::fs::File;
use std::io::{self, Write};
use std::process::{Command, ExitStatus};

use portolan_compiler::bundle::Digest;

use super::{Driver, Host, HostError, Inheritance, Node};

/// Asks this machine about itself.
///
/// # Errors
/// Always.
pub fn facts() -> Result<Host, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// The driver of this machine.
///
/// # Errors
/// Always.
pub fn machine() -> Result<Box<dyn Driver>, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// This machine, to be asked and told.
///
/// # Errors
/// Always.
pub fn node() -> Result<Box<dyn Node>, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// Leaves the terminal; here there is nothing that would have to outlive it.
pub fn detach() {}

/// Gives up every capability; here there are none.
pub fn drop_capabilities() {}

/// Which boot of the machine this is.
///
/// # Errors
/// Always.
pub fn boot() -> Result<String, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// Seconds since the machine was started.
///
/// # Errors
/// Always.
pub fn uptime() -> Result<u64, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// Which machine, which boot of it, and which network namespace.
///
/// # Errors
/// Always.
pub fn identity() -> Result<Digest, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

/// Lets programs that are started from now on hold a file open.
///
/// # Errors
/// Always.
pub fn inherited(_: &File, _: Inheritance) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Runs a command to its end.
///
/// # Errors
/// Where it cannot be started.
pub fn run_to_end(command: &mut Command) -> io::Result<ExitStatus> {
    command.status()
}

/// The terminal that standard input is: there is none to be asked at.
#[derive(Debug)]
pub enum Terminal {}

impl Terminal {
    /// Opens it.
    ///
    /// # Errors
    /// Always.
    pub fn open() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The line that is typed from now on.
    ///
    /// # Errors
    /// Never.
    pub fn answer(
        &mut self,
        _: &mut dyn FnMut(&mut dyn Write),
        _: &dyn Fn() -> bool,
    ) -> io::Result<Option<String>> {
        match *self {}
    }
}

/// The process that holds a lock of a file; nobody tells here.
pub fn lock_holder(_: &File) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Exit, Explain};

    #[test]
    fn other_systems_are_refused_with_a_reason() {
        let error = machine().map(|_| ()).unwrap_err();
        assert_eq!(error.exit(), Exit::Unavailable);
        assert!(error.to_string().starts_with("this needs Linux"), "{error}");
        assert!(facts().is_err());
        assert!(node().is_err());
        detach();
        drop_capabilities();
        let file = tempfile::tempfile().unwrap();
        assert!(inherited(&file, Inheritance::Kept).is_err());
        assert_eq!(lock_holder(&file), None);
        let asked = Terminal::open().map(|mut one| one.answer(&mut |_| {}, &|| false));
        assert!(asked.is_err());
        assert!(run_to_end(&mut Command::new("/no/such/program")).is_err());
        assert!(boot().is_err() && uptime().is_err() && identity().is_err());
    }
}
