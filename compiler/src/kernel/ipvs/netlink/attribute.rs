//! Values of attributes, and the macro that makes an attribute space from a table.

use netlink_packet_core::{
    DecodeError, Emitable, Nla, NlaBuffer, NlasIterator, Parseable, parse_i32, parse_string,
    parse_u8, parse_u16, parse_u16_be, parse_u32, parse_u64,
};

use super::byte_order::{Order, turn_attributes};
use crate::model::IpFamily;

/// What an attribute can hold.
pub(super) trait Value: Sized {
    /// Flags of the attribute's kind.
    const FLAGS: u16 = 0;
    /// Its length in bytes.
    fn len(&self) -> usize;
    /// Writes it to a buffer of that length.
    fn emit(&self, buffer: &mut [u8]);
    /// Reads the attribute's bytes, without its header; an error where they are none of this kind.
    fn parse(bytes: &[u8]) -> Result<Self, DecodeError>;
    /// Turns its bytes from an order to the other.
    fn turn(bytes: &mut [u8], from: Order);
}

/// The attributes of one kind of nest.
pub(super) trait Space: Nla + for<'a> Parseable<NlaBuffer<&'a [u8]>> {
    /// Turns the value of an attribute of this kind from an order to the other.
    fn turn(kind: u16, value: &mut [u8], from: Order);
}

/// Parses attributes, one after the other.
pub(super) fn parse_attributes<A: Space>(bytes: &[u8]) -> Result<Vec<A>, DecodeError> {
    NlasIterator::new(bytes)
        .map(|nla| nla.and_then(|nla| A::parse(&nla)))
        .collect()
}

/// A number in network order: ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetU16(pub u16);

/// For IPv4 a mask in network order, for IPv6 a prefix length in the machine's order.
///
/// In the artefact it always stands for a single address: all ones, or 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Netmask(pub [u8; 4]);

impl Netmask {
    /// The mask of a single address: every client for itself.
    pub fn host(family: IpFamily) -> Self {
        match family {
            IpFamily::V4 => Self([0xff; 4]),
            IpFamily::V6 => Self(128_u32.to_ne_bytes()),
        }
    }
}

macro_rules! numbers {
    ($($type:ty: $parse:ident;)*) => {$(
        impl Value for $type {
            fn len(&self) -> usize {
                size_of::<Self>()
            }

            fn emit(&self, buffer: &mut [u8]) {
                buffer.copy_from_slice(&self.to_ne_bytes());
            }

            fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
                $parse(bytes)
            }

            fn turn(bytes: &mut [u8], _: Order) {
                bytes.reverse();
            }
        }
    )*};
}

numbers! {
    u8: parse_u8;
    u16: parse_u16;
    u32: parse_u32;
    i32: parse_i32;
    u64: parse_u64;
}

impl Value for NetU16 {
    fn len(&self) -> usize {
        2
    }

    fn emit(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.0.to_be_bytes());
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        parse_u16_be(bytes).map(Self)
    }

    fn turn(_: &mut [u8], _: Order) {}
}

impl Value for Netmask {
    fn len(&self) -> usize {
        4
    }

    fn emit(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(&self.0);
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        array(bytes).map(Self)
    }

    fn turn(bytes: &mut [u8], _: Order) {
        bytes.reverse();
    }
}

/// An address: IPv6, or IPv4 in the first four bytes.
impl Value for [u8; 16] {
    fn len(&self) -> usize {
        16
    }

    fn emit(&self, buffer: &mut [u8]) {
        buffer.copy_from_slice(self);
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        array(bytes)
    }

    fn turn(_: &mut [u8], _: Order) {}
}

/// Text with a final NUL.
impl Value for String {
    fn len(&self) -> usize {
        self.as_str().len() + 1
    }

    fn emit(&self, buffer: &mut [u8]) {
        let (nul, text) = (self.as_str().len(), self.as_bytes());
        buffer[..nul].copy_from_slice(text);
        buffer[nul] = 0;
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        parse_string(bytes)
    }

    fn turn(_: &mut [u8], _: Order) {}
}

/// A nest: attributes within an attribute.
impl<T: Space> Value for Vec<T> {
    const FLAGS: u16 = netlink_packet_core::NLA_F_NESTED;

    fn len(&self) -> usize {
        self.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.as_slice().emit(buffer);
    }

    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        parse_attributes(bytes)
    }

    fn turn(bytes: &mut [u8], from: Order) {
        turn_attributes(bytes, from, T::turn);
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    bytes
        .try_into()
        .map_err(|_| DecodeError::from(format!("expected {N} bytes, found {}", bytes.len())))
}

/// Makes an attribute space: an enum with `Nla`, `Parseable` and [`Space`]; attributes that the
/// table does not know are kept as `Other`.
macro_rules! attributes {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$variant_doc:meta])* $variant:ident($type:ty) = $kind:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant($type),)*
            /// One that is not known here, as it came.
            Other(netlink_packet_core::DefaultNla),
        }

        impl netlink_packet_core::Nla for $name {
            fn value_len(&self) -> usize {
                match self {
                    $(Self::$variant(value) => $crate::kernel::ipvs::netlink::attribute::Value::len(value),)*
                    Self::Other(other) => other.value_len(),
                }
            }

            fn kind(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => {
                        $kind | <$type as $crate::kernel::ipvs::netlink::attribute::Value>::FLAGS
                    })*
                    Self::Other(other) => other.kind(),
                }
            }

            fn emit_value(&self, buffer: &mut [u8]) {
                match self {
                    $(Self::$variant(value) => {
                        $crate::kernel::ipvs::netlink::attribute::Value::emit(value, buffer);
                    })*
                    Self::Other(other) => other.emit_value(buffer),
                }
            }
        }

        impl<'a> netlink_packet_core::Parseable<netlink_packet_core::NlaBuffer<&'a [u8]>> for $name {
            fn parse(
                buffer: &netlink_packet_core::NlaBuffer<&'a [u8]>,
            ) -> Result<Self, netlink_packet_core::DecodeError> {
                use netlink_packet_core::ErrorContext as _;
                Ok(match buffer.kind() {
                    $($kind => Self::$variant(
                        $crate::kernel::ipvs::netlink::attribute::Value::parse(buffer.value())
                            .context(concat!(stringify!($name), "::", stringify!($variant)))?,
                    ),)*
                    _ => Self::Other(netlink_packet_core::DefaultNla::parse(buffer)?),
                })
            }
        }

        impl $crate::kernel::ipvs::netlink::attribute::Space for $name {
            fn turn(kind: u16, value: &mut [u8], from: $crate::kernel::ipvs::netlink::byte_order::Order) {
                match kind {
                    $($kind => <$type as $crate::kernel::ipvs::netlink::attribute::Value>::turn(value, from),)*
                    _ => {}
                }
            }
        }
    };
}
