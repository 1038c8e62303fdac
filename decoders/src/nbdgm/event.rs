//! What is told of a NetBIOS datagram: between which names it goes, and for which mailslot.

/// A datagram, or the first part of one (RFC 1002 4.4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NbdgmMessage {
    /// MSG_TYPE: 16 to one host, 17 to a group, 18 by broadcast.
    pub kind: u8,
    /// SOURCE_NAME, as `NAME<00>`.
    pub source: String,
    /// DESTINATION_NAME, as `NAME<1d>`.
    pub destination: String,
    /// `\MAILSLOT\BROWSE` and its like, where an SMB1 transaction is inside.
    pub mailslot: Option<String>,
}
