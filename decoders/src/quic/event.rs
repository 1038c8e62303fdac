//! What a QUIC client asks for.

/// A connection begins (RFC 9000 17.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuicEvent {
    /// Version of the client's first packet: 1, or 0x6b3343cf for version 2 (RFC 9369).
    pub version: u32,
    /// Extension `server_name` of the ClientHello (RFC 6066 3).
    pub server_name: Option<String>,
    /// Protocols offered in the ClientHello, in order (RFC 7301): `h3`, `smb`.
    pub alpn: Vec<String>,
}

impl QuicEvent {
    /// Whether the client wants SMB over QUIC ([MS-SMB2] 2.1).
    #[must_use]
    pub fn is_smb(&self) -> bool {
        self.alpn.iter().any(|name| name == "smb")
    }
}
