//! What SMB says, in one vocabulary for SMB1 and SMB2/3 where they mean the same.

/// Something seen of an SMB connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SmbEvent {
    /// NetBIOS session request on port 139 (RFC 1002 4.3.2): called and calling name as `NAME<20>`.
    NetbiosSession {
        /// CALLED NAME.
        called: String,
        /// CALLING NAME.
        calling: String,
    },
    /// Negotiate request.
    NegotiateRequest(Box<NegotiateRequest>),
    /// Negotiate response.
    NegotiateResponse(Box<NegotiateResponse>),
    /// Session setup request.
    SessionSetupRequest(Box<SessionSetupRequest>),
    /// Session setup response.
    SessionSetupResponse(Box<SessionSetupResponse>),
    /// Tree connect request.
    TreeConnect(Box<TreeConnect>),
    /// Tree connect response.
    TreeConnected(Box<TreeConnected>),
    /// Create or open request.
    Create(Box<Create>),
    /// The answer to a create or open request.
    Created(Box<Created>),
    /// Query directory (SMB2) or find first (SMB1) request: a search pattern.
    QueryDirectory(Box<QueryDirectory>),
    /// A file that was written in the clear was closed, or nothing follows: only what it is and its length are kept,
    /// and for ConfigMgr's `MobileClient.tcf`, written in order and small, the harmless lines of it.
    FileWritten(Box<FileWritten>),
    /// A file was marked for deletion.
    Delete(Box<Delete>),
    /// First message of a session that is signed, in each direction.
    Signed {
        /// 1 or 2.
        smb: u8,
        /// Session (SMB2) or user (SMB1) identifier.
        session: u64,
    },
    /// First encrypted message (transform header) of a session, in each direction.
    Encrypted {
        /// Session identifier.
        session: u64,
    },
    /// Logoff request.
    Logoff {
        /// Session identifier.
        session: u64,
    },
}

/// Negotiate request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegotiateRequest {
    /// 1 or 2.
    pub smb: u8,
    /// SMB1: strings as sent; SMB2: `0x0311`.
    pub dialects: Vec<String>,
    /// SecurityMode bit 0 (SMB2).
    pub signing_enabled: bool,
    /// SecurityMode bit 1 (SMB2).
    pub signing_required: bool,
    /// Negotiate context NETNAME_NEGOTIATE_CONTEXT_ID: the server as the client named it.
    pub net_name: Option<String>,
    /// ClientGuid (SMB2), as a GUID string.
    pub client_guid: Option<String>,
    /// Encryption algorithms offered (3.1.1).
    pub ciphers: Vec<u16>,
    /// Signing algorithms offered (3.1.1).
    pub signing_algorithms: Vec<u16>,
}

/// Negotiate response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegotiateResponse {
    /// 1 or 2.
    pub smb: u8,
    /// SMB1: the string chosen, where the request was seen; SMB2: `0x0311`.
    pub dialect: Option<String>,
    /// Server can sign.
    pub signing_enabled: bool,
    /// Server requires signing.
    pub signing_required: bool,
    /// SMB2: CAP_ENCRYPTION.
    pub encryption_capability: bool,
    /// SMB2 3.1.1: encryption algorithm chosen.
    pub ciphers: Vec<u16>,
    /// SMB2 3.1.1: signing algorithm chosen.
    pub signing_algorithms: Vec<u16>,
    /// SMB2: ServerGuid as a GUID string.
    pub server_guid: Option<String>,
    /// SMB1: extended security.
    pub extended_security: bool,
    /// Mechanism OIDs of the server's SPNEGO hint, in order.
    pub auth_mechs: Vec<String>,
    /// Status, where the server would not negotiate; then nothing else is known.
    pub status: u32,
}

/// Session setup request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSetupRequest {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier, 0 in the first request.
    pub session: u64,
    /// `ntlmssp` or `kerberos`, where the blob shows one.
    pub mechanism: Option<&'static str>,
    /// Whether the blob is raw NTLMSSP, without SPNEGO.
    pub raw_ntlm: bool,
    /// SMB2 SecurityMode bit 1.
    pub signing_required: bool,
    /// SMB1: NativeOS.
    pub native_os: Option<String>,
    /// SMB1 without extended security: AccountName.
    pub account: Option<String>,
    /// SMB1 without extended security: PrimaryDomain.
    pub domain: Option<String>,
    /// SMB1 without extended security: length of the case-insensitive (LM) response in bytes.
    pub lm_response_len: Option<u64>,
    /// SMB1 without extended security: length of the case-sensitive (NT) response in bytes.
    pub nt_response_len: Option<u64>,
    /// SMB1 without extended security: what the lengths and contents of the responses amount to.
    pub raw_response: Option<crate::ntlmssp::Response>,
}

/// Session setup response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionSetupResponse {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// NTSTATUS, or a DOS error; 0 is success in both.
    pub status: u32,
    /// SMB1: the status is a DOS error, its class in the lowest byte and its code in the highest two.
    pub dos: bool,
    /// Logged on as guest.
    pub guest: bool,
    /// Anonymous (null) session.
    pub anonymous: bool,
    /// The session is to be encrypted.
    pub encrypt: bool,
    /// SMB1: NativeOS.
    pub native_os: Option<String>,
}

/// Tree connect request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeConnect {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// Path as sent, `\\server\share`.
    pub path: String,
}

/// Tree connect response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeConnected {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// NTSTATUS.
    pub status: u32,
    /// Tree identifier.
    pub tree: u32,
    /// Path of the request, where that was seen.
    pub path: Option<String>,
    /// SMB2 ShareType: 1 disk, 2 pipe, 3 print.
    pub share_type: u8,
    /// SMB2 SMB2_SHAREFLAG_ENCRYPT_DATA: the share demands encryption.
    pub encrypt: bool,
}

/// Create or open request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Create {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// Path of its tree, where the tree connect was seen.
    pub tree_path: Option<String>,
    /// Name as sent, relative to the share.
    pub filename: String,
    /// DesiredAccess.
    pub access: u32,
    /// CreateDisposition: 1 open, 2 create, 3 open or create, 5 overwrite or create.
    pub disposition: u32,
    /// CreateOptions.
    pub options: u32,
}

/// The answer to a create or open request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Created {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// NTSTATUS.
    pub status: u32,
    /// Path of its tree, where the tree connect was seen.
    pub tree_path: Option<String>,
    /// Name of the request, where that was seen.
    pub filename: Option<String>,
}

/// A directory search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryDirectory {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// Path of its tree, where the tree connect was seen.
    pub tree_path: Option<String>,
    /// The pattern.
    pub pattern: String,
}

/// A file written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileWritten {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// Path of its tree, where the tree connect was seen.
    pub tree_path: Option<String>,
    /// Name, relative to the share.
    pub filename: String,
    /// Bytes written so far.
    pub len: u64,
    /// For `MobileClient.tcf`: the keys found in it with their values, except keys and certificates, whose values
    /// are replaced by their length.
    pub settings: Vec<(String, String)>,
}

/// A file marked for deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delete {
    /// 1 or 2.
    pub smb: u8,
    /// Session or user identifier.
    pub session: u64,
    /// Path of its tree, where the tree connect was seen.
    pub tree_path: Option<String>,
    /// Name, relative to the share.
    pub filename: String,
}
