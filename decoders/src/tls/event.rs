//! What a TLS connection shows in the clear.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use capture::Timestamp;

use super::fingerprint;

/// Something seen of a TLS connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsEvent {
    /// ClientHello.
    ClientHello(Box<ClientHello>),
    /// ServerHello or HelloRetryRequest.
    ServerHello(Box<ServerHello>),
    /// One certificate of a Certificate message in the clear (TLS 1.2 and older).
    Certificate(SentCertificate),
    /// CertificateRequest in the clear.
    CertificateRequest,
    /// The client's Certificate message in the clear: how many certificates it held, perhaps none.
    ClientAuth {
        /// Certificates in it.
        certificates: usize,
    },
    /// The client proved possession of its key (CertificateVerify in the clear).
    ClientVerify,
    /// ServerKeyExchange in the clear, where it tells the group (TLS 1.2 and older).
    KeyExchange(KeyExchange),
    /// NewSessionTicket: in the clear up to TLS 1.2.
    SessionTicket(SessionTicket),
    /// The server ended its part of a handshake, up to TLS 1.2, without ServerHelloDone, although its hello did not show
    /// that it resumes a session: it does so by a ticket that came without a session id (RFC 5077 3.4).
    Abbreviated,
    /// An alert in the clear (RFC 8446 6).
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// Description, as numbered there.
        description: u8,
    },
    /// Both sides have switched to encryption: the handshake is over as far as it can be seen.
    Encrypted,
    /// A ciphered handshake message after the Finished of the same direction, up to TLS 1.2 and before both sides have
    /// sent data: a new handshake inside the encryption (RFC 5246 7.4.1.1), in which certificates may be asked for
    /// and shown unseen. Said once.
    Renegotiation,
    /// First application data record of a direction. In TLS 1.3 that is its first ciphered record, whatever is in
    /// it: the rest of the handshake goes in such records.
    ApplicationData,
}

/// ClientHello (RFC 8446 4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientHello {
    /// The legacy version field.
    pub version: u16,
    /// Extension supported_versions, in order, GREASE included.
    pub supported_versions: Vec<u16>,
    /// Extension server_name.
    pub server_name: Option<String>,
    /// Extension ALPN, in order.
    pub alpn: Vec<String>,
    /// Cipher suites offered, in order, GREASE included.
    pub cipher_suites: Vec<u16>,
    /// Extension numbers, in order.
    pub extensions: Vec<u16>,
    /// Extension supported_groups, in order.
    pub groups: Vec<u16>,
    /// Extension signature_algorithms, in order.
    pub signature_algorithms: Vec<u16>,
    /// Extension ec_point_formats, in order.
    pub point_formats: Vec<u8>,
    /// The client random: what a key log names a connection by.
    pub random: [u8; 32],
    /// Session id offered for resumption.
    pub session_id: Vec<u8>,
    /// Whether it came in an SSL 2.0 framing.
    pub ssl2: bool,
    /// Groups for which extension key_share brings a key, in order, GREASE included.
    pub key_shares: Vec<u16>,
    /// SHA-256 of the ticket in extension session_ticket: the name of the session offered for resumption.
    pub ticket: Option<[u8; 32]>,
    /// SHA-256 of each identity in extension pre_shared_key, in order: for resumption, of the ticket given for it.
    pub psk_identities: Vec<[u8; 32]>,
    /// The first protocol of ALPN as sent, for the fingerprint.
    pub first_alpn: Option<Box<[u8]>>,
}

impl ClientHello {
    /// JA3 of it, in hex. Worked out when asked for: most readers of an event do not need it.
    #[must_use]
    pub fn ja3(&self) -> String {
        fingerprint::ja3(self)
    }

    /// JA4 of it.
    #[must_use]
    pub fn ja4(&self) -> String {
        fingerprint::ja4(self, self.first_alpn.as_deref().unwrap_or_default())
    }

    /// The highest version the client says it can do, GREASE aside.
    #[must_use]
    pub fn highest_version(&self) -> u16 {
        let offered =
            self.supported_versions.iter().copied().filter(|version| version & 0x0F0F != 0x0A0A).max();
        offered.unwrap_or(self.version)
    }
}

/// ServerHello (RFC 8446 4.1.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerHello {
    /// The version chosen: extension supported_versions if there, else the legacy field.
    pub version: u16,
    /// The cipher suite chosen.
    pub cipher: u16,
    /// The protocol chosen by ALPN, where in the clear.
    pub alpn: Option<String>,
    /// Whether it is a HelloRetryRequest.
    pub hello_retry: bool,
    /// Whether it resumes a session that was offered: up to TLS 1.2 the session id offered comes back (also with a
    /// ticket, RFC 5077 3.4), in TLS 1.3 a pre-shared key was chosen.
    pub resumed: bool,
    /// Session id.
    pub session_id: Vec<u8>,
    /// Extension numbers, in order.
    pub extensions: Vec<u16>,
    /// The group chosen, of extension key_share (TLS 1.3); of a HelloRetryRequest the one that the server wants.
    pub group: Option<u16>,
    /// Extension pre_shared_key: the place of the identity chosen among those offered.
    pub psk: Option<u16>,
}

impl ServerHello {
    /// JA4S of it, in answer over TCP.
    #[must_use]
    pub fn ja4s(&self) -> String {
        fingerprint::ja4s(self)
    }
}

/// What a ServerKeyExchange says of the group in which keys are agreed on. One of the two is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyExchange {
    /// The named group of an exchange over an elliptic curve, as numbered in "TLS Supported Groups".
    pub group: Option<u16>,
    /// The length in bits of the prime of one over integers.
    pub prime_bits: Option<u32>,
}

/// A ticket that the server gives for resumption (RFC 5077 3.3, RFC 8446 4.6.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionTicket {
    /// For how long it is good, in seconds; up to TLS 1.2, 0 leaves it to the client.
    pub lifetime_secs: u32,
    /// SHA-256 of the ticket: what names the session. The ticket itself is not kept.
    pub sha256: [u8; 32],
}

/// A certificate and where it came in a handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentCertificate {
    /// Whether the client sent it.
    pub client: bool,
    /// Place in its message, from 0 (the leaf).
    pub index: usize,
    /// What it says. A server sends the same one in every handshake; it is read once and shared.
    pub certificate: Arc<Certificate>,
}

impl Deref for SentCertificate {
    type Target = Certificate;

    fn deref(&self) -> &Certificate {
        &self.certificate
    }
}

/// An X.509 certificate (RFC 5280).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Whether the bytes were no certificate; then only `der` and `sha256` are set.
    pub unreadable: bool,
    /// The bytes as sent, for whoever verifies signatures; no longer than a handshake message may be.
    pub der: Box<[u8]>,
    /// Version as people count it: 3 where extensions are possible. 0 where unreadable.
    pub version: u8,
    /// Subject as `CN=x` terms in encoded order.
    pub subject: Vec<String>,
    /// Issuer, the same way.
    pub issuer: Vec<String>,
    /// Serial number in hex, lower case, no leading zeros.
    pub serial: String,
    /// Validity begins.
    pub not_before: Timestamp,
    /// Validity ends.
    pub not_after: Timestamp,
    /// `not_before` in seconds since 1970: exact also where nanoseconds do not reach (after 2262, such as the
    /// 9999-12-31 of RFC 5280 4.1.2.5 for "never").
    pub not_before_secs: i64,
    /// `not_after` in seconds since 1970, likewise.
    pub not_after_secs: i64,
    /// SHA-256 of the DER, in hex.
    pub sha256: String,
    /// SHA-256 of the subject public key info, in hex.
    pub key_sha256: String,
    /// Key algorithm: `RSA`, `EC`, or an OID.
    pub key_algorithm: String,
    /// Key length in bits, where the algorithm has one.
    pub key_bits: Option<u32>,
    /// Signature algorithm as an OID.
    pub signature_algorithm: String,
    /// dNSName entries of the subject alternative name.
    pub dns_names: Vec<String>,
    /// iPAddress entries of the subject alternative name, those of four or sixteen bytes.
    pub ip_addresses: Vec<IpAddr>,
    /// Key usage bits as numbered in RFC 5280 4.2.1.3, bit 0 (digitalSignature) the lowest; `None` without the
    /// extension, which forbids nothing.
    pub key_usage: Option<u16>,
    /// Certificate policies as OIDs.
    pub policies: Vec<String>,
    /// Whether certificate transparency logs' timestamps are in it (RFC 6962 3.3).
    pub logged: bool,
    /// Extended key usages as OIDs.
    pub extended_key_usage: Vec<String>,
    /// Whether basic constraints say it is a CA.
    pub ca: bool,
    /// CRL distribution point URIs.
    pub crl_urls: Vec<String>,
    /// Authority information access URIs.
    pub aia_urls: Vec<String>,
    /// Issuer and subject are the same name.
    pub self_issued: bool,
}
