//! Bytes that sort as the numbers do that they are made of.

use std::net::IpAddr;

use ipnet::IpNet;

/// Numbers, the most significant first.
#[derive(Debug)]
pub(super) struct Numbers(Vec<u8>);

impl Numbers {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub(super) fn address(mut self, address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => self.0.extend(address.octets()),
            IpAddr::V6(address) => self.0.extend(address.octets()),
        }
        self
    }

    pub(super) fn net(self, net: IpNet) -> Self {
        self.address(net.addr()).byte(net.prefix_len())
    }

    pub(super) fn port(mut self, port: u16) -> Self {
        self.0.extend(port.to_be_bytes());
        self
    }

    pub(super) fn number(mut self, number: u32) -> Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}
