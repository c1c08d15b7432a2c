//! Settings that kube-proxy has from its command line, or from what installs it. They are not read: who reviews a change should
//! find them in one place. They are recognised, and said as the configuration to write instead.
//!
//! Source: `cmd/kube-proxy/app/options.go`. With `--config`, kube-proxy passes the other flags by.

use std::collections::BTreeMap;

use super::Mode;
use super::pflag::{Stray, given, is_unread};
use super::start::{Start, Written};
use crate::diag::{Code, Finding, Findings, Place};
use crate::front::{InstallerManifest, Located, Unset};
use crate::source::{ObjectId, Objects};

/// How a flag's value is written in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Duration,
    Number,
    /// On or off; the value stands behind `=`, or nowhere.
    Switch,
    /// Each flag adds to the list.
    List,
    /// Each flag adds to the map.
    Gates,
}

/// A flag that decides rules, and the field that stands for it.
struct Flag {
    name: &'static str,
    field: &'static str,
    form: Form,
}

const fn flag(name: &'static str, field: &'static str, form: Form) -> Flag {
    Flag { name, field, form }
}

/// In the order of a configuration's lines.
const FLAGS: [Flag; 18] = [
    flag("proxy-mode", "mode", Form::Text),
    flag("cluster-cidr", "clusterCIDR", Form::Text),
    flag("bind-address", "bindAddress", Form::Text),
    flag("hostname-override", "hostnameOverride", Form::Text),
    flag("detect-local-mode", "detectLocalMode", Form::Text),
    flag(
        "pod-bridge-interface",
        "detectLocal.bridgeInterface",
        Form::Text,
    ),
    flag(
        "pod-interface-name-prefix",
        "detectLocal.interfaceNamePrefix",
        Form::Text,
    ),
    flag("nodeport-addresses", "nodePortAddresses", Form::List),
    flag("masquerade-all", "iptables.masqueradeAll", Form::Switch),
    flag(
        "iptables-masquerade-bit",
        "iptables.masqueradeBit",
        Form::Number,
    ),
    flag(
        "iptables-localhost-nodeports",
        "iptables.localhostNodePorts",
        Form::Switch,
    ),
    flag("ipvs-scheduler", "ipvs.scheduler", Form::Text),
    flag("ipvs-strict-arp", "ipvs.strictARP", Form::Switch),
    flag("ipvs-exclude-cidrs", "ipvs.excludeCIDRs", Form::List),
    flag("ipvs-tcp-timeout", "ipvs.tcpTimeout", Form::Duration),
    flag("ipvs-tcpfin-timeout", "ipvs.tcpFinTimeout", Form::Duration),
    flag("ipvs-udp-timeout", "ipvs.udpTimeout", Form::Duration),
    flag("feature-gates", "featureGates", Form::Gates),
];

/// What a command line says of the mode.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum StatedMode {
    Given(String),
    /// Known on the node alone.
    Unread,
    /// The platform's: iptables.
    Default,
    /// That of the release of what installs it.
    OfInstaller,
}

/// What a command line sets, as far as it decides rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Settings {
    /// As what they are written.
    written: Written,
    /// The flags as given.
    flags: Vec<String>,
    mode: StatedMode,
    /// What of the flags is known on the node alone.
    unread: Vec<String>,
    /// The lines of a configuration with the same meaning.
    lines: Vec<String>,
}

/// The mode that command lines mean, and whose they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// What has the first of them.
    pub object: ObjectId,
    /// The mode, as kube-proxy is told it, or else its default.
    pub mode: String,
    /// As what they are written.
    pub written: Written,
}

/// The mode that the first command line means which sets anything.
pub(super) fn meant(starts: &[Start]) -> Option<Meant> {
    let mut all = starts.iter().filter_map(|start| {
        let mode = match settings(start)?.mode {
            StatedMode::Given(mode) => mode,
            StatedMode::Default => Mode::Iptables.as_str().to_owned(),
            StatedMode::Unread | StatedMode::OfInstaller => return None,
        };
        Some(Meant {
            object: start.object,
            mode,
            written: start.written,
        })
    });
    all.next()
}

/// Reports command lines that hold what no configuration of the input says.
pub(super) fn report(
    starts: &[Start],
    configured: Option<Mode>,
    objects: &Objects,
    findings: &mut Findings,
) {
    // Every node's Pod has the same: one is shown.
    let mut alike: BTreeMap<Settings, Vec<&Start>> = BTreeMap::new();
    for start in starts {
        if let Some(settings) = settings(start) {
            let contradicts = |mode: Mode| matches!(&settings.mode, StatedMode::Given(said) if said != mode.as_str());
            if configured.is_none_or(contradicts) {
                alike.entry(settings).or_default().push(start);
            }
        }
    }
    report_strays(starts, objects, findings);
    for (settings, starts) in alike {
        if let Some((first, others)) = starts.split_first() {
            findings.push(finding(&settings, first, others.len(), configured, objects));
        }
    }
}

fn finding(
    settings: &Settings,
    first: &Start,
    others: usize,
    configured: Option<Mode>,
    objects: &Objects,
) -> Finding {
    let place = Place::Field(first.object, first.path.clone());
    let whose = whose(first.object, others, objects);
    let flags = match settings.written {
        Written::Flags => settings.flags.join(" "),
        Written::Fields => fields(&settings.lines),
    };
    let kind = settings.written.words();
    if let Some(mode) = configured {
        let message = format!(
            "kube-proxy is started with {flags} by {whose}, and the configuration says mode {}: the configuration counts",
            mode.as_str()
        );
        return Finding::warning(Code::ConfigIgnored, place, message)
            .help("pass the configuration of the kube-proxy that the nodes run");
    }
    let message = format!(
        "kube-proxy has settings from {kind} of {whose}, which are not read: {flags}{}",
        match settings.mode {
            StatedMode::Given(_) | StatedMode::Unread => "",
            StatedMode::OfInstaller => "; none says a mode, which depends on its release",
            StatedMode::Default => "; none says a mode, which means iptables",
        }
    );
    let help = match settings.unread.as_slice() {
        [] => "pass a file with these lines too, as a KubeProxyConfiguration".to_owned(),
        unread => format!(
            "pass a file with these lines too, as a KubeProxyConfiguration; what {} stands for cannot be read here, so write its value",
            unread.join(" ")
        ),
    };
    let finding = Finding::warning(Code::ConfigIgnored, place, message).help(help);
    let lines = [
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1",
        "kind: KubeProxyConfiguration",
    ];
    let lines = lines.map(str::to_owned).into_iter();
    lines
        .chain(settings.lines.iter().cloned())
        .fold(finding, |finding, line| finding.also(Place::Nowhere, line))
}

/// The lines of a configuration as fields in a sentence.
fn fields(lines: &[String]) -> String {
    let values = lines.iter().map(|line| line.trim_start_matches(['#', ' ']));
    let values = values.filter(|line| !line.ends_with(':'));
    values.collect::<Vec<_>>().join(", ")
}

impl Written {
    /// What it is for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Fields => "fields",
        }
    }
}

/// Reports what says that no kube-proxy runs: nodes have none of its rules then.
pub(super) fn report_off(
    installers: &[Located<InstallerManifest>],
    objects: &Objects,
    findings: &mut Findings,
) {
    for installer in installers {
        let Some(path) = &installer.value.off else {
            continue;
        };
        let place = Place::Field(installer.object, path.clone());
        let message = format!(
            "no kube-proxy runs where {} counts, which switches it off",
            objects.name(installer.object)
        );
        findings.push(
            Finding::warning(Code::ConfigIgnored, place, message)
                .help("what serves Services there has rules of its own, which are not mirrored; leave this file out if it is not about these nodes"),
        );
    }
}

/// Reports words that belong to no flag: kube-proxy exits because of them.
fn report_strays(starts: &[Start], objects: &Objects, findings: &mut Findings) {
    let mut alike: BTreeMap<Stray<'_>, Vec<&Start>> = BTreeMap::new();
    for start in starts {
        if let Some(stray) = given(&start.words, has_value).strays.first() {
            alike.entry(*stray).or_default().push(start);
        }
    }
    for (Stray { word, after }, starts) in alike {
        let Some((first, others)) = starts.split_first() else {
            continue;
        };
        let place = Place::Field(first.object, first.path.clone());
        let whose = whose(first.object, others.len(), objects);
        let message = format!(
            "kube-proxy does not start with the word `{word}` that {whose} gives it: it takes flags alone"
        );
        let help = match after {
            Some(switch) => format!(
                "a switch has its value behind `=`: write --{switch}={word}; as it is, --{switch} is on"
            ),
            None => "remove the word, or write it as the value of a flag: --FLAG=VALUE".to_owned(),
        };
        findings.push(Finding::warning(Code::ConfigIgnored, place, message).help(help));
    }
}

fn whose(object: ObjectId, others: usize, objects: &Objects) -> String {
    let name = objects.name(object);
    match others {
        0 => name.to_string(),
        more => format!("{name} and {more} more"),
    }
}

/// Whether a flag is one with a value.
fn has_value(name: &str) -> bool {
    let with_value = |flag: &Flag| flag.name == name && flag.form != Form::Switch;
    FLAGS.iter().any(with_value) || name == "config"
}

/// What a command line sets; `None` where a file does, or nothing that decides rules.
fn settings(start: &Start) -> Option<Settings> {
    let given = given(&start.words, has_value);
    if given.flags.iter().any(|(name, _)| name == "config") {
        return None;
    }
    let mut settings = Settings {
        written: start.written,
        flags: Vec::new(),
        mode: StatedMode::Default,
        unread: given.unread.iter().map(|&word| word.to_owned()).collect(),
        lines: Vec::new(),
    };
    let mut section = "";
    for Flag { name, field, form } in FLAGS {
        let values = given.flags.iter().filter(|(other, _)| other == name);
        let mut values: Vec<&str> = values.map(|(_, value)| *value).collect();
        if !matches!(form, Form::List | Form::Gates) {
            // Of a flag that is given twice the last counts.
            values.drain(..values.len().saturating_sub(1));
        }
        // Each node has a name of its own.
        let is_of_node = name == "hostname-override";
        if values.iter().any(|value| is_unread(value)) && !is_of_node {
            let whole = values.join(",");
            settings.flags.extend(said(name, &values));
            settings.lines.push(format!(
                "# {field}: what {} stands for",
                on_one_line(&whole)
            ));
            settings.unread.push(whole);
            if name == "proxy-mode" {
                settings.mode = StatedMode::Unread;
            }
            continue;
        }
        let value = written(form, &values).filter(|_| !values.iter().any(|value| is_unread(value)));
        let Some(value) = value else {
            if name == "proxy-mode" {
                settings
                    .lines
                    .push(match (given.unread.as_slice(), start.unset) {
                        ([], Unset::KubeProxy) => "mode: iptables".to_owned(),
                        ([], Unset::Installer) => {
                            settings.mode = StatedMode::OfInstaller;
                            "# mode: as the nodes run in".to_owned()
                        }
                        (unread, _) => {
                            settings.mode = StatedMode::Unread;
                            format!("# mode: as {} says", on_one_line(&unread.join(" ")))
                        }
                    });
            }
            continue;
        };
        if name == "proxy-mode" {
            let given = values.last().map(|&mode| mode.to_owned());
            settings.mode = given.map_or(StatedMode::Default, StatedMode::Given);
        }
        settings.flags.extend(said(name, &values));
        // What no configuration takes is not said to be written.
        if let (StatedMode::Given(mode), "proxy-mode") = (&settings.mode, name)
            && Mode::ALL.iter().all(|known| known.as_str() != mode)
        {
            let known = Mode::ALL.map(Mode::as_str).join(", ");
            settings.lines.push(format!(
                "# mode: {} is none that is known: one of {known}",
                on_one_line(mode)
            ));
            continue;
        }
        let (of, field, indent) = match field.split_once('.') {
            None => ("", field, ""),
            Some((of, field)) => (of, field, "  "),
        };
        if of != section {
            section = of;
            settings
                .lines
                .extend((!of.is_empty()).then(|| format!("{of}:")));
        }
        settings.lines.push(format!("{indent}{field}: {value}"));
    }
    let unread = given.unread.iter().map(|&word| word.to_owned());
    settings.flags.extend(unread);
    (!settings.flags.is_empty()).then_some(settings)
}

/// A flag as it is said, once for each of its values.
fn said<'a>(name: &'a str, values: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    values.iter().map(move |value| format!("--{name}={value}"))
}

/// Text as it stands in a comment.
fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Values as YAML that means the same; nothing for what leaves the default, as empty text does.
fn written(form: Form, values: &[&str]) -> Option<String> {
    let last = values.last().filter(|value| !value.is_empty()).copied();
    let parts = || {
        let parts = values.iter().flat_map(|value| value.split(','));
        parts.map(str::trim).filter(|part| !part.is_empty())
    };
    match form {
        Form::Text => last.map(text),
        // A duration in a configuration has a unit.
        Form::Duration => last.map(|value| match value.trim_start_matches(['+', '-']) {
            "0" => "0s".to_owned(),
            _ => text(value),
        }),
        Form::Number => last.map(|value| match value.parse::<i64>() {
            Ok(number) => number.to_string(),
            Err(_) => text(value),
        }),
        Form::Switch => last.map(|value| match value {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => "true".to_owned(),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => "false".to_owned(),
            _ => text(value),
        }),
        Form::List => {
            let list: Vec<String> = parts().map(text).collect();
            (!list.is_empty()).then(|| format!("[{}]", list.join(", ")))
        }
        Form::Gates => {
            let gates: BTreeMap<&str, &str> = parts()
                .map(|part| part.split_once('=').unwrap_or((part, "true")))
                .collect();
            let gates: Vec<String> = gates
                .iter()
                .map(|(gate, on)| format!("{}: {}", text(gate.trim()), text(on.trim())))
                .collect();
            (!gates.is_empty()).then(|| format!("{{{}}}", gates.join(", ")))
        }
    }
}

/// Text as YAML, in quotes where it could be read as something else.
fn text(value: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-./".contains(c);
    if value.starts_with(|c: char| c.is_ascii_alphanumeric()) && value.chars().all(is_word) {
        value.to_owned()
    } else {
        serde_json::Value::from(value).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FieldPath;

    fn settings(words: &[String]) -> Option<Settings> {
        super::settings(&Start {
            object: ObjectId(0),
            path: FieldPath::root(),
            words: words.to_vec(),
            written: Written::Flags,
            unset: Unset::KubeProxy,
        })
    }

    fn lines(command: &str) -> Option<Vec<String>> {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        settings(&words).map(|settings| settings.lines)
    }

    #[test]
    fn what_is_known_on_the_node_alone_is_named() {
        for (command, unread, expected) in [
            (
                "--proxy-mode=$(MODE) --masquerade-all",
                "$(MODE)",
                "# mode: what $(MODE) stands for|iptables:|  masqueradeAll: true",
            ),
            (
                "--proxy-mode=${MODE:-nftables}",
                "${MODE:-nftables}",
                "# mode: what ${MODE:-nftables} stands for",
            ),
            (
                "--ipvs-scheduler=rr --ipvs-scheduler=`cat`",
                "`cat`",
                "mode: iptables|# ipvs.scheduler: what `cat` stands for",
            ),
            ("$ARGS", "$ARGS", "# mode: as $ARGS says"),
            ("--proxy-mode=ipvs $ARGS", "$ARGS", "mode: ipvs"),
            ("--proxy-mode=$M --proxy-mode=ipvs", "", "mode: ipvs"),
        ] {
            let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
            let settings = settings(&words).unwrap();
            assert_eq!(settings.unread.join(" "), unread, "{command}");
            assert_eq!(settings.lines.join("|"), expected, "{command}");
        }
    }

    #[test]
    fn flags_are_said_as_a_configuration() {
        for (command, expected) in [
            ("--proxy-mode=ipvs", Some(vec!["mode: ipvs"])),
            (
                "--proxy-mode=userspace",
                Some(vec![
                    "# mode: userspace is none that is known: one of ipvs, iptables, nftables",
                ]),
            ),
            ("--v=2 --proxy-mode nftables", Some(vec!["mode: nftables"])),
            // Without a mode it is the platform's.
            (
                "--cluster-cidr=10.42.0.0/16,fd00::/56 --masquerade-all",
                Some(vec![
                    "mode: iptables",
                    "clusterCIDR: \"10.42.0.0/16,fd00::/56\"",
                    "iptables:",
                    "  masqueradeAll: true",
                ]),
            ),
            (
                "--proxy-mode=iptables --proxy-mode=ipvs --ipvs-strict-arp=true --ipvs-scheduler=lc --nodeport-addresses=10.0.0.0/8,fd00::/8",
                Some(vec![
                    "mode: ipvs",
                    "nodePortAddresses: [10.0.0.0/8, \"fd00::/8\"]",
                    "ipvs:",
                    "  scheduler: lc",
                    "  strictARP: true",
                ]),
            ),
            (
                "--proxy-mode=ipvs --feature-gates=A=true,B=false",
                Some(vec!["mode: ipvs", "featureGates: {A: true, B: false}"]),
            ),
            (
                "--proxy_mode=ipvs --nodeport-addresses=10.0.0.0/8 --nodeport-addresses fd00::/8 --ipvs-exclude-cidrs=10.1.0.0/16,10.2.0.0/16 --ipvs-exclude-cidrs=10.3.0.0/16",
                Some(vec![
                    "mode: ipvs",
                    "nodePortAddresses: [10.0.0.0/8, \"fd00::/8\"]",
                    "ipvs:",
                    "  excludeCIDRs: [10.1.0.0/16, 10.2.0.0/16, 10.3.0.0/16]",
                ]),
            ),
            (
                "--proxy-mode=ipvs --feature-gates=A=true,B=false --feature-gates C=true,A=false",
                Some(vec![
                    "mode: ipvs",
                    "featureGates: {A: false, B: false, C: true}",
                ]),
            ),
            // Empty text is the default, and no switch.
            ("--cluster-cidr  --proxy-mode ", None),
            ("--proxy-mode=ipvs --proxy-mode=", None),
            (
                "--cluster-cidr  --masquerade-all=1 --ipvs-udp-timeout=0 --ipvs-tcp-timeout=5m",
                Some(vec![
                    "mode: iptables",
                    "iptables:",
                    "  masqueradeAll: true",
                    "ipvs:",
                    "  tcpTimeout: 5m",
                    "  udpTimeout: 0s",
                ]),
            ),
            // The word after a switch is not its value.
            (
                "--masquerade-all false",
                Some(vec!["mode: iptables", "iptables:", "  masqueradeAll: true"]),
            ),
            (
                "--v=2 --kubeconfig=/k --hostname-override=$(NODE_NAME)",
                None,
            ),
            (
                "--config=/var/lib/kube-proxy/config.conf --proxy-mode=ipvs",
                None,
            ),
        ] {
            let expected =
                expected.map(|lines| lines.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(lines(command), expected, "{command}");
        }
    }

    #[test]
    fn what_is_said_is_what_a_configuration_reads() {
        let command = FLAGS.iter().map(|flag| {
            format!(
                "--{}={}",
                flag.name,
                match flag.form {
                    Form::Text if flag.name == "proxy-mode" => "ipvs",
                    Form::Number | Form::Switch => "1",
                    Form::Duration => "0",
                    Form::Gates => "A=true",
                    Form::Text | Form::List => "x: #'\"",
                }
            )
        });
        let settings = settings(&command.collect::<Vec<_>>()).unwrap();
        let read: serde_json::Value = serde_yaml::from_str(&settings.lines.join("\n")).unwrap();
        for flag in &FLAGS {
            let pointer = format!("/{}", flag.field.replace('.', "/"));
            assert!(read.pointer(&pointer).is_some(), "{}", flag.field);
        }
        assert_eq!(read["clusterCIDR"], "x: #'\"");
    }
}
