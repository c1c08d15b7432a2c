//! A message of the family.

use netlink_packet_core::{DecodeError, Emitable, ErrorContext, ParseableParametrized};
use netlink_packet_generic::{GenlFamily, GenlHeader};

use super::attribute::parse_attributes;
use super::{InfoAttr, IpvsAttr, IpvsCmd};

/// A message: a command and its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpvsMessage {
    /// What is asked or told (`cmd` of the generic header).
    pub cmd: IpvsCmd,
    /// What the command is about, in the order of the bytes.
    pub attrs: IpvsAttrs,
}

/// The attributes of a message: the reply to `GET_INFO` has a space of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpvsAttrs {
    /// Of every other command.
    Common(Vec<IpvsAttr>),
    /// Of [`IpvsCmd::SetInfo`]: version and size of the connection table.
    Info(Vec<InfoAttr>),
}

impl IpvsMessage {
    /// A message with attributes of the common space.
    pub fn new(cmd: IpvsCmd, attrs: Vec<IpvsAttr>) -> Self {
        Self {
            cmd,
            attrs: IpvsAttrs::Common(attrs),
        }
    }

    /// Attributes of the common space.
    pub fn common(&self) -> &[IpvsAttr] {
        match &self.attrs {
            IpvsAttrs::Common(attrs) => attrs,
            IpvsAttrs::Info(_) => &[],
        }
    }

    /// Likewise, to be kept.
    pub fn into_common(self) -> Vec<IpvsAttr> {
        match self.attrs {
            IpvsAttrs::Common(attrs) => attrs,
            IpvsAttrs::Info(_) => Vec::new(),
        }
    }
}

impl GenlFamily for IpvsMessage {
    fn family_name() -> &'static str {
        "IPVS"
    }

    fn command(&self) -> u8 {
        self.cmd.into()
    }

    fn version(&self) -> u8 {
        1
    }
}

impl Emitable for IpvsMessage {
    fn buffer_len(&self) -> usize {
        match &self.attrs {
            IpvsAttrs::Common(attrs) => attrs.as_slice().buffer_len(),
            IpvsAttrs::Info(attrs) => attrs.as_slice().buffer_len(),
        }
    }

    fn emit(&self, buffer: &mut [u8]) {
        match &self.attrs {
            IpvsAttrs::Common(attrs) => attrs.as_slice().emit(buffer),
            IpvsAttrs::Info(attrs) => attrs.as_slice().emit(buffer),
        }
    }
}

impl ParseableParametrized<[u8], GenlHeader> for IpvsMessage {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        let cmd = header.cmd.try_into()?;
        let attrs = match cmd {
            IpvsCmd::SetInfo => parse_attributes(bytes).map(IpvsAttrs::Info),
            _ => parse_attributes(bytes).map(IpvsAttrs::Common),
        };
        Ok(Self {
            cmd,
            attrs: attrs.context(cmd.as_str())?,
        })
    }
}
