//! What a SPNEGO token says.

use crate::ntlmssp::Carrier;

/// A token (RFC 4178 4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpnegoToken {
    /// NegTokenInit, or the server's NegTokenInit2.
    Init(Box<NegTokenInit>),
    /// NegTokenResp.
    Response(Box<NegTokenResp>),
}

/// NegTokenInit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegTokenInit {
    /// What carried it.
    pub carrier: Carrier,
    /// mechTypes as dotted OIDs, in order.
    pub mechanisms: Vec<String>,
    /// What the optimistic mechToken is.
    pub token: MechToken,
    /// negHints hintName of a NegTokenInit2.
    pub hint: Option<String>,
}

/// NegTokenResp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegTokenResp {
    /// What carried it.
    pub carrier: Carrier,
    /// negState: 0 accept-completed, 1 accept-incomplete, 2 reject, 3 request-mic.
    pub state: Option<u8>,
    /// supportedMech as a dotted OID.
    pub supported: Option<String>,
    /// What the responseToken is.
    pub token: MechToken,
}

/// The kind of a mechanism's token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MechToken {
    /// None sent.
    #[default]
    None,
    /// NTLMSSP, by message type.
    Ntlmssp(u32),
    /// Kerberos, by GSS token id or APPLICATION tag: AP-REQ.
    KerberosApReq,
    /// AP-REP.
    KerberosApRep,
    /// KRB-ERROR, by its code.
    KerberosError(i32),
    /// User-to-user TGT request or reply.
    KerberosUserToUser,
    /// Something else.
    Other,
}
