//! The messages of a handshake, and what a connection must remember between them. It knows neither records nor
//! encryption: whoever has a message, clear or opened, hands it in.

use capture::Direction;

use crate::error::DecodeError;
use crate::events::{Anomaly, Events};

use super::event::{ClientHello, ServerHello, TlsEvent};
use super::open::Ring;
use super::record::Message;
use super::{hello, key_exchange, sent};

/// Message types (RFC 8446 B.3, RFC 5246 A.4).
pub(super) mod kind {
    pub(in crate::tls) const CLIENT_HELLO: u8 = 1;
    pub(in crate::tls) const SERVER_HELLO: u8 = 2;
    pub(in crate::tls) const NEW_SESSION_TICKET: u8 = 4;
    pub(in crate::tls) const END_OF_EARLY_DATA: u8 = 5;
    pub(in crate::tls) const ENCRYPTED_EXTENSIONS: u8 = 8;
    pub(in crate::tls) const CERTIFICATE: u8 = 11;
    pub(in crate::tls) const SERVER_KEY_EXCHANGE: u8 = 12;
    pub(in crate::tls) const CERTIFICATE_REQUEST: u8 = 13;
    pub(in crate::tls) const SERVER_HELLO_DONE: u8 = 14;
    pub(in crate::tls) const CERTIFICATE_VERIFY: u8 = 15;
    pub(in crate::tls) const CLIENT_KEY_EXCHANGE: u8 = 16;
    pub(in crate::tls) const FINISHED: u8 = 20;
    pub(in crate::tls) const KEY_UPDATE: u8 = 24;

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
    /// What is still to come of the server's part of a handshake up to TLS 1.2, if it resumes nothing.
    unfinished: bool,
    /// What both sides agreed on, for who opens records.
    pub(super) parameters: Parameters,
    /// All messages since ClientHello, where the master secret may depend on them.
    transcript: Option<Vec<u8>>,
}

/// What the hellos of the last handshake settled.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    /// The client's random.
    pub(super) client_random: Option<[u8; 32]>,
    /// The server's, once it has answered.
    pub(super) server_random: Option<[u8; 32]>,
    /// The version that the server chose.
    pub(super) version: Option<u16>,
    /// The cipher suite that it chose.
    pub(super) suite: u16,
    /// Cipher suites offered by a client that sends early data.
    pub(super) offered: Vec<u16>,
    /// Whether the client sends early data.
    pub(super) early_data: bool,
    /// Whether the master secret is made with the handshake's hash (RFC 7627).
    pub(super) extended_master: bool,
    /// Whether records are encrypted before they are authenticated (RFC 7366).
    pub(super) encrypt_then_mac: bool,
    /// Whether an earlier session is resumed, up to TLS 1.2.
    pub(super) resumed: bool,
    /// The session id that the server gave.
    pub(super) session_id: Vec<u8>,
    /// The ticket that the client offered.
    pub(super) ticket: Vec<u8>,
}

impl Parameters {
    /// Whether the server chose TLS 1.3.
    pub(super) fn is_tls13(&self) -> bool {
        self.version.is_some_and(hello::is_tls13)
    }
}

impl Handshake {
    /// Whether the server chose TLS 1.3; `None` before it has spoken.
    pub(super) fn is_tls13(&self) -> Option<bool> {
        self.parameters.version.map(hello::is_tls13)
    }

    /// Whether what goes this way comes from the client.
    pub(super) fn is_from_client(&self, direction: Direction) -> bool {
        self.client.unwrap_or(Direction::ToServer) == direction
    }

    /// All messages since ClientHello; nothing where they were not kept or were too long.
    pub(super) fn transcript(&self) -> Option<&[u8]> {
        self.transcript.as_deref()
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
        let from_client = self.is_from_client(direction);
        self.keep(message, out);
        match message.kind {
            kind::CLIENT_HELLO => match hello::client_hello(message.body(), out) {
                Ok((hello, trouble)) => {
                    self.client_hello(direction, hello, message.whole, out);
                    if out.keys.is_some() {
                        self.parameters.ticket = hello::ticket(message.body(), &out.limits);
                    }
                    report(direction, trouble, out);
                }
                Err(error) => out.malformed(direction, error),
            },
            kind::SERVER_HELLO => self.server_hello(direction, message, out),
            kind::CERTIFICATE => {
                let tls13 = self.parameters.is_tls13();
                if let Err(error) = sent::read_all(direction, (from_client, tls13), message.body(), out) {
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

    /// Keeps a message for the handshake's hash, where a server's key may need it.
    fn keep(&mut self, message: Message<'_>, out: &Events) {
        if !out.keys.as_ref().is_some_and(Ring::opens_key_exchange) {
            return;
        }
        if message.kind == kind::CLIENT_HELLO {
            self.transcript = Some(Vec::new());
        }
        let room = out.limits.tls_handshake;
        self.transcript = self.transcript.take().filter(|kept| kept.len() + message.whole.len() <= room);
        if let Some(kept) = &mut self.transcript {
            kept.extend_from_slice(message.whole);
        }
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
        let early_data = hello.extensions.contains(&hello::extension::EARLY_DATA);
        self.parameters = Parameters {
            client_random: Some(hello.random),
            version: self.parameters.version,
            offered: if early_data { hello.cipher_suites.clone() } else { Vec::new() },
            early_data,
            ..Parameters::default()
        };
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
                self.parameters.version = Some(hello.version);
                self.parameters.suite = hello.cipher;
                let random = message.body().get(2..).and_then(|rest| rest.first_chunk()).copied();
                self.parameters.server_random = random.filter(|_| !hello.hello_retry);
                let has = |extension| hello.extensions.contains(&extension);
                self.parameters.extended_master = has(hello::extension::EXTENDED_MASTER_SECRET);
                self.parameters.encrypt_then_mac = has(hello::extension::ENCRYPT_THEN_MAC);
                hello.resumed = self.resumes(&hello);
                let tls13 = hello::is_tls13(hello.version);
                self.unfinished = !hello.resumed && !tls13;
                self.parameters.resumed = hello.resumed && !tls13;
                self.parameters.session_id.clone_from(&hello.session_id);
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
