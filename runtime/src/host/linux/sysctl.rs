//! Settings, from /proc/sys: that of the calling thread's network namespace.

use std::collections::BTreeMap;
use std::{fs, io};

use portolan_compiler::kernel::sysctl::{Sysctl, SysctlKey};

use crate::host::HostError;

/// Settings that exist: those of IPVS do once it is loaded.
pub(super) fn read() -> Result<BTreeMap<SysctlKey, u32>, HostError> {
    let mut settings = BTreeMap::new();
    for key in SysctlKey::ALL {
        let path = path(key);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(source) => return Err(HostError::Proc { path, source }),
            Ok(text) => text,
        };
        let value = text.trim().parse().map_err(|error| HostError::Proc {
            path,
            source: io::Error::new(io::ErrorKind::InvalidData, error),
        })?;
        settings.insert(key, value);
    }
    Ok(settings)
}

/// Writes a setting.
pub(super) fn write(Sysctl { key, value }: Sysctl) -> Result<(), HostError> {
    let path = path(key);
    fs::write(&path, value.to_string()).map_err(|source| HostError::Write { path, source })
}

fn path(key: SysctlKey) -> String {
    format!("/proc/sys/{}", key.as_str().replace('.', "/"))
}
