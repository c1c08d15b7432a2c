//! What `GET_INFO` answers (`IPVS_INFO_ATTR_*`): a space of its own at the top of that message.

attributes! {
    /// A fact about IPVS in this kernel.
    InfoAttr {
        /// Version: 0x010201 is 1.2.1.
        Version(u32) = 1,
        /// Buckets of the connection table.
        ConnTabSize(u32) = 2,
    }
}
