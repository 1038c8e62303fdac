//! What ConfigMgr messages say. Names of fields are those of the messages themselves.

/// A message, a reply, or site data fetched from a management point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CcmEvent {
    /// A message from a client (`CCM_POST`), or a part of one that could be read.
    Message(Box<CcmMessage>),
    /// The management point's reply to a message.
    Reply(Box<CcmReply>),
    /// A report posted to a fallback status point: never signed, never encrypted.
    Fsp(Box<FspReport>),
    /// What a management point answered to a `.sms_aut` query.
    SiteData(Box<SiteData>),
}

/// A client's message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CcmMessage {
    /// Which request of the flow carried it ([`crate::http::HttpRequest::exchange`]).
    pub exchange: u64,
    /// The request's path as sent, without query.
    pub path: String,
    /// Whether part of the body is missing (gap, snapshot length, limit): then nothing follows from what is absent.
    pub incomplete: bool,
    /// The `<Msg>` header; absent in header-only messages (`UploadRequest`).
    pub header: Option<MsgHeader>,
    /// The client's signature over the message.
    pub signature: Signature,
    /// The signature over the client's identifier (`ClientIDSignature`).
    pub id_signature: Signature,
    /// The payload is a CMS EnvelopedData, or hook `encrypt` says so of one that cannot be read.
    pub encrypted: bool,
    /// How the payload is compressed, by its own bytes and its hooks.
    pub compression: Compression,
    /// Payload length on the wire, in bytes.
    pub payload_len: u64,
    /// What the payload says.
    pub content: Content,
}

/// The `<Msg>` header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgHeader {
    /// `ID`: unique to the message.
    pub id: Option<String>,
    /// `TargetEndpoint`: what the message is for (`StatusReceiver`, `MP_PolicyManager`, ...).
    pub target_endpoint: Option<String>,
    /// `TargetHost`.
    pub target_host: Option<String>,
    /// `TargetAddress`.
    pub target_address: Option<String>,
    /// `SourceID`: the client's SMSID as it claims it.
    pub source_id: Option<String>,
    /// `SourceHost`: the client's NetBIOS name as it claims it.
    pub source_host: Option<String>,
    /// `ReplyTo`.
    pub reply_to: Option<String>,
    /// `ReplyMode`: `Sync`, `Async`, `NoReply`.
    pub reply_mode: Option<String>,
    /// `SentTime`.
    pub sent_time: Option<String>,
    /// `Property` named `FileType`: `SMX`, `SWM`, ...
    pub file_type: Option<String>,
    /// `Body/@Length`: the sender's count of payload text bytes. Advisory.
    pub body_length: Option<u64>,
    /// Names of the hooks in order (`clientauth`, `zlib-compress`, `encrypt`, ...).
    pub hooks: Vec<String>,
    /// `AuthSenderMachine` of the hook `clientauth`: the name the signer gives.
    pub auth_sender_machine: Option<String>,
    /// `ClientCapabilities` of the hook: `NonSSL` or `SSL`.
    pub client_capabilities: Option<String>,
    /// Whether the hook holds a media token instead of signatures.
    pub token: bool,
}

/// How a payload is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// It is not.
    #[default]
    None,
    /// zlib (RFC 1950), as named by the hook or seen in the bytes.
    Zlib,
    /// A hook that is not publicly described.
    Other,
}

/// What became of a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// What verification said.
    pub verdict: Verdict,
    /// `HashAlgorithm` as sent, an OID.
    pub hash_algorithm: Option<String>,
    /// The hash that verified, or else the one that the algorithm names.
    pub hash: Option<Hash>,
    /// RSA modulus length in bits.
    pub key_bits: Option<u32>,
    /// SHA-256 of the key as SubjectPublicKeyInfo (RFC 5280 4.1.2.7), in hex: names the key as certificates do.
    pub key_id: Option<String>,
}

/// The verdict on a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// There is no signature: no hook, or a hook without the property, or an empty property.
    #[default]
    Absent,
    /// It verifies over exactly the bytes sent, with the key sent along.
    Valid {
        /// The PKCS#1 block names its hash (DigestInfo); otherwise it holds the bare hash.
        digest_info: bool,
    },
    /// It does not verify over the bytes sent.
    Invalid,
    /// It cannot be verified, for a reason that is no fault of the sender's (`payload encrypted`, `body incomplete`,
    /// `no public key`).
    NotVerifiable(&'static str),
}

/// A hash of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// What a payload says, as far as rules need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// Nothing could be read: encrypted, incomplete, or not XML.
    #[default]
    Unread,
    /// `<Status>`: a status message.
    Status(StatusBody),
    /// `<Report>` with state messages.
    State(ReportBody),
    /// `<Report>` of inventory, discovery (DDR), metering or collected files.
    Inventory(ReportBody),
    /// `<ClientRegistrationRequest>`.
    Registration(Box<Registration>),
    /// `<RequestAssignments>`.
    Policy(PolicyRequest),
    /// A location request, by its root element.
    Location {
        /// Root element (`ContentLocationRequest`, `WSUSLocationRequest`, ...).
        root: String,
        /// Site codes named in it.
        site_code: Option<String>,
    },
    /// Some other document, by its root element.
    Other(String),
}

/// A status message's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusBody {
    /// `Type`: the event class.
    pub class: Option<String>,
    /// Property `ClientID`.
    pub client_id: Option<String>,
    /// Property `MachineName`.
    pub machine_name: Option<String>,
    /// Property `SiteCode`.
    pub site_code: Option<String>,
    /// Property `Severity`: 0 information, 1 warning, 2 error.
    pub severity: Option<String>,
    /// Property `DateTime`, as sent.
    pub date_time: Option<String>,
}

/// The header of a `<Report>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportBody {
    /// `ReportContent`: `State Message Data`, `Inventory Data`, ...
    pub content: Option<String>,
    /// `ReportType`: `Full`, `Delta`.
    pub report_type: Option<String>,
    /// `ClientID` of the machine identification.
    pub client_id: Option<String>,
    /// `NetBIOSName`.
    pub netbios_name: Option<String>,
    /// `ClientInstalled`: `1` where a client is installed.
    pub client_installed: Option<String>,
    /// State messages in it.
    pub state_messages: u64,
    /// `Topic/@Type` of the state messages, each once, in order.
    pub topic_types: Vec<String>,
}

/// A registration request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// `RequestType`: `Registration`, `Confirmation`.
    pub request_type: Option<String>,
    /// `SMSID`: empty at first registration.
    pub smsid: Option<String>,
    /// `AgentIdentity`.
    pub agent_identity: Option<String>,
    /// `AgentVersion`.
    pub agent_version: Option<String>,
    /// `AgentType`.
    pub agent_type: Option<String>,
    /// Discovery property `Netbios Name`.
    pub netbios_name: Option<String>,
    /// Discovery property `FQ Name`.
    pub fqdn: Option<String>,
    /// `Signing/@KeyType`: 1 self-signed, 2 PKI.
    pub key_type: Option<String>,
    /// SHA-256 of the signing certificate (DER), in hex.
    pub certificate_sha256: Option<String>,
    /// Subject of the signing certificate.
    pub certificate_subject: Option<String>,
    /// SHA-256 of the signing key's SubjectPublicKeyInfo, in hex: comparable with [`Signature::key_id`] and with the key
    /// of a certificate that TLS shows.
    pub key_id: Option<String>,
    /// URLs of the signing certificate's CRL distribution points.
    pub crl_urls: Vec<String>,
    /// URLs of the signing certificate's authority information access.
    pub aia_urls: Vec<String>,
    /// Whether signing and encryption certificate are the same.
    pub same_certificate: bool,
    /// Whether a `RegistrationHint` ties it to an earlier identity.
    pub hint: bool,
    /// The registration's own signature, over `<Data>` with the certificate inside.
    pub signature: Signature,
}

/// A policy request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyRequest {
    /// `RequestType`: `Always`, `Full`, `Update`.
    pub request_type: Option<String>,
    /// `ClientID`.
    pub client_id: Option<String>,
    /// `NetBIOSName`.
    pub netbios_name: Option<String>,
    /// `FQDN`.
    pub fqdn: Option<String>,
    /// `PolicySource`: `SMS:<site code>`.
    pub policy_source: Option<String>,
    /// `Resource/@ResourceType`: `Machine`, `User`.
    pub resource_type: Option<String>,
}

/// A management point's reply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CcmReply {
    /// Which exchange it answers.
    pub exchange: Option<u64>,
    /// `TargetEndpoint` of the message it answers, where that was seen.
    pub answers: Option<String>,
    /// Whether part of the body is missing.
    pub incomplete: bool,
    /// Status code 200 with an empty body: refused without a word.
    pub empty: bool,
    /// `ReplyMode` of the reply's header: `NoReply` accepts an asynchronous message.
    pub reply_mode: Option<String>,
    /// Whether the reply carries a signature of the management point.
    pub signed: bool,
    /// Root element of the payload.
    pub root: Option<String>,
    /// Site codes named in the payload.
    pub site_code: Option<String>,
    /// Registration: `SMSID` given.
    pub smsid: Option<String>,
    /// Registration: `Status` (0 registered, 1 pending, 2 reset, 3 rejected, 4 certificate reset).
    pub registration_status: Option<String>,
    /// Registration: `ApprovalStatus` (0 pending, 1 approved, 2 not applicable, 3 by token).
    pub approval_status: Option<String>,
    /// Policy: assignments in it.
    pub policy_assignments: u64,
    /// Policy: those whose flags mark them secret.
    pub secret_policies: u64,
    /// URLs in location replies (`http://...`), each once, at most [`crate::Limits::list_items`].
    pub urls: Vec<String>,
}

/// A report to a fallback status point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FspReport {
    /// Which request of the flow carried it.
    pub exchange: u64,
    /// Whether part of the body is missing.
    pub incomplete: bool,
    /// The report's header.
    pub report: ReportBody,
}

/// Site data from a `.sms_aut` query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteData {
    /// Which exchange it answers.
    pub exchange: Option<u64>,
    /// The query in upper case, without arguments: `MPLIST`, `MPCERT`, `SITESIGNCERT`, ...
    pub query: String,
    /// Site code, from query or reply.
    pub site_code: Option<String>,
    /// Management points named: (name or FQDN, `SSLState` where given).
    pub management_points: Vec<(String, Option<u32>)>,
    /// SHA-256 of the trusted root key as given, in hex.
    pub root_key_sha256: Option<String>,
    /// SHA-256 of the site signing certificate (DER), in hex.
    pub signing_certificate_sha256: Option<String>,
}
