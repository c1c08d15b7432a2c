//! Systems without the kernel that portolan programs.

use super::{Driver, Executor, Host, HostError};

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

/// What changes this machine.
///
/// # Errors
/// Always.
pub fn executor() -> Result<Box<dyn Executor>, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Exit, Explain};

    #[test]
    fn other_systems_are_refused_with_a_reason() {
        let error = machine().map(|_| ()).unwrap_err();
        assert_eq!(error.exit(), Exit::Unavailable);
        assert!(error.to_string().starts_with("this needs Linux"), "{error}");
        assert!(facts().is_err());
        assert!(executor().is_err());
    }
}
