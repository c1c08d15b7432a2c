//! Reading the fields of one object: what the API would refuse is reported, with the field's path.

use std::net::IpAddr;

use ipnet::IpNet;

use super::address::{self, AddressError, parse_ip, parse_net};
use super::name::{InterfaceName, NameError, Namespace, PortName};
use super::{Port, Protocol};
use crate::diag::{Code, Finding, Findings, Place};
use crate::source::{Field, FieldPath, ObjectId};

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

    /// An address that must be one, in one spelling only.
    pub(super) fn ip(&mut self, text: &str, place: impl Into<Place>) -> Option<IpAddr> {
        parse_ip(text)
            .map_err(|error| self.bad_address("address", text, place.into(), error))
            .ok()
    }

    /// A range that must be one, host bits kept.
    pub(super) fn net(&mut self, text: &str, place: impl Into<Place>) -> Option<IpNet> {
        parse_net(text)
            .map_err(|error| self.bad_address("range", text, place.into(), error))
            .ok()
    }

    fn bad_address(&mut self, what: &str, text: &str, place: Place, error: AddressError) {
        let code = if error.is_ambiguous() {
            Code::AddressNotCanonical
        } else {
            Code::AddressInvalid
        };
        let help = match (error, address::suggestion(text)) {
            (AddressError::NotAnAddress, _) => {
                "write an address such as 10.0.0.1 or fd00::1".to_owned()
            }
            (AddressError::NotARange, _) => {
                "write a range such as 10.0.0.0/8 or fd00::/8".to_owned()
            }
            (AddressError::Zone, _) => {
                "use an address that means the same on every machine".to_owned()
            }
            (AddressError::LeadingZeros, Some(plain)) => {
                format!("write {plain} if the numbers are decimal")
            }
            (AddressError::Mapped, Some(plain)) => format!("write {plain}"),
            (AddressError::LeadingZeros | AddressError::Mapped, None) => {
                "write it in its usual form".to_owned()
            }
        };
        self.error(
            code,
            place,
            format!("{what} {} {error}", quoted(text)),
            &help,
        );
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
        let known = Protocol::ALL.map(|protocol| (protocol.upper(), protocol));
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
