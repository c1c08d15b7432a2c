//! Which Services a report is to be about.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::label_selector::LabelSelector;
use super::name::Namespace;
use super::pod::Labels;
use super::service::ServiceKey;
use crate::english::{agree, count};
use crate::nearest::{self, Slips};

/// Which Services a report is to be about: what is not asked for decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of these namespaces; of all, where there is none.
    pub namespaces: BTreeSet<Namespace>,
    /// Those with these labels.
    pub labels: LabelSelector,
}

impl Filter {
    /// Whether all Services are told about.
    pub fn is_open(&self) -> bool {
        self.namespaces.is_empty() && self.labels.is_open()
    }

    /// Whether what is in a namespace may be told about.
    pub fn has_namespace(&self, namespace: &str) -> bool {
        let mut names = self.namespaces.iter();
        self.namespaces.is_empty() || names.any(|one| one.as_str() == namespace)
    }

    /// Whether a Service is told about.
    pub fn chooses(&self, service: &ServiceKey, labels: &Labels) -> bool {
        self.has_namespace(service.namespace.as_str()) && self.labels.chooses(labels)
    }

    /// What is left of the Services among which it chose: `services` of so many, in these namespaces.
    pub fn shown(&self, services: usize, of: usize, namespaces: &BTreeSet<&str>) -> Shown {
        let wanted = self.namespaces.iter().map(Namespace::as_str);
        let missing = wanted.filter(|wanted| !namespaces.contains(wanted));
        let missing = missing.map(|wanted| Missing {
            namespace: wanted.into(),
            near: nearest::few(wanted, namespaces.iter().copied(), Slips::OneInOrOne(3)),
        });
        Shown {
            missing: missing.collect(),
            filter: self.clone(),
            services,
            of,
        }
    }
}

impl fmt::Display for Filter {
    /// What its Services have in common: `in namespace shop, labelled app=cart`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.namespaces.iter().map(Namespace::as_str).collect();
        if let [_, ..] = names[..] {
            let noun = agree(names.len(), "namespace", "namespaces");
            write!(f, "in {noun} {}", names.join(", "))?;
        }
        if !self.labels.is_open() {
            let comma = if names.is_empty() { "" } else { ", " };
            write!(f, "{comma}labelled {}", self.labels)?;
        }
        Ok(())
    }
}

/// What a filter left of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What chose.
    pub filter: Filter,
    /// How many Services are told about.
    pub services: usize,
    /// How many there are.
    pub of: usize,
    /// Namespaces that were named, and have no Service.
    pub missing: Vec<Missing>,
}

/// A namespace without any Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Its name, as it was asked for.
    pub namespace: Box<str>,
    /// Those that may be meant.
    pub near: Vec<String>,
}

impl fmt::Display for Shown {
    /// `12 of 40 Services are shown, those in namespace shop`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            filter,
            services,
            of,
            ..
        } = self;
        let all = count(*of, "Service");
        if *services == 0 {
            return write!(f, "none of {all} is {filter}");
        }
        let are = agree(*services, "is shown, that", "are shown, those");
        write!(f, "{services} of {all} {are} {filter}")
    }
}

impl Shown {
    /// For machines: `namespaces` and `selector` where they were given, `services` of how many (`of`).
    pub fn to_json(&self) -> Value {
        let mut value = json!({ "services": self.services, "of": self.of });
        let Filter { namespaces, labels } = &self.filter;
        if !namespaces.is_empty() {
            value["namespaces"] = namespaces.iter().map(Namespace::as_str).collect();
        }
        if !labels.is_open() {
            value["selector"] = labels.to_string().into();
        }
        value
    }

    /// What to ask for, where nothing is shown.
    pub fn advice(&self) -> String {
        let near = self.missing.iter().flat_map(|one| &one.near);
        let near: BTreeSet<&str> = near.map(String::as_str).collect();
        if near.is_empty() {
            let advice = if self.filter.labels.is_open() {
                "check the name of the namespace"
            } else {
                "check the labels: those of the Services themselves count, not those of their Pods"
            };
            return advice.to_owned();
        }
        let near: Vec<&str> = near.into_iter().collect();
        format!("check the namespace; near is {}", near.join(", "))
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "No Service is in namespace {}", self.namespace)?;
        match &self.near[..] {
            [] => Ok(()),
            near => write!(f, "; near is {}", near.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let shop = || BTreeSet::from([Namespace::parse("shop").unwrap()]);
        let cart = || "app=cart".parse().unwrap();
        for (namespaces, labels, services, said) in [
            (
                shop(),
                LabelSelector::default(),
                12,
                "12 of 40 Services are shown, those in namespace shop",
            ),
            (
                shop(),
                cart(),
                1,
                "1 of 40 Services is shown, that in namespace shop, labelled app=cart",
            ),
            (
                BTreeSet::new(),
                cart(),
                0,
                "none of 40 Services is labelled app=cart",
            ),
        ] {
            let filter = Filter { namespaces, labels };
            let shown = filter.shown(services, 40, &BTreeSet::from(["shop"]));
            assert_eq!(shown.to_string(), said);
        }
    }

    #[test]
    fn a_namespace_without_services_is_told_with_what_is_near() {
        let namespaces = BTreeSet::from([Namespace::parse("shpo").unwrap()]);
        let filter = Filter {
            namespaces,
            ..Filter::default()
        };
        let shown = filter.shown(0, 2, &BTreeSet::from(["shop", "kube-system"]));
        let said = shown.missing.iter().map(ToString::to_string);
        assert_eq!(
            said.collect::<Vec<_>>(),
            ["No Service is in namespace shpo; near is shop"]
        );
    }
}
