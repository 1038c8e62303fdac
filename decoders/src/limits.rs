//! Every bound of this crate, named. Hitting one is an [`crate::Anomaly`], never silence.

/// Bounds on what one peer can make a decoder hold or do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of an incomplete message kept for one direction of one flow.
    pub buffer: usize,
    /// Bytes of one direction kept while its protocol is not yet certain.
    pub probe_bytes: usize,
    /// Chunks of a flow looked at before it is given up as none of ours.
    pub probe_chunks: u32,
    /// The same for a flow that the capture joined in the middle, or that lost a segment.
    pub resync_chunks: u32,
    /// Bytes of one HTTP head (request or status line and headers).
    pub http_head: usize,
    /// HTTP header fields in one head.
    pub http_headers: usize,
    /// Requests waiting for their responses in one flow (pipelining).
    pub http_pipeline: usize,
    /// Bytes of one HTTP body that is kept because it carries a ConfigMgr message.
    pub http_body: usize,
    /// Bytes of one certificate revocation list that is read and kept.
    pub crl: usize,
    /// Bytes that one compressed payload may inflate to. Bounds zlib bombs.
    pub inflated: usize,
    /// Elements open inside one another in an XML document.
    pub xml_depth: usize,
    /// Elements and attributes read of one XML document.
    pub xml_nodes: usize,
    /// Parts of one multipart body.
    pub multipart_parts: usize,
    /// Bytes of one TLS handshake message, fragments joined.
    pub tls_handshake: usize,
    /// Certificates read of one TLS Certificate message.
    pub tls_certificates: usize,
    /// Bytes read of one SMB message that is of interest; the data of reads and writes that are not pass by unread.
    pub smb_message: usize,
    /// Certificates remembered by their hash, so that each is read once.
    pub known_certificates: usize,
    /// Requests of one SMB connection waiting for their responses.
    pub smb_pending: usize,
    /// Open files, trees and sessions remembered for one SMB connection.
    pub smb_handles: usize,
    /// Commands read of one compounded SMB2 message.
    pub smb_compound: usize,
    /// Bytes of one small file kept while it is written over SMB.
    pub smb_file: usize,
    /// Bytes read of one LDAP message that is of interest, or of one signed SASL buffer.
    pub ldap_message: usize,
    /// LDAP searches of one connection that have begun to answer and not ended.
    pub ldap_searches: usize,
    /// DER elements open inside one another (SPNEGO, Kerberos).
    pub der_depth: usize,
    /// Items read of any one list inside a message (mechanisms, encryption types, names, addresses, contexts).
    pub list_items: usize,
    /// Bytes of one text kept in an event; longer text is cut there, and marked.
    pub text: usize,
    /// Bytes of a message kept as evidence with its event.
    pub excerpt: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            buffer: 1 << 20,
            probe_bytes: 4 << 10,
            probe_chunks: 8,
            resync_chunks: 64,
            http_head: 64 << 10,
            http_headers: 128,
            http_pipeline: 256,
            http_body: 4 << 20,
            crl: 1 << 20,
            inflated: 16 << 20,
            xml_depth: 64,
            xml_nodes: 200_000,
            multipart_parts: 16,
            tls_handshake: 256 << 10,
            tls_certificates: 16,
            known_certificates: 1_024,
            smb_message: 128 << 10,
            smb_pending: 1_024,
            smb_handles: 1_024,
            smb_compound: 64,
            smb_file: 64 << 10,
            ldap_message: 128 << 10,
            ldap_searches: 64,
            der_depth: 16,
            list_items: 256,
            text: 2_048,
            excerpt: 96,
        }
    }
}
