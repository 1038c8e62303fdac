//! What is told of QUIC: that it is spoken.

/// The first Initial packet of a flow (RFC 9000 17.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuicEvent {
    /// Version: 1, `0x6b3343cf` for version 2, `0xff0000xx` for drafts.
    pub version: u32,
}
