//! A capture: the output of ordinary tools, one file each, as a support bundle holds it.
//!
//! What people have is not always what was asked for: the same state in another form of its tool is read
//! as well, and what is not read is named, with the command to use in its place. Nothing with content
//! counts as empty.

mod absent;
mod addresses;
mod agree;
mod cut;
mod error;
mod file;
mod output;
mod part;
mod printed;
mod rules;
mod terminal;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Dummy, Ipv6, Observed, OtherRules, WithoutIpv6};
use crate::front::facts::IptablesVariant;
use crate::kernel::iptables::TableName;
use crate::kernel::sysctl::SysctlKey;
use crate::kernel::{ipset, iptables, ipvs, nftables};
use crate::model::{IpFamily, Timeouts};
pub use addresses::{Link, LinkAddress};
pub use agree::{of_mode, of_node};
pub use error::{CaptureError, CaptureNote, Lack};
pub use file::CaptureFile;
pub use output::{Output, links, links_alone, output, printed};
pub use printed::Printed;
use terminal::{cleaned, is_blank};
pub use write::{write, write_with_links};

/// Reads a capture. Timeouts, settings, the tables of nftables and the rules of the other variant of
/// iptables may be missing, and either file of addresses will do; whatever is unknown counts as not
/// being as wanted. An empty file says that its command printed nothing.
///
/// # Errors
/// A file that is missing, or is not what its command prints.
pub fn read(files: &BTreeMap<CaptureFile, String>) -> Result<Observed, CaptureError> {
    let _span = tracing::debug_span!("capture").entered();
    for (file, text) in files {
        silent(*file, text)?;
        cut::within_line(*file, text)?;
    }
    let files: Files = files
        .iter()
        .map(|(file, text)| {
            (
                *file,
                absent::without_ipvs(*file, cleaned(text)).into_owned(),
            )
        })
        .collect();
    for (file, text) in &files {
        absent::not_installed(*file, text)?;
        if let Some((line, printed)) = Printed::find(text)
            && !file.takes(printed)
        {
            return Err(CaptureError::Another {
                file: *file,
                line,
                printed,
            });
        }
    }
    for (file, text) in &files {
        cut::before_its_end(*file, text)?;
    }
    let required = |file: CaptureFile| files.get(&file).ok_or(CaptureError::Missing(file));
    let rules = |file| saved_rules(file, required(file)?);
    let observed = Observed {
        ipvs: ipvs::read(required(CaptureFile::VirtualServers)?)
            .map_err(|error| content(CaptureFile::VirtualServers, &error))?,
        timeouts: files
            .get(&CaptureFile::Timeouts)
            .filter(|text| !is_blank(CaptureFile::Timeouts, text))
            .map(|text| timeouts(text))
            .transpose()?,
        dummy: dummy(&files)?,
        ipset: ipset::read(required(CaptureFile::Sets)?)
            .map_err(|error| content(CaptureFile::Sets, &error))?,
        iptables: [
            rules(CaptureFile::Iptables)?,
            rules(CaptureFile::Ip6tables)?,
        ],
        ipv6: ipv6(&files),
        other_iptables: other_rules(&files)?,
        nftables: files
            .get(&CaptureFile::Tables)
            .map(|text| nftables::read(text))
            .transpose()
            .map_err(|error| content(CaptureFile::Tables, &error))?
            .unwrap_or_else(|| nftables::Observed {
                looked: nftables::Looked::Nowhere,
                ..nftables::Observed::default()
            }),
        sysctl: files
            .get(&CaptureFile::Sysctl)
            .map(|text| sysctls(text))
            .transpose()?
            .unwrap_or_default(),
    };
    cut::lacks_sets(&observed)?;
    rules::of_rules(&observed)?;
    if let Some(text) = files.get(&CaptureFile::Addresses) {
        part::of_addresses(text, &observed)?;
    }
    Ok(observed.ordered())
}

/// A command that printed nothing says that there is nothing only where it is the file's own.
fn silent(file: CaptureFile, text: &str) -> Result<(), CaptureError> {
    if !is_blank(file, &cleaned(text)) {
        return Ok(());
    }
    let mut others = terminal::commands(text).into_iter();
    match others.find(|(_, command)| !file.is_made_by(command)) {
        Some((line, command)) => Err(CaptureError::Content {
            file,
            problem: format!(
                "line {line}: {command:?} printed nothing, which says nothing here: run `{}`",
                file.made_by()
            ),
        }),
        None => Ok(()),
    }
}

type Files = BTreeMap<CaptureFile, String>;

fn content(file: CaptureFile, problem: &dyn ToString) -> CaptureError {
    CaptureError::Content {
        file,
        problem: problem.to_string(),
    }
}

/// The node's own addresses, where a capture shows them all: neither loopback nor what kube-ipvs0 has.
pub fn node_addresses(files: &BTreeMap<CaptureFile, String>) -> Option<BTreeSet<IpAddr>> {
    let text = files.get(&CaptureFile::Addresses)?;
    agree::node_addresses(&addresses::read(&cleaned(text)).ok()?)
}

/// What has to be known of a capture that can be read, by its files and what was read of them.
pub fn notes(files: &BTreeMap<CaptureFile, String>, observed: &Observed) -> Vec<CaptureNote> {
    let text = |file| files.get(&file).map(|text| cleaned(text));
    let mut notes = Vec::new();
    if text(CaptureFile::VirtualServers).is_some_and(|text| ipvs::is_listing(&text)) {
        notes.push(CaptureNote::ListedServers);
    }
    if text(CaptureFile::Addresses).is_some_and(|text| addresses::shows_none(&text)) {
        notes.push(CaptureNote::NoAddresses);
    }
    for file in [CaptureFile::Iptables, CaptureFile::Ip6tables] {
        notes.extend(text(file).and_then(|text| part::of_rules(file, &text)));
    }
    notes.extend(agree::notes(observed));
    if let Some(ruleset) = text(CaptureFile::Tables) {
        notes.extend(rules::of_tables(&ruleset, observed));
    }
    // iptables-nft 1.8 says: # Warning: iptables-legacy tables present, use iptables-legacy-save …
    let remarks = |file, program: &str| {
        let remark = format!("# Warning: {program} tables present");
        text(file).is_some_and(|text| text.lines().any(|line| line.starts_with(&remark)))
    };
    let legacy = remarks(CaptureFile::Iptables, "iptables-legacy")
        || remarks(CaptureFile::Ip6tables, "ip6tables-legacy");
    let shown = IpFamily::ALL.iter().any(|family| {
        files.contains_key(&CaptureFile::other_rules(IptablesVariant::Legacy, *family))
    });
    if legacy && !shown {
        notes.push(CaptureNote::LegacyUnseen);
    }
    notes
}

fn saved_rules(file: CaptureFile, text: &str) -> Result<iptables::Saved, CaptureError> {
    read_rules(text).map_err(|problem| CaptureError::Content { file, problem })
}

/// Rules that the node's own programs do not show. A node has two variants at most, so where a capture
/// has files of both it is the legacy one that the programs do not speak to.
fn other_rules(files: &Files) -> Result<Option<OtherRules>, CaptureError> {
    for variant in [IptablesVariant::Legacy, IptablesVariant::Nft] {
        let mut found = OtherRules::none(variant);
        let mut any = false;
        for family in IpFamily::ALL {
            let file = CaptureFile::other_rules(variant, family);
            if let Some(text) = files.get(&file) {
                found.rules[family as usize] = saved_rules(file, text)?;
                any = true;
            }
        }
        if any {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Reads what `iptables-save` and `ip6tables-save` print, remarks included.
///
/// # Errors
/// Text that is none of theirs, and a remark that they could not print a table that portolan writes
/// to: what is in it would be taken for missing.
pub fn read_rules(text: &str) -> Result<iptables::Saved, String> {
    // iptables-nft-save 1.8 says: # Table `nat' is incompatible, use 'nft' tool.
    let incompatible = text.lines().zip(1..).find_map(|(line, number)| {
        let name = line.strip_prefix("# Table `")?;
        let name = name.strip_suffix("' is incompatible, use 'nft' tool.")?;
        let used = TableName::WITH_RULES
            .iter()
            .any(|table| table.as_str() == name);
        used.then_some((number, name))
    });
    if let Some((line, name)) = incompatible {
        return Err(format!(
            "line {line}: table {name} has rules that only nft can print: look at them with \
             `nft list table ip {name}` (or ip6) and remove or move what iptables did not make"
        ));
    }
    iptables::read(text).map_err(|error| error.to_string())
}

/// Reads what `ipvsadm -L --timeout` prints, or its three numbers alone.
///
/// # Errors
/// Text that is neither.
pub fn timeouts(text: &str) -> Result<Timeouts, CaptureError> {
    let mut lines = (1..).zip(text.lines());
    let first = lines.find(|(_, line)| !line.trim().is_empty());
    let (number, line) = first.unwrap_or((1, ""));
    // ipvsadm says: Timeout (tcp tcpfin udp): 900 120 300
    let numbers = line.rsplit_once(':').map_or(line, |(_, numbers)| numbers);
    numbers
        .parse()
        .map_err(|error: crate::model::NotTimeouts| CaptureError::Content {
            file: CaptureFile::Timeouts,
            problem: format!("line {number}: {error}: {line:?}"),
        })
}

/// The links that a capture shows, and the file that shows them.
fn shown_links(files: &Files) -> Result<Vec<Link>, CaptureError> {
    let (file, links) = match (
        files.get(&CaptureFile::Addresses),
        files.get(&CaptureFile::DummyAddresses),
    ) {
        (Some(text), _) => (CaptureFile::Addresses, addresses::read(text)),
        (None, Some(text)) => (CaptureFile::DummyAddresses, addresses::read_alone(text)),
        (None, None) => return Err(CaptureError::Missing(CaptureFile::Addresses)),
    };
    links.map_err(|problem| CaptureError::Content { file, problem })
}

fn dummy(files: &Files) -> Result<Dummy, CaptureError> {
    Ok(match addresses::dummy(&shown_links(files)?) {
        Dummy::Absent => Dummy::Absent,
        Dummy::Present(mut addresses) => {
            addresses.sort_unstable();
            addresses.dedup();
            Dummy::Present(addresses)
        }
    })
}

/// Whether settings switch IPv6 off, and no link has an address of it: those that were there before go
/// with the setting, and one link may have its own.
fn ipv6(files: &Files) -> Ipv6 {
    let settings = files.get(&CaptureFile::Sysctl).map_or("", String::as_str);
    let mut settings = settings.lines().filter_map(|line| line.split_once('='));
    let is_off =
        |(name, value): (&str, &str)| name.trim() == WithoutIpv6::SETTING && value.trim() == "1";
    let links = shown_links(files).unwrap_or_default();
    let mut addresses = links.iter().flat_map(|link| &link.addresses);
    if settings.any(is_off) && !addresses.any(|one| one.address.is_ipv6()) {
        Ipv6::Without(WithoutIpv6::Setting)
    } else {
        Ipv6::Known
    }
}

/// Settings that are not ours, and what is no number, pass by.
fn sysctls(text: &str) -> Result<BTreeMap<SysctlKey, u32>, CaptureError> {
    let setting = |line: &str| {
        line.split_once('=')
            .is_some_and(|(name, _)| name.contains('.'))
    };
    if !is_blank(CaptureFile::Sysctl, text) && !text.lines().any(setting) {
        let line = text.lines().find(|line| !line.trim().is_empty());
        let problem = format!(
            "line 1: expected 'NAME = VALUE': {:?}",
            line.unwrap_or_default()
        );
        return Err(content(CaptureFile::Sysctl, &problem));
    }
    let known = text.lines().filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        Some((name.trim().parse().ok()?, value.trim().parse().ok()?))
    });
    Ok(known.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a capture of nothing but this.
    fn with(file: CaptureFile, text: &str) -> Result<(), String> {
        let empty = [
            CaptureFile::VirtualServers,
            CaptureFile::Sets,
            CaptureFile::Iptables,
            CaptureFile::Ip6tables,
        ];
        let mut files: BTreeMap<CaptureFile, String> =
            empty.map(|file| (file, String::new())).into();
        files.insert(
            CaptureFile::Addresses,
            "1: lo    inet 127.0.0.1/8\n".to_owned(),
        );
        files.insert(file, text.to_owned());
        read(&files).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_cut_off_is_refused() {
        use CaptureFile::{Addresses, Iptables, Sets, Sysctl, Tables, VirtualServers};
        const LONG: &str = "1: lo: <UP> mtu 1\n    link/loopback 00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n";
        let long = |more: &str| format!("{LONG}{more}");
        for (file, text) in [
            (Sets, "create A hash:ip family inet\nadd A 10.9".to_owned()),
            (Sets, "create A hash:ip family inet".to_owned()),
            (VirtualServers, "-A -t 10.96.0.1:80 -s rr".to_owned()),
            (Iptables, "*nat\n:PREROUTING ACCEPT [0:0]\n".to_owned()),
            (Iptables, "*nat\n:PREROUTING ACCEPT [0:0]\nCOM".to_owned()),
            (
                Iptables,
                "# Generated by iptables-save v1.8.9\n*nat\nCOMMIT\n# Completed on x\n# Generated by iptables-save v1.8.9\n".to_owned(),
            ),
            (Tables, "table ip x {\n\tchain a {\n\t}\n".to_owned()),
            (Sysctl, "net.ipv4.ip_forward = 1".to_owned()),
            (Addresses, "[{\"ifname\":\"lo\",\"addr_info\":[{\"local\":".to_owned()),
            (Addresses, "1: lo    inet 127.0.0.1/8".to_owned()),
            (Addresses, long("2: eth0: <UP> mtu 1\n")),
            (Addresses, long("2: eth0: <UP> mtu 1\n    link/ether 0a:00\n    inet 192.0.2.1/24 scope global eth0\n")),
        ] {
            let refused = with(file, &text).expect_err(&text);
            let words = ["cut off", "ends", "EOF"];
            assert!(words.iter().any(|word| refused.contains(word)), "{text}: {refused}");
        }
        for (file, text) in [
            (
                Iptables,
                "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT".to_owned(),
            ),
            (
                Iptables,
                "*nat\nCOMMIT\n# Completed on Sat Nov 21 07:14:14 2026".to_owned(),
            ),
            (Sets, "create A hash:ip family inet\nroot@n:~# ".to_owned()),
            (Tables, "table ip x {\n}".to_owned()),
            (CaptureFile::Timeouts, "900 120 300".to_owned()),
            (
                Addresses,
                "[{\"ifname\":\"lo\",\"addr_info\":[]}]".to_owned(),
            ),
            (
                Addresses,
                long("2: eth0: <UP> mtu 1\n    link/ether 0a:00\n"),
            ),
            // BusyBox.
            (
                Addresses,
                "1: lo: <UP> mtu 1\n    link/loopback 00:00\n    inet 127.0.0.1/8 scope host lo\n"
                    .to_owned(),
            ),
        ] {
            assert_eq!(with(file, &text), Ok(()), "{text}");
        }
    }

    #[test]
    fn addresses_that_are_a_part_are_refused() {
        const LO: &str = "1: lo: <UP> mtu 1\n    link/loopback 00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n";
        const ETH0: &str = "2: eth0: <UP> mtu 1\n    link/ether 0a:00\n    inet 192.0.2.1/24 scope global eth0\n       valid_lft forever preferred_lft forever\n";
        for (text, problem) in [
            (ETH0, "some links only"),
            (
                "2: eth0    inet 192.0.2.1/24 scope global eth0\n",
                "some links only",
            ),
            (
                r#"[{"ifindex":2,"ifname":"eth0","addr_info":[]}]"#,
                "some links only",
            ),
            (
                "1: lo: <UP> mtu 1\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n",
                "one family only",
            ),
        ] {
            let refused = with(CaptureFile::Addresses, text).expect_err(text);
            assert!(refused.contains(problem), "{text}: {refused}");
            assert!(refused.contains("run `ip "), "{text}: {refused}");
        }
        for text in [
            format!("{LO}{ETH0}"),
            LO.to_owned(),
            // All that counts.
            "3: kube-ipvs0: <NOARP> mtu 1\n    link/ether 0a:00\n    inet 10.96.0.1/32 scope global kube-ipvs0\n       valid_lft forever preferred_lft forever\n".to_owned(),
        ] {
            assert_eq!(with(CaptureFile::Addresses, &text), Ok(()), "{text}");
        }
    }

    #[test]
    fn virtual_servers_of_a_family_that_no_address_has_are_refused() {
        let mut files: BTreeMap<CaptureFile, String> = [
            (CaptureFile::Sets, ""),
            (CaptureFile::Iptables, ""),
            (CaptureFile::Ip6tables, ""),
            (CaptureFile::Addresses, "1: lo    inet 127.0.0.1/8\n"),
            (CaptureFile::VirtualServers, "-A -t [fd00::1]:80 -s rr\n"),
        ]
        .map(|(file, text)| (file, text.to_owned()))
        .into();
        let refused = read(&files).map(drop).unwrap_err().to_string();
        assert!(refused.contains("`ip -4 addr`"), "{refused}");
        let both = "1: lo    inet 127.0.0.1/8\n1: lo    inet6 ::1/128\n".to_owned();
        files.insert(CaptureFile::Addresses, both);
        assert_eq!(
            read(&files).map(drop).map_err(|error| error.to_string()),
            Ok(())
        );
    }

    #[test]
    fn a_rule_shows_that_a_set_is_left_out() {
        let rules = |set: &str| {
            format!("*nat\n:X - [0:0]\n-A X -m set --match-set {set} dst,dst -j ACCEPT\nCOMMIT\n")
        };
        let refused = with(CaptureFile::Iptables, &rules("KUBE-CLUSTER-IP")).unwrap_err();
        assert!(
            refused.starts_with("ipset.save, which has no set \"KUBE-CLUSTER-IP\""),
            "{refused}"
        );
    }

    #[test]
    fn a_command_that_printed_nothing_counts_where_it_is_the_files_own() {
        for (file, text) in [
            (CaptureFile::Iptables, "root@n:~# iptables-save\nroot@n:~# "),
            (CaptureFile::Sets, "$ sudo /usr/sbin/ipset list\n$\n"),
            (CaptureFile::VirtualServers, "# ipvsadm -Sn\n"),
        ] {
            assert_eq!(with(file, text), Ok(()), "{text}");
        }
        for (file, text) in [
            (CaptureFile::Iptables, "root@n:~# iptables -S\nroot@n:~# "),
            (CaptureFile::Iptables, "# iptables-save | grep FOO\n"),
            (CaptureFile::Ip6tables, "# iptables-save\n"),
            (CaptureFile::Sets, "# ipvsadm -Sn\n"),
            (CaptureFile::VirtualServers, "# ipvsadm -Ln --stats\n"),
            (CaptureFile::Tables, "# nft list tables\n"),
        ] {
            let refused = with(file, text).unwrap_err();
            assert!(refused.contains("printed nothing"), "{text}: {refused}");
        }
    }
}
