//! What a QUIC connection begins with.

/// A connection begins (RFC 9000 17.2.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuicEvent {
    /// Version of the packet: 1, `0x6b3343cf` for version 2 (RFC 9369), `0xff0000xx` for drafts, `0x?a?a?a?a` for none that exists.
    pub version: u32,
    /// What the client asks for; absent where its packets cannot be opened.
    pub hello: Option<QuicHello>,
}

/// What a client asks for (RFC 9001 4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuicHello {
    /// Extension `server_name` of the ClientHello (RFC 6066 3).
    pub server_name: Option<String>,
    /// Protocols offered in the ClientHello, in order (RFC 7301): `h3`, `smb`.
    pub alpn: Vec<String>,
}

impl QuicEvent {
    /// Whether the client wants SMB over QUIC ([MS-SMB2] 2.1).
    #[must_use]
    pub fn is_smb(&self) -> bool {
        self.hello.as_ref().is_some_and(|hello| hello.alpn.iter().any(|name| name == "smb"))
    }
}
