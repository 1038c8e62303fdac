//! What a DCE/RPC connection shows in the clear.

/// Something seen of a DCE/RPC association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DcerpcEvent {
    /// Bind or alter context request.
    Bind(Box<Bind>),
    /// Bind or alter context response, or bind nak.
    BindAck {
        /// Name of the pipe it came through.
        pipe: Option<String>,
        /// Contexts accepted.
        accepted: usize,
        /// Contexts refused; a bind nak counts as 1.
        refused: usize,
    },
    /// First request with this opnum on its context; a further one where it names another service.
    Request(Box<Request>),
    /// Fault.
    Fault {
        /// Name of the pipe it came through.
        pipe: Option<String>,
        /// Status code (5: access denied).
        status: u32,
    },
}

/// Bind or alter context request ([MS-RPCE] 2.2.2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bind {
    /// Name of the pipe, where SMB carries it.
    pub pipe: Option<String>,
    /// Whether it alters an existing association.
    pub alter: bool,
    /// Interfaces: UUID in lower case and major version.
    pub interfaces: Vec<(String, u16)>,
    /// auth_type of the security trailer: 9 SPNEGO, 10 NTLM, 16 Kerberos; absent without one.
    pub auth_type: Option<u8>,
    /// auth_level: 1 none to 6 privacy.
    pub auth_level: Option<u8>,
}

/// A request ([MS-RPCE] 2.2.2.9): seen in the clear at every protection level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Name of the pipe, where SMB carries it.
    pub pipe: Option<String>,
    /// UUID of the interface its context was bound to, where the bind was seen.
    pub interface: Option<String>,
    /// opnum.
    pub opnum: u16,
    /// SVCCTL CreateServiceW or OpenServiceW in the clear: the service name.
    pub service_name: Option<String>,
}
