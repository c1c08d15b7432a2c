//! Names of nodes as names of folders.
//!
//! A node's name is an RFC 1123 subdomain, in lower case, without slashes, and not longer than file
//! systems take. Some are names of devices on Windows, whatever follows their first dot, and a checkout
//! that has one fails there: these have an underscore after their first label, which no node's name has.

use std::borrow::Cow;

use crate::model::name::NodeName;

/// Names of devices (Microsoft, "Naming Files, Paths, and Namespaces"); COM and LPT have a digit too.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const PORTS: [&str; 2] = ["com", "lpt"];

/// The folder of a node, below `nodes/`.
pub fn folder_name(node: &NodeName) -> Cow<'_, str> {
    let (label, rest) = split(node.as_str());
    if is_device(label) {
        Cow::Owned(format!("{label}_{rest}"))
    } else {
        Cow::Borrowed(node.as_str())
    }
}

/// The node that has a folder of this name; `None` for any other folder.
pub fn node_of_folder(name: &str) -> Option<NodeName> {
    let (label, rest) = split(name);
    match label.strip_suffix('_') {
        Some(device) if is_device(device) => NodeName::parse(&format!("{device}{rest}")).ok(),
        _ if is_device(label) => None,
        _ => NodeName::parse(name).ok(),
    }
}

/// What comes before the first dot, and the rest with it.
fn split(name: &str) -> (&str, &str) {
    name.split_at(name.find('.').unwrap_or(name.len()))
}

fn is_device(label: &str) -> bool {
    let is_port = PORTS.iter().any(|port| {
        let number = label.strip_prefix(port);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'0'..=b'9']))
    });
    is_port || DEVICES.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_no_folders() {
        for (node, folder) in [
            ("node-a", "node-a"),
            ("node.con", "node.con"),
            ("console", "console"),
            ("com10", "com10"),
            ("con", "con_"),
            ("aux.example.com", "aux_.example.com"),
            ("lpt9.x", "lpt9_.x"),
        ] {
            let node = NodeName::parse(node).unwrap();
            assert_eq!(folder_name(&node), folder);
            assert_eq!(node_of_folder(folder), Some(node));
        }
        for folder in ["con", "aux.x", "node_", "con__", "con_x", ".."] {
            assert_eq!(node_of_folder(folder), None, "{folder}");
        }
    }
}
