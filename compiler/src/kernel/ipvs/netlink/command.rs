//! Commands of the family (`IPVS_CMD_*`).

use std::fmt;

use netlink_packet_core::DecodeError;

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum IpvsCmd {
    /// Add a virtual server; also every reply to `GetService`.
    NewService = 1,
    /// Change a virtual server.
    SetService = 2,
    /// Delete a virtual server with its destinations.
    DelService = 3,
    /// Get a virtual server, or dump all.
    GetService = 4,
    /// Add a destination; also every reply to `GetDest`.
    NewDest = 5,
    /// Change a destination.
    SetDest = 6,
    /// Delete a destination.
    DelDest = 7,
    /// Dump the destinations of a virtual server.
    GetDest = 8,
    /// Start a synchronisation daemon; not used here.
    NewDaemon = 9,
    /// Stop a synchronisation daemon; not used here.
    DelDaemon = 10,
    /// Dump synchronisation daemons; not used here.
    GetDaemon = 11,
    /// Set timeouts; also the reply to `GetConfig`.
    SetConfig = 12,
    /// Get timeouts.
    GetConfig = 13,
    /// Reply to `GetInfo` only.
    SetInfo = 14,
    /// Get version and size of the connection table.
    GetInfo = 15,
    /// Reset statistics, of one virtual server or of all.
    Zero = 16,
    /// Delete all virtual servers.
    Flush = 17,
}

impl IpvsCmd {
    /// All commands.
    pub const ALL: [Self; 17] = [
        Self::NewService,
        Self::SetService,
        Self::DelService,
        Self::GetService,
        Self::NewDest,
        Self::SetDest,
        Self::DelDest,
        Self::GetDest,
        Self::NewDaemon,
        Self::DelDaemon,
        Self::GetDaemon,
        Self::SetConfig,
        Self::GetConfig,
        Self::SetInfo,
        Self::GetInfo,
        Self::Zero,
        Self::Flush,
    ];

    /// The kernel's name without `IPVS_CMD_`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewService => "NEW_SERVICE",
            Self::SetService => "SET_SERVICE",
            Self::DelService => "DEL_SERVICE",
            Self::GetService => "GET_SERVICE",
            Self::NewDest => "NEW_DEST",
            Self::SetDest => "SET_DEST",
            Self::DelDest => "DEL_DEST",
            Self::GetDest => "GET_DEST",
            Self::NewDaemon => "NEW_DAEMON",
            Self::DelDaemon => "DEL_DAEMON",
            Self::GetDaemon => "GET_DAEMON",
            Self::SetConfig => "SET_CONFIG",
            Self::GetConfig => "GET_CONFIG",
            Self::SetInfo => "SET_INFO",
            Self::GetInfo => "GET_INFO",
            Self::Zero => "ZERO",
            Self::Flush => "FLUSH",
        }
    }
}

impl fmt::Display for IpvsCmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<IpvsCmd> for u8 {
    fn from(cmd: IpvsCmd) -> Self {
        cmd as Self
    }
}

impl TryFrom<u8> for IpvsCmd {
    type Error = DecodeError;

    fn try_from(number: u8) -> Result<Self, DecodeError> {
        Self::ALL
            .into_iter()
            .find(|cmd| u8::from(*cmd) == number)
            .ok_or_else(|| DecodeError::from(format!("unknown IPVS command {number}")))
    }
}
