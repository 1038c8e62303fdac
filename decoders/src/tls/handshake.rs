//! The messages of a handshake that are in the clear, and what a connection must remember between them. It knows
//! neither records nor encryption: whoever has a message, clear or deciphered, hands it in.

use capture::Direction;

use crate::error::DecodeError;
use crate::events::{Anomaly, Events};
use crate::reader::Reader;

use super::event::{ClientHello, SentCertificate, ServerHello, TlsEvent};
use super::record::Message;
use super::{certificate, hello, key_exchange};

/// Message types (RFC 8446 B.3, RFC 5246 A.4).
mod kind {
    pub(super) const CLIENT_HELLO: u8 = 1;
    pub(super) const SERVER_HELLO: u8 = 2;
    pub(super) const NEW_SESSION_TICKET: u8 = 4;
    pub(super) const CERTIFICATE: u8 = 11;
    pub(super) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(super) const CERTIFICATE_REQUEST: u8 = 13;
    pub(super) const SERVER_HELLO_DONE: u8 = 14;
    pub(super) const CERTIFICATE_VERIFY: u8 = 15;

    /// Whether a number is a message type that was ever in use: those above, HelloRequest (0), tickets (4, 5),
    /// HelloRetryRequest and EncryptedExtensions (6, 8), key exchange and ends of flights (12, 14, 16, 20),
    /// certificate URL, status and supplement (21 to 25), KeyUpdate, NPN and channel id (67, 203).
    pub(super) const fn is_known(kind: u8) -> bool {
        matches!(kind, 0..=6 | 8 | 11..=16 | 20..=25 | 67 | 203)
    }
}

/// What is remembered of a handshake.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// Who said ClientHello.
    client: Option<Direction>,
    /// The session id that the client offered last.
    offered: Vec<u8>,
    /// The version that the server chose.
    version: Option<u16>,
    /// What is still to come of the server's part of a handshake up to TLS 1.2, if it resumes nothing.
    unfinished: bool,
}

impl Handshake {
    /// Whether the server chose TLS 1.3; `None` before it has spoken.
    pub(super) fn is_tls13(&self) -> Option<bool> {
        self.version.map(hello::is_tls13)
    }

    /// Whether bytes can be the beginning of a message no longer than `limit`.
    pub(super) fn can_begin(body: &[u8], limit: usize) -> bool {
        let (Some(&kind), length) = (body.first(), body.get(1..4)) else { return false };
        let fits = length.is_none_or(|length| {
            let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            length <= limit
        });
        kind::is_known(kind) && fits
    }

    /// Whether a record's body is a ClientHello and nothing else: no chance bytes look like that.
    pub(super) fn is_client_hello(body: &[u8]) -> bool {
        let Some(&[kind, high, middle, low, major, minor]) = body.first_chunk() else { return false };
        let length = u32::from_be_bytes([0, high, middle, low]) as usize;
        kind == kind::CLIENT_HELLO && length + 4 == body.len() && major == 3 && minor <= 4
    }

    /// Reads one message. Says whether it was a hello.
    pub(super) fn message(&mut self, direction: Direction, message: Message<'_>, out: &mut Events) -> bool {
        let from_client = self.client.unwrap_or(Direction::ToServer) == direction;
        match message.kind {
            kind::CLIENT_HELLO => match hello::client_hello(message.body(), out) {
                Ok((hello, trouble)) => {
                    self.client_hello(direction, hello, message.whole, out);
                    report(direction, trouble, out);
                }
                Err(error) => out.malformed(direction, error),
            },
            kind::SERVER_HELLO => self.server_hello(direction, message, out),
            kind::CERTIFICATE => {
                if let Err(error) = certificates(direction, from_client, message.body(), out) {
                    out.malformed(direction, error);
                }
            }
            kind::CERTIFICATE_REQUEST => {
                out.push_with(direction, TlsEvent::CertificateRequest, message.whole);
            }
            kind::CERTIFICATE_VERIFY if from_client => out.push(direction, TlsEvent::ClientVerify),
            kind::SERVER_KEY_EXCHANGE if !from_client => {
                if let Some(exchange) = key_exchange::server_key_exchange(message.body()) {
                    out.push(direction, TlsEvent::KeyExchange(exchange));
                }
            }
            kind::SERVER_HELLO_DONE if !from_client => self.unfinished = false,
            kind::NEW_SESSION_TICKET if !from_client => {
                let tls13 = self.is_tls13() == Some(true);
                match key_exchange::new_session_ticket(message.body(), tls13) {
                    Ok(ticket) => {
                        if let Some(ticket) = ticket {
                            out.push(direction, TlsEvent::SessionTicket(ticket));
                        }
                    }
                    Err(error) => out.malformed(direction, error),
                }
            }
            known if kind::is_known(known) => {}
            _ => out.anomaly(
                direction,
                Anomaly::Unexpected { protocol: "tls", what: "handshake message of unknown type" },
            ),
        }
        matches!(message.kind, kind::CLIENT_HELLO | kind::SERVER_HELLO)
    }

    /// Takes a ClientHello, whatever framing it came in.
    pub(super) fn client_hello(
        &mut self,
        direction: Direction,
        hello: ClientHello,
        whole: &[u8],
        out: &mut Events,
    ) {
        self.client = Some(direction);
        self.unfinished = false;
        self.offered.clone_from(&hello.session_id);
        out.push_with(direction, TlsEvent::ClientHello(Box::new(hello)), whole);
    }

    /// Whether a server's hello says that it resumes what was offered. TLS 1.3 sends the id back always (RFC 8446 4.1.3).
    fn resumes(&self, hello: &ServerHello) -> bool {
        if hello::is_tls13(hello.version) {
            hello.psk.is_some() && !hello.hello_retry
        } else {
            !hello.session_id.is_empty() && hello.session_id == self.offered
        }
    }

    /// Takes the ChangeCipherSpec of a direction, up to TLS 1.2. Where the server's comes before it has said that its hello
    /// is done, it resumes a session whatever its hello said.
    pub(super) fn change_cipher_spec(&mut self, direction: Direction, out: &mut Events) {
        let from_client = self.client.unwrap_or(Direction::ToServer) == direction;
        if !from_client && std::mem::take(&mut self.unfinished) {
            out.push(direction, TlsEvent::Abbreviated);
        }
    }

    fn server_hello(&mut self, direction: Direction, message: Message<'_>, out: &mut Events) {
        match hello::server_hello(message.body(), out) {
            Ok((mut hello, trouble)) => {
                self.version = Some(hello.version);
                hello.resumed = self.resumes(&hello);
                self.unfinished = !hello.resumed && !hello::is_tls13(hello.version);
                out.push_with(direction, TlsEvent::ServerHello(Box::new(hello)), message.whole);
                report(direction, trouble, out);
            }
            Err(error) => out.malformed(direction, error),
        }
    }
}

fn report(direction: Direction, trouble: Option<DecodeError>, out: &mut Events) {
    if let Some(error) = trouble {
        out.malformed(direction, error);
    }
}

/// Reads a Certificate message (RFC 5246 7.4.2). How many a client sent is said even where the list breaks off.
fn certificates(
    direction: Direction,
    client: bool,
    body: &[u8],
    out: &mut Events,
) -> Result<(), DecodeError> {
    let mut count = 0;
    let mut walk = || -> Result<(), DecodeError> {
        let mut reader = Reader::new("tls", body);
        let length = u24(&mut reader, "certificate_list")?;
        let mut list = reader.sub("certificate_list", length)?;
        while !list.is_empty() {
            let length = u24(&mut list, "certificate")?;
            let der = list.take("certificate", length)?;
            if count < out.limits.tls_certificates {
                let (certificate, trouble) = certificate::read(der, out);
                let sent = SentCertificate { client, index: count, certificate };
                out.push_with(direction, TlsEvent::Certificate(sent), der);
                report(direction, trouble, out);
            }
            count += 1;
        }
        Ok(())
    };
    let result = walk();
    if count > out.limits.tls_certificates {
        out.anomaly(direction, Anomaly::LimitReached { protocol: "tls", limit: "tls_certificates" });
    }
    if client {
        out.push(direction, TlsEvent::ClientAuth { certificates: count });
    }
    result
}

/// A 24-bit length.
fn u24(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let [high, middle, low] = reader.array(field)?;
    Ok(u32::from_be_bytes([0, high, middle, low]) as usize)
}
