//! Settings that kube-proxy has from its command line. They are not read: who reviews a change should
//! find them in one place. They are recognised, and said as the configuration to write instead.
//!
//! Source: `cmd/kube-proxy/app/options.go`. With `--config`, kube-proxy passes the other flags by.

use std::collections::BTreeMap;

use super::Mode;
use super::start::Start;
use crate::diag::{Code, Finding, Findings, Place};
use crate::front::Objects;
use crate::source::ObjectId;

/// How a flag's value is written in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Plain,
    List,
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
    flag("masquerade-all", "iptables.masqueradeAll", Form::Plain),
    flag(
        "iptables-masquerade-bit",
        "iptables.masqueradeBit",
        Form::Plain,
    ),
    flag(
        "iptables-localhost-nodeports",
        "iptables.localhostNodePorts",
        Form::Plain,
    ),
    flag("ipvs-scheduler", "ipvs.scheduler", Form::Text),
    flag("ipvs-strict-arp", "ipvs.strictARP", Form::Plain),
    flag("ipvs-exclude-cidrs", "ipvs.excludeCIDRs", Form::List),
    flag("ipvs-tcp-timeout", "ipvs.tcpTimeout", Form::Text),
    flag("ipvs-tcpfin-timeout", "ipvs.tcpFinTimeout", Form::Text),
    flag("ipvs-udp-timeout", "ipvs.udpTimeout", Form::Text),
    flag("feature-gates", "featureGates", Form::Gates),
];

/// What a command line sets, as far as it decides rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Settings {
    /// The flags as given.
    flags: Vec<String>,
    /// The mode, where it is said.
    mode: Option<String>,
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
}

/// The mode that the first command line means which sets anything.
pub(super) fn meant(starts: &[Start]) -> Option<Meant> {
    let mut all = starts.iter().filter_map(|start| {
        let mode = settings(&start.words)?.mode;
        Some(Meant {
            object: start.object,
            mode: mode.unwrap_or_else(|| Mode::Iptables.as_str().to_owned()),
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
        if let Some(settings) = settings(&start.words) {
            let contradicts = |mode: Mode| {
                let said = settings.mode.as_deref();
                said.is_some_and(|said| said != mode.as_str())
            };
            if configured.is_none_or(contradicts) {
                alike.entry(settings).or_default().push(start);
            }
        }
    }
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
    let flags = settings.flags.join(" ");
    if let Some(mode) = configured {
        let message = format!(
            "kube-proxy is started with {flags} by {whose}, and the configuration says mode {}: the configuration counts",
            mode.as_str()
        );
        return Finding::warning(Code::ConfigIgnored, place, message)
            .help("pass the configuration of the kube-proxy that the nodes run");
    }
    let message = format!(
        "kube-proxy has settings from flags of {whose}, which are not read: {flags}{}",
        match settings.mode {
            Some(_) => "",
            None => "; none says a mode, which means iptables",
        }
    );
    let finding = Finding::warning(Code::ConfigIgnored, place, message)
        .help("pass a file with these lines too, as a KubeProxyConfiguration");
    let lines = [
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1",
        "kind: KubeProxyConfiguration",
    ];
    let lines = lines.map(str::to_owned).into_iter();
    lines
        .chain(settings.lines.iter().cloned())
        .fold(finding, |finding, line| finding.also(Place::Nowhere, line))
}

fn whose(object: ObjectId, others: usize, objects: &Objects) -> String {
    let name = objects.name(object);
    match others {
        0 => name.to_string(),
        more => format!("{name} and {more} more"),
    }
}

/// What a command line sets; `None` where a file does, or nothing that decides rules.
fn settings(words: &[String]) -> Option<Settings> {
    let given = given(words);
    if given.iter().any(|(name, _)| *name == "config") {
        return None;
    }
    let mut settings = Settings {
        flags: Vec::new(),
        mode: None,
        lines: Vec::new(),
    };
    let mut section = "";
    for Flag { name, field, form } in FLAGS {
        // Of a flag that is given twice the last counts. What a shell fills in is not known here.
        let value = given.iter().rev().find(|(other, _)| *other == name);
        let Some((_, value)) = value.filter(|(_, value)| !value.is_empty() && !value.contains('$'))
        else {
            if name == "proxy-mode" {
                settings.lines.push("mode: iptables".to_owned());
            }
            continue;
        };
        if name == "proxy-mode" {
            settings.mode = Some((*value).to_owned());
        }
        settings.flags.push(format!("--{name}={value}"));
        let value = written(form, value);
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
    (!settings.flags.is_empty()).then_some(settings)
}

/// Names and values of the flags of a command line.
fn given(words: &[String]) -> Vec<(&str, &str)> {
    let mut given = Vec::new();
    let mut words = words.iter().map(String::as_str).peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value),
            // A flag without a value is a switch, unless what follows is its value.
            None => match words.next_if(|next| !next.starts_with('-')) {
                Some(value) => (flag, value),
                None => (flag, "true"),
            },
        };
        given.push((name, value.trim_matches(['"', '\''])));
    }
    given
}

/// A value as YAML that means the same.
fn written(form: Form, value: &str) -> String {
    let parts = || {
        value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    };
    match form {
        Form::Text => text(value),
        Form::Plain if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) => value.to_owned(),
        Form::Plain => text(value),
        Form::List => format!("[{}]", parts().map(text).collect::<Vec<_>>().join(", ")),
        Form::Gates => {
            let gates = parts().map(|part| match part.split_once('=') {
                Some((gate, on)) => format!("{}: {}", text(gate), text(on)),
                None => format!("{}: true", text(part)),
            });
            format!("{{{}}}", gates.collect::<Vec<_>>().join(", "))
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

    fn lines(command: &str) -> Option<Vec<String>> {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        settings(&words).map(|settings| settings.lines)
    }

    #[test]
    fn flags_are_said_as_a_configuration() {
        for (command, expected) in [
            ("--proxy-mode=ipvs", Some(vec!["mode: ipvs"])),
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
                    Form::Plain => "1",
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
        assert_eq!(read["mode"], "x: #");
    }
}
