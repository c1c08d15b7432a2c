//! Kernel modules, as `modules-load.d` takes them.

use crate::back::text::Text;

/// The modules that every node in IPVS mode needs, sorted; its scheduler's comes on top.
pub const MODULES: [&str; 19] = [
    "dummy",
    "ip6t_MASQUERADE",
    "ip6t_REJECT",
    "ip_set",
    "ip_set_bitmap_port",
    "ip_set_hash_ip",
    "ip_set_hash_ipport",
    "ip_set_hash_ipportip",
    "ip_set_hash_ipportnet",
    "ip_vs",
    "ipt_MASQUERADE",
    "ipt_REJECT",
    "nf_conntrack",
    "xt_addrtype",
    "xt_comment",
    "xt_conntrack",
    "xt_mark",
    "xt_physdev",
    "xt_set",
];

/// Writes one module per line, in the given order.
pub fn write_modules(modules: &[&str], text: &mut Text) {
    for module in modules {
        text.line(&[], format_args!("{module}"));
    }
}
