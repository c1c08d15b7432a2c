//! Commands of the family (`IPVS_CMD_*`).

use netlink_packet_core::DecodeError;

closed_set! {
    /// A command, by the kernel's name without `IPVS_CMD_`, and its number.
    #[repr(u8)]
    pub enum IpvsCmd {
        /// Add a virtual server; also every reply to `GetService`.
        NewService = "NEW_SERVICE": 1,
        /// Change a virtual server.
        SetService = "SET_SERVICE": 2,
        /// Delete a virtual server with its destinations.
        DelService = "DEL_SERVICE": 3,
        /// Get a virtual server, or dump all.
        GetService = "GET_SERVICE": 4,
        /// Add a destination; also every reply to `GetDest`.
        NewDest = "NEW_DEST": 5,
        /// Change a destination.
        SetDest = "SET_DEST": 6,
        /// Delete a destination.
        DelDest = "DEL_DEST": 7,
        /// Dump the destinations of a virtual server.
        GetDest = "GET_DEST": 8,
        /// Start a synchronisation daemon; not used here.
        NewDaemon = "NEW_DAEMON": 9,
        /// Stop a synchronisation daemon; not used here.
        DelDaemon = "DEL_DAEMON": 10,
        /// Dump synchronisation daemons; not used here.
        GetDaemon = "GET_DAEMON": 11,
        /// Set timeouts; also the reply to `GetConfig`.
        SetConfig = "SET_CONFIG": 12,
        /// Get the idle timeouts of TCP and UDP.
        GetConfig = "GET_CONFIG": 13,
        /// Reply to `GetInfo` only.
        SetInfo = "SET_INFO": 14,
        /// Get version and size of the connection table.
        GetInfo = "GET_INFO": 15,
        /// Reset statistics, of one virtual server or of all.
        Zero = "ZERO": 16,
        /// Delete all virtual servers.
        Flush = "FLUSH": 17,
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
