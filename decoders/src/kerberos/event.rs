//! What a Kerberos message says in the clear. Tickets and authenticators are never kept.

use crate::ntlmssp::Carrier;

/// A message (RFC 4120 5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerberosEvent {
    /// msg-type: 10 AS-REQ, 11 AS-REP, 12 TGS-REQ, 13 TGS-REP, 14 AP-REQ, 15 AP-REP, 30 KRB-ERROR.
    pub msg_type: u8,
    /// What token carried it; absent on port 88.
    pub carrier: Option<Carrier>,
    /// KDC-REQ: realm of the body; replies and AP-REQ: realm of the ticket; KRB-ERROR: realm.
    pub realm: String,
    /// Client's realm, in replies.
    pub crealm: String,
    /// Service name, components joined by `/`.
    pub sname: String,
    /// Client name, components joined by `/`.
    pub cname: String,
    /// KRB-ERROR: error-code.
    pub error_code: Option<i32>,
    /// KDC-REQ: etypes offered, in order.
    pub etypes: Vec<i32>,
    /// etype of the ticket's encrypted part.
    pub ticket_etype: Option<i32>,
    /// KDC-REQ: types of the padata, in order.
    pub padata: Vec<i32>,
    /// KDC-REQ with PA-ENC-TIMESTAMP: its etype. Replies: etype of the encrypted part. AP-REQ: of the authenticator.
    pub encrypted_etype: Option<i32>,
    /// KDC-REQ: NetBIOS name among the addresses: the client's workstation.
    pub client_host: Option<String>,
    /// AP-REQ: ap-options ask for mutual authentication.
    pub mutual_required: bool,
    /// KRB-ERROR: server's time, seconds since 1970.
    pub server_time: Option<i64>,
}

impl From<KerberosEvent> for crate::Event {
    fn from(event: KerberosEvent) -> Self {
        Self::Kerberos(Box::new(event))
    }
}
