//! What a `LintConfig` says, checked, with the defaults completed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;

use ipnet::IpNet;

use super::RuleId;
use super::ranges::Ranges;
use crate::diag::{Code, Finding, Findings, Place, some};
use crate::front::Located;
use crate::front::lint_config::{Allowance, Level, LintConfig};
use crate::model::address::parse_net;
use crate::source::{FieldPath, ObjectId};

/// What lint cannot know by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) levels: BTreeMap<RuleId, Level>,
    pub(super) external_ips: Option<Allowed>,
    pub(super) load_balancer_ips: Option<Allowed>,
    pub(super) health_check_ranges: Vec<IpNet>,
    pub(super) load_balancer_classes: Option<Classes>,
    pub(super) service_cidrs: Ranges,
    pub(super) node_ports: RangeInclusive<u16>,
    pub(super) local_ports: RangeInclusive<u16>,
    pub(super) host_ports: BTreeSet<u16>,
    pub(super) foreign_marks: Vec<u32>,
    pub(super) endpoints_per_port: usize,
}

/// Addresses that Services may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Allowed {
    everywhere: Ranges,
    by_namespace: BTreeMap<String, Ranges>,
}

impl Allowed {
    /// Whether a Service of this namespace may have the address.
    pub(super) fn allows(&self, namespace: &str, address: IpAddr) -> bool {
        let here = self.by_namespace.get(namespace);
        let mut ranges = here.into_iter().chain([&self.everywhere]);
        ranges.any(|ranges| ranges.holding(address).is_some())
    }
}

/// Classes that a controller of the cluster has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes {
    known: BTreeSet<String>,
    /// All of them in a few words, in the order of the configuration.
    named: String,
}

impl Classes {
    /// How many are named one by one.
    const NAMED: usize = 20;

    fn new(classes: &[String]) -> Self {
        Self {
            known: classes.iter().cloned().collect(),
            named: match classes.len() {
                0 => "none".to_owned(),
                1..=Self::NAMED => classes.join(", "),
                _ => some(classes.iter()),
            },
        }
    }

    /// Whether a class is one of them.
    pub(super) fn has(&self, class: &str) -> bool {
        self.known.contains(class)
    }

    /// Which they are, for people.
    pub(super) fn named(&self) -> &str {
        &self.named
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            levels: BTreeMap::new(),
            external_ips: None,
            load_balancer_ips: None,
            health_check_ranges: Vec::new(),
            load_balancer_classes: None,
            service_cidrs: Ranges::default(),
            // `--service-node-port-range` of the API server.
            node_ports: 30000..=32767,
            // `net.ipv4.ip_local_port_range` of the kernel.
            local_ports: 32768..=60999,
            host_ports: BTreeSet::new(),
            foreign_marks: Vec::new(),
            // From there on kube-proxy leaves the comments out of its chains in mode iptables.
            endpoints_per_port: 1000,
        }
    }
}

impl Settings {
    /// Checks the configuration, of which there may be one.
    pub(super) fn new(configs: &[Located<LintConfig>], findings: &mut Findings) -> Self {
        let Some(first) = configs.first() else {
            return Self::default();
        };
        for other in &configs[1..] {
            if other.value != first.value {
                findings.push(
                    Finding::error(
                        Code::ConflictingConfig,
                        other.object,
                        "a second LintConfig, and it differs from the first",
                    )
                    .help("keep one of them")
                    .also(first.object, "the first"),
                );
            }
        }
        let mut check = Check {
            object: Some(first.object),
            findings,
        };
        check.settings(&first.value)
    }

    /// What another input says, where what makes no sense was told already.
    pub(super) fn of_other(configs: &[LintConfig]) -> Self {
        let mut told = Findings::default();
        let mut check = Check {
            object: None,
            findings: &mut told,
        };
        configs
            .first()
            .map_or_else(Self::default, |config| check.settings(config))
    }
}

struct Check<'f> {
    /// Which object says it, if it is one of the input.
    object: Option<ObjectId>,
    findings: &'f mut Findings,
}

impl Check<'_> {
    fn settings(&mut self, config: &LintConfig) -> Settings {
        let default = Settings::default();
        let root = |key: &'static str| FieldPath::root().key(key);
        Settings {
            levels: self.levels(&config.rules),
            external_ips: self.allowed(config.external_ips.as_deref(), "externalIPs"),
            load_balancer_ips: self.allowed(config.load_balancer_ips.as_deref(), "loadBalancerIPs"),
            health_check_ranges: self
                .ranges(&config.health_check_ranges, &root("healthCheckRanges")),
            load_balancer_classes: config.load_balancer_classes.as_deref().map(Classes::new),
            service_cidrs: self
                .ranges(&config.service_cidrs, &root("serviceCIDRs"))
                .into_iter()
                .collect(),
            node_ports: self
                .ports(config.node_port_range.as_deref(), root("nodePortRange"))
                .unwrap_or(default.node_ports),
            local_ports: self
                .ports(config.local_port_range.as_deref(), root("localPortRange"))
                .unwrap_or(default.local_ports),
            host_ports: config.host_ports.iter().copied().collect(),
            foreign_marks: self.marks(&config.foreign_marks),
            endpoints_per_port: config
                .endpoints_per_port
                .map_or(default.endpoints_per_port, |limit| limit as usize),
        }
    }

    fn levels(&mut self, rules: &BTreeMap<String, Level>) -> BTreeMap<RuleId, Level> {
        let mut levels = BTreeMap::new();
        for (text, level) in rules {
            match text.parse() {
                Ok(rule) => {
                    levels.insert(rule, *level);
                }
                Err(error) => {
                    let path = FieldPath::root().key("rules").key(text.clone());
                    self.refuse(
                        path,
                        format!("{text:?} is {error}"),
                        "see: portolan lint --list",
                    );
                }
            }
        }
        levels
    }

    fn allowed(&mut self, list: Option<&[Allowance]>, key: &'static str) -> Option<Allowed> {
        let mut everywhere = Vec::new();
        let mut by_namespace: BTreeMap<String, Vec<IpNet>> = BTreeMap::new();
        for (i, allowance) in list?.iter().enumerate() {
            let path = FieldPath::root().key(key).index(i).key("ranges");
            let ranges = self.ranges(&allowance.ranges, &path);
            for namespace in &allowance.namespaces {
                let of_namespace = by_namespace.entry(namespace.clone()).or_default();
                of_namespace.extend_from_slice(&ranges);
            }
            if allowance.namespaces.is_empty() {
                everywhere.extend(ranges);
            }
        }
        let by_namespace = by_namespace.into_iter();
        Some(Allowed {
            everywhere: everywhere.into_iter().collect(),
            by_namespace: by_namespace
                .map(|(namespace, ranges)| (namespace, ranges.into_iter().collect()))
                .collect(),
        })
    }

    fn ranges(&mut self, texts: &[String], path: &FieldPath) -> Vec<IpNet> {
        let mut ranges = Vec::with_capacity(texts.len());
        for (i, text) in texts.iter().enumerate() {
            match parse_net(text) {
                Ok(range) => ranges.push(range.trunc()),
                Err(error) => self.refuse(
                    path.clone().index(i),
                    format!("range {text:?} {error}"),
                    "write a range such as 10.0.0.0/8 or fd00::/8",
                ),
            }
        }
        ranges
    }

    fn ports(&mut self, text: Option<&str>, path: FieldPath) -> Option<RangeInclusive<u16>> {
        let text = text?;
        let range = text.split_once('-').and_then(|(first, last)| {
            let range = first.trim().parse().ok()?..=last.trim().parse().ok()?;
            (!range.is_empty()).then_some(range)
        });
        if range.is_none() {
            self.refuse(
                path,
                format!("{text:?} is no range of ports"),
                "write it as 30000-32767",
            );
        }
        range
    }

    fn marks(&mut self, texts: &[String]) -> Vec<u32> {
        let mut marks = Vec::with_capacity(texts.len());
        for (i, text) in texts.iter().enumerate() {
            let digits = text.strip_prefix("0x");
            match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
                Some(mark) => marks.push(mark),
                None => self.refuse(
                    FieldPath::root().key("foreignMarks").index(i),
                    format!("{text:?} is no mask of a packet mark"),
                    "write it as 0xffff0000",
                ),
            }
        }
        marks
    }

    fn refuse(&mut self, path: FieldPath, message: String, help: &str) {
        let place = self
            .object
            .map_or(Place::Nowhere, |object| Place::Field(object, path));
        self.findings
            .push(Finding::error(Code::UnknownValue, place, message).help(help));
    }
}
