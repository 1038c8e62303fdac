//! What a NetBIOS name service packet says.

use std::net::Ipv4Addr;

/// A packet (RFC 1002 4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NbnsMessage {
    /// NAME_TRN_ID.
    pub trn_id: u16,
    /// Whether it is a response.
    pub response: bool,
    /// OPCODE: 0 query, 5 registration, 6 release, 7 WACK, 8 and 9 refresh, 15 multi-homed registration.
    pub opcode: u8,
    /// NM_FLAGS and RCODE as the whole flags word.
    pub flags: u16,
    /// RCODE.
    pub rcode: u8,
    /// The name's 15 bytes, padding stripped, unprintable bytes as `<00>`.
    pub name: String,
    /// The 16th byte.
    pub suffix: u8,
    /// QUESTION_TYPE or RR_TYPE: 0x0020 NB, 0x0021 NBSTAT.
    pub qtype: u16,
    /// Addresses in NB records, with their NB_FLAGS.
    pub addresses: Vec<(u16, Ipv4Addr)>,
    /// Names in an NBSTAT answer, as `NAME<00>`.
    pub names: Vec<String>,
    /// Unit identifier (MAC address) of an NBSTAT answer.
    pub unit_id: Option<[u8; 6]>,
    /// TTL of the record, in seconds.
    pub ttl: Option<u32>,
    /// QDCOUNT.
    pub questions: u16,
}

impl NbnsMessage {
    /// Whether the B bit is set: sent by broadcast.
    #[must_use]
    pub const fn is_broadcast(&self) -> bool {
        self.flags & 0x0010 != 0
    }

    /// Name and suffix as `NAME<1a>`.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{}<{:02x}>", self.name, self.suffix)
    }
}
