//! The two interfaces of the kernel that iptables rules can be in.

use portolan_compiler::front::facts::IptablesVariant;
use portolan_compiler::model::IpFamily;

use crate::doctor::{Finding, FindingId, Readings};

pub(super) fn check(readings: &Readings) -> Vec<Finding> {
    let tools = &readings.tools;
    let mut found = Vec::new();
    let v6 = tools.ip6tables.as_ref().and_then(|program| program.variant);
    if let (Some(v4), Some(v6)) = (tools.variant(), v6)
        && v4 != v6
    {
        found.push(Finding::new(
            FindingId::VariantsMixed,
            format!("iptables speaks to {}, ip6tables to {}", name(v4), name(v6)),
            [format!(
                "make both the same: update-alternatives --set ip6tables /usr/sbin/ip6tables-{}",
                suffix(v4)
            )],
        ));
    }
    for (family, label) in [(IpFamily::V4, "IPv4"), (IpFamily::V6, "IPv6")] {
        let has = |variant| {
            readings
                .rules
                .iter()
                .any(|found| (found.family, found.variant) == (family, Some(variant)))
        };
        if has(IptablesVariant::Nft) && has(IptablesVariant::Legacy) {
            found.push(both(label, family, readings));
        }
    }
    found
}

fn both(label: &str, family: IpFamily, readings: &Readings) -> Finding {
    let tables = match family {
        IpFamily::V4 => "iptables",
        IpFamily::V6 => "ip6tables",
    };
    // The node's own programs use the other one.
    let stray = match readings.tools.variant() {
        Some(IptablesVariant::Legacy) => IptablesVariant::Nft,
        _ => IptablesVariant::Legacy,
    };
    let save = format!("{tables}-{}-save", suffix(stray));
    Finding::new(
        FindingId::BothVariants,
        format!("{label} rules are in both nf_tables and legacy x_tables: packets pass both"),
        [
            format!("look at those that the node's own programs do not show: {save}"),
            "make whoever wrote them (a CNI plugin, Docker, kube-proxy in its own image) use the \
             node's variant, then remove them or reboot"
                .to_owned(),
        ],
    )
}

fn name(variant: IptablesVariant) -> &'static str {
    match variant {
        IptablesVariant::Nft => "nf_tables",
        IptablesVariant::Legacy => "legacy x_tables",
    }
}

fn suffix(variant: IptablesVariant) -> &'static str {
    match variant {
        IptablesVariant::Nft => "nft",
        IptablesVariant::Legacy => "legacy",
    }
}
