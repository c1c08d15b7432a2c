//! Reads arbitrary bytes as a bundle, and as what follows its first line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portolan_compiler::bundle::Bundle;

fuzz_target!(|bytes: &[u8]| {
    for bytes in [bytes.to_vec(), [b"portolan-bundle 1\n", bytes].concat()] {
        let Ok(bundle) = Bundle::read(bytes) else {
            continue;
        };
        for node in bundle.manifest().nodes.keys() {
            drop(bundle.files_of(node));
        }
    }
});
