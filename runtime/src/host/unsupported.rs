//! Systems without the kernel that portolan programs.

use super::{Host, HostError};

/// Asks this machine about itself.
///
/// # Errors
/// Always.
pub fn observe() -> Result<Host, HostError> {
    Err(HostError::NeedsLinux(std::env::consts::OS))
}
