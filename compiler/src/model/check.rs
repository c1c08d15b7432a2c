//! Reading the fields of one object: what the API would refuse is reported, with the field's path.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::{AddressError, Special};
use super::name::{InterfaceName, NameError, Namespace, PortName};
use super::spelling::{self, Odd, Read};
use super::{Port, Protocol};
use crate::diag::{Code, Finding, Findings, Place, Severity};
use crate::source::{Field, FieldPath, ObjectId};

/// What an address is that packets are to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    ClusterIp,
    ExternalIp,
    LoadBalancerIp,
    Endpoint,
}

/// The findings of one object under conversion.
#[derive(Debug)]
pub(super) struct Check {
    /// The object that findings are about unless told otherwise.
    pub(super) object: ObjectId,
    /// What was found so far.
    pub(super) findings: Findings,
}

impl Check {
    pub(super) fn new(object: ObjectId) -> Self {
        Self {
            object,
            findings: Findings::default(),
        }
    }

    pub(super) fn at(&self, path: FieldPath) -> Place {
        Place::Field(self.object, path)
    }

    pub(super) fn field(&self, field: Field) -> Place {
        self.at(field.path())
    }

    pub(super) fn error(&mut self, code: Code, place: Place, message: String, help: &str) {
        self.findings
            .push(Finding::error(code, place, message).help(help));
    }

    pub(super) fn warning(&mut self, code: Code, place: Place, message: String, help: &str) {
        self.findings
            .push(Finding::warning(code, place, message).help(help));
    }

    /// An address that must be one. Old spellings are read as kube-proxy reads them.
    pub(super) fn ip(&mut self, text: &str, place: impl Into<Place>) -> Option<IpAddr> {
        match spelling::ip(text) {
            Ok(Read { value, odd: None }) => Some(value),
            Ok(Read {
                value,
                odd: Some(odd),
            }) => {
                self.odd("address", text, place.into(), odd, &value.to_string());
                Some(value)
            }
            Err(error) => self.bad_address("address", text, place.into(), error),
        }
    }

    /// An address that packets are to go to.
    pub(super) fn target(
        &mut self,
        target: Target,
        text: &str,
        place: impl Into<Place>,
    ) -> Option<IpAddr> {
        let place = place.into();
        let address = self.ip(text, place.clone())?;
        let Some(special) = Special::of(address) else {
            return Some(address);
        };
        let special = match (target, special) {
            // A cluster's own ranges and its load balancers are where somebody put them.
            (
                Target::ClusterIp | Target::LoadBalancerIp,
                Special::Loopback | Special::LinkLocal | Special::Metadata,
            ) => return Some(address),
            (_, special) => special,
        };
        let (code, what, help) = match target {
            Target::ClusterIp => (
                Code::AddressInvalid,
                "cluster IP",
                "use an address of the cluster's range for Services",
            ),
            Target::ExternalIp => (
                Code::ExternalIp,
                "external IP",
                "use an address that packets from outside can have, and that is nobody else's",
            ),
            Target::LoadBalancerIp => (
                Code::LoadBalancerIp,
                "load balancer IP",
                "use an address that packets from outside can have",
            ),
            Target::Endpoint => (
                Code::SpecialEndpoint,
                "endpoint",
                "point it at a pod, or remove it",
            ),
        };
        let why = match (target, special) {
            (_, Special::Multicast) => "which takes no connection",
            (Target::Endpoint, _) => "and no pod has such an address",
            _ => "and the API server refuses it",
        };
        self.error(
            code,
            place,
            format!("{what} {address} is {special}, {why}"),
            help,
        );
        None
    }

    /// A range that must be one, host bits kept.
    pub(super) fn net(&mut self, text: &str, place: impl Into<Place>) -> Option<IpNet> {
        match spelling::net(text) {
            Ok(Read { value, odd: None }) => Some(value),
            Ok(Read {
                value,
                odd: Some(odd),
            }) => {
                self.odd("range", text, place.into(), odd, &value.to_string());
                Some(value)
            }
            Err(error) => self.bad_address("range", text, place.into(), error),
        }
    }

    /// A range that must be one, host bits cleared.
    pub(super) fn range(&mut self, what: &str, text: &str, origin: Place) -> Option<IpNet> {
        let net = self.net(text, origin.clone())?;
        if net != net.trunc() {
            self.warning(
                Code::HostBits,
                origin,
                format!("{what} {net} has host bits; it means {}", net.trunc()),
                "write the range without host bits",
            );
        }
        Some(net.trunc())
    }

    fn odd(&mut self, what: &str, text: &str, place: Place, odd: Odd, plain: &str) {
        self.warning(
            Code::AddressNotCanonical,
            place,
            format!(
                "{what} {} {odd}; kube-proxy reads it as {plain}",
                quoted(text)
            ),
            &format!("write {plain}"),
        );
    }

    fn bad_address<T>(
        &mut self,
        what: &str,
        text: &str,
        place: Place,
        error: AddressError,
    ) -> Option<T> {
        let code = if error.is_ambiguous() {
            Code::AddressNotCanonical
        } else {
            Code::AddressInvalid
        };
        let help = match error {
            AddressError::NotARange => "write a range such as 10.0.0.0/8 or fd00::/8",
            AddressError::Zone => "use an address that means the same on every machine",
            AddressError::NotAnAddress | AddressError::LeadingZeros | AddressError::Mapped => {
                "write an address such as 10.0.0.1 or fd00::1"
            }
        };
        self.error(
            code,
            place,
            format!("{what} {} {error}", quoted(text)),
            help,
        );
        None
    }

    /// Reads what no rule depends on: what the API server would refuse there is no reason not to
    /// compile.
    pub(super) fn inert<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.findings);
        let value = read(self);
        let found = std::mem::replace(&mut self.findings, before);
        for finding in found {
            self.findings.push(match finding.severity {
                Severity::Error => Finding {
                    severity: Severity::Warning,
                    code: Code::ApiRefuses,
                    ..finding
                },
                Severity::Warning | Severity::Info => finding,
            });
        }
        value
    }

    /// A port that must be one.
    pub(super) fn port(&mut self, number: i32, place: Place) -> Option<Port> {
        Port::try_from(number)
            .map_err(|_| {
                self.error(
                    Code::PortRange,
                    place,
                    format!("port {number} is out of range"),
                    "use a port from 1 to 65535",
                );
            })
            .ok()
    }

    /// A port that may be absent, which is also what 0 says.
    pub(super) fn optional_port(&mut self, number: Option<i32>, place: Place) -> Option<Port> {
        match number {
            None | Some(0) => None,
            Some(number) => self.port(number, place),
        }
    }

    /// A name that must be one.
    pub(super) fn name<T>(
        &mut self,
        what: &str,
        text: &str,
        result: Result<T, NameError>,
        place: Place,
    ) -> Option<T> {
        result
            .map_err(|error| {
                let message = match error {
                    NameError::Empty => format!("{what} {error}"),
                    _ => format!("{what} {} {error}", quoted(text)),
                };
                self.error(
                    name_code(&error),
                    place,
                    message,
                    "use a name that the API server accepts",
                );
            })
            .ok()
    }

    /// The name of an interface that must be one.
    pub(super) fn interface(
        &mut self,
        what: &str,
        text: &str,
        place: Place,
    ) -> Option<InterfaceName> {
        InterfaceName::parse(text)
            .map_err(|error| {
                self.error(
                    name_code(&error),
                    place,
                    format!("{what} {} {error}", quoted(text)),
                    "write the name as `ip link` prints it",
                );
            })
            .ok()
    }

    /// The object's namespace; `default` where the manifest names none.
    pub(super) fn namespace(&mut self, text: Option<&str>) -> Option<Namespace> {
        let text = text.unwrap_or("default");
        let place = self.at(metadata("namespace"));
        self.name("namespace", text, Namespace::parse(text), place)
    }

    /// The name of a port.
    pub(super) fn port_name(&mut self, text: &str, place: Place) -> Option<PortName> {
        self.name("port name", text, PortName::parse(text), place)
    }

    /// A value of a closed set; absent and empty text mean the default.
    pub(super) fn choice<T: Copy>(
        &mut self,
        text: Option<&str>,
        default: T,
        values: &[(&str, T)],
        place: Place,
    ) -> Option<T> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Some(default);
        };
        if let Some((_, value)) = values.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        self.unknown(Code::UnknownValue, text, values, place);
        None
    }

    /// A transport protocol; TCP where there is none.
    pub(super) fn protocol(&mut self, text: Option<&str>, place: Place) -> Option<Protocol> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Some(Protocol::Tcp);
        };
        let known = Protocol::ALL.map(|protocol| (protocol.as_str(), protocol));
        let protocol = text.parse().ok();
        if protocol.is_none() {
            self.unknown(Code::UnknownProtocol, text, &known, place);
        }
        protocol
    }

    fn unknown<T>(&mut self, code: Code, text: &str, values: &[(&str, T)], place: Place) {
        let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        self.error(
            code,
            place,
            format!("unknown value {}", quoted(text)),
            &format!("use one of: {}", known.join(", ")),
        );
    }
}

fn name_code(error: &NameError) -> Code {
    match error {
        NameError::TooLong { .. } => Code::NameTooLong,
        NameError::Character { .. } => Code::NameCharacter,
        NameError::Empty | NameError::Ends => Code::Name,
    }
}

/// Text of the input in quotes, cut where it is longer than any that is right.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 64;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The path of a field directly below `spec`.
pub(super) fn spec(key: &'static str) -> FieldPath {
    FieldPath::root().key("spec").key(key)
}

/// The path of a metadata field.
pub(super) fn metadata(key: &'static str) -> FieldPath {
    FieldPath::root().key("metadata").key(key)
}
