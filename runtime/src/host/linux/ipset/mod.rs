//! Sets, with `ipset`.

mod mark;

use std::path::Path;

use portolan_compiler::kernel::ipset;
use portolan_compiler::kernel::ipset::Observed;

use super::program::Program;
use crate::host::{HostError, SetsMark};

pub(super) const IPSET: Program = Program {
    name: "ipset",
    package: "ipset",
};

/// Where modules show themselves; `ip_set` has a parameter, so it is there when built in too.
const MODULES: &str = "/sys/module";

/// All sets; `None` where the module is not loaded: `ipset` would load it. No program is needed to see
/// that there are none.
pub(super) fn read() -> Result<Option<Observed>, HostError> {
    if is_missing() {
        return Ok(None);
    }
    let text = match IPSET.run(&["save"]) {
        Err(HostError::NoProgram { .. }) if mark::read()?.sets.is_empty() => String::new(),
        text => text?,
    };
    let sets = ipset::read(&text).map_err(|error| HostError::Output {
        program: "ipset save",
        problem: error.to_string(),
    })?;
    Ok(Some(sets))
}

/// Carries out a script.
pub(super) fn restore(script: &str) -> Result<(), HostError> {
    IPSET.carry_out(&["restore"], script)
}

/// What tells whether sets changed; `None` likewise.
pub(super) fn mark() -> Result<Option<SetsMark>, HostError> {
    if is_missing() {
        Ok(None)
    } else {
        mark::read().map(Some)
    }
}

fn is_missing() -> bool {
    let modules = Path::new(MODULES);
    modules.exists() && !modules.join("ip_set").exists()
}

/// Version of the program, such as `7.17`; `None` where it is not there.
pub(super) fn version() -> Option<String> {
    parse(&IPSET.run(&["--version"]).ok()?)
}

/// Reads `ipset v7.17, protocol version: 7`.
fn parse(text: &str) -> Option<String> {
    let version = text.split_ascii_whitespace().nth(1)?.strip_prefix('v')?;
    Some(version.trim_end_matches(',').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_program_prints_them() {
        let version = parse("ipset v7.17, protocol version: 7\n");
        assert_eq!(version.as_deref(), Some("7.17"));
        assert_eq!(parse("usage"), None);
    }
}
