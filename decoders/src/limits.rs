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
    /// Octets of one HTTP/2 header block, its CONTINUATION frames included.
    pub http2_header_block: usize,
    /// Octets that one HTTP/2 header block may say, each field with 32 more (RFC 9113 6.5.2). Bounds HPACK bombs.
    pub http2_header_list: usize,
    /// Octets held of one direction's dynamic table (RFC 7541 4.1), whatever the two sides have agreed on.
    pub http2_table: usize,
    /// HTTP/2 streams of one connection that are open at once; the oldest makes room.
    pub http2_streams: usize,
    /// Octets of all bodies together that are kept for one HTTP/2 connection; each keeps to `http_body` too.
    pub http2_bodies: usize,
    /// Bytes of one certificate revocation list that is read and kept.
    pub crl: usize,
    /// Bytes that one compressed payload, or one compressed body, may inflate to. Bounds zlib bombs.
    pub inflated: usize,
    /// Elements open inside one another in an XML document.
    pub xml_depth: usize,
    /// Elements and attributes read of one XML document.
    pub xml_nodes: usize,
    /// Parts of one multipart body.
    pub multipart_parts: usize,
    /// Bytes of one TLS handshake message, fragments joined.
    pub tls_handshake: usize,
    /// Datagrams of a QUIC client looked at before its ClientHello is complete.
    pub quic_datagrams: u32,
    /// Packets of one side of an OpenVPN control channel that are kept until those before them come. OpenVPN itself has
    /// room for 12; one that is further ahead is left out.
    pub openvpn_ahead: usize,
    /// Cipher suites read of one ClientHello. Some 350 are registered, and scanners offer them all.
    pub tls_ciphers: usize,
    /// Certificates read of one TLS Certificate message.
    pub tls_certificates: usize,
    /// Connections whose TLS secrets are kept.
    pub tls_keys: usize,
    /// Sessions of TLS up to 1.2 whose secret is remembered, in case they are resumed.
    pub tls_sessions: usize,
    /// Bytes of ciphered records of one connection kept until their key comes, while a key log grows; and bytes of
    /// early data kept until the server accepts it.
    pub tls_waiting: usize,
    /// Bytes of ciphered records kept so in all connections.
    pub tls_waiting_total: usize,
    /// Records that may be missing in one place, so that what follows is still opened.
    pub tls_resync: u64,
    /// Bytes read of one SMB message that is of interest; the data of reads and writes that are not pass by unread.
    pub smb_message: usize,
    /// Certificates remembered by the shards of one thread, so that each is read once.
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
            http2_header_block: 64 << 10,
            http2_header_list: 256 << 10,
            http2_table: 64 << 10,
            http2_streams: 256,
            http2_bodies: 16 << 20,
            crl: 1 << 20,
            inflated: 16 << 20,
            xml_depth: 64,
            xml_nodes: 200_000,
            multipart_parts: 16,
            tls_handshake: 256 << 10,
            quic_datagrams: 8,
            openvpn_ahead: 16,
            tls_ciphers: 1_024,
            tls_certificates: 16,
            tls_keys: 1 << 19,
            tls_sessions: 4_096,
            tls_waiting: 64 << 10,
            tls_waiting_total: 64 << 20,
            tls_resync: 128,
            known_certificates: 4_096,
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
