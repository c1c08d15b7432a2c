//! What conntrack remembers of UDP flows, forgotten with `conntrack`.

use portolan_compiler::back::ipvs::VirtualServerKey;
use portolan_compiler::model::IpFamily;
use portolan_compiler::plan::Flows;

use super::program::Program;
use crate::host::HostError;

const CONNTRACK: Program = Program {
    name: "conntrack",
    package: "conntrack",
};

/// Forgets flows; that there are none is fine.
pub(super) fn forget(flows: &[(VirtualServerKey, Flows)]) -> Result<(), HostError> {
    for (server, which) in flows {
        let mut args = vec![
            "--delete".to_owned(),
            "--family".to_owned(),
            match IpFamily::of(server.address) {
                IpFamily::V4 => "ipv4".to_owned(),
                IpFamily::V6 => "ipv6".to_owned(),
            },
            "--protonum".to_owned(),
            server.protocol.lower().to_owned(),
            "--orig-dst".to_owned(),
            server.address.to_string(),
            "--orig-port-dst".to_owned(),
            server.port.to_string(),
        ];
        if let Flows::To(address, port) = which {
            args.extend([
                "--reply-src".to_owned(),
                address.to_string(),
                "--reply-port-src".to_owned(),
                port.to_string(),
            ]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        match CONNTRACK.run(&args) {
            Err(HostError::Program { message, .. }) if found_none(&message) => {}
            done => drop(done?),
        }
    }
    Ok(())
}

/// It fails where there is nothing to delete.
fn found_none(message: &str) -> bool {
    message.contains(": 0 flow entries have been deleted")
}
