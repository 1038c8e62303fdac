//! What decoders say: events, stamped with frame, flow and direction.

use std::net::Ipv4Addr;

use capture::{Direction, Endpoint, FlowId, FlowKey, Moment, Transport};

use crate::Event;
use crate::error::DecodeError;
use crate::limits::Limits;

/// An event with all that is needed to point at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The frame that completed it.
    pub at: Moment,
    /// The flow it was seen in.
    pub flow: FlowId,
    /// That flow's ends. Where the capture joined in the middle and the bytes showed who is who, the client
    /// here is the protocol's client.
    pub key: FlowKey,
    /// Which way it went.
    pub direction: Direction,
    /// What was seen.
    pub event: Event,
    /// The first bytes that say so, without secrets; may be empty.
    pub excerpt: Box<[u8]>,
    /// Whether it was read inside an encryption that was opened with keys given.
    pub opened: bool,
}

/// Something that is not as it should be. Malformed input is evidence, not a log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// A message that contradicts its own format.
    Malformed(DecodeError),
    /// A limit of ours ended the reading of a message or flow: what follows was not read.
    LimitReached {
        /// The protocol, in lower case.
        protocol: &'static str,
        /// The field of [`Limits`].
        limit: &'static str,
    },
    /// A message that has no place where it came.
    Unexpected {
        /// The protocol, in lower case.
        protocol: &'static str,
        /// What came, where.
        what: &'static str,
    },
}

/// What a flow had been when it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowEnd {
    /// The flow as the capture saw it; its key may be the other way round than the record's.
    pub started: Moment,
    /// Traffic to the server.
    pub to_server: capture::Traffic,
    /// Traffic to the client.
    pub to_client: capture::Traffic,
    /// When payload came, in both directions.
    pub pulse: capture::Pulse,
    /// Whether a SYN (or SYN with ACK) told who the client is.
    pub syn_seen: bool,
    /// Whether the client's SYN was seen but neither answer nor data: nobody answered.
    pub unanswered: bool,
    /// Whether the server refused the connection with a reset.
    pub refused: bool,
    /// Whether an ICMP message said the server cannot be reached.
    pub unreachable: bool,
    /// Why it ended.
    pub reason: capture::EndReason,
    /// Protocols seen in it, by name, in order of appearance.
    pub services: Vec<&'static str>,
    /// Whether an SMB message in it was encrypted.
    pub smb_encrypted: bool,
    /// What became of the inside of TLS, where there was any.
    pub reading: Option<crate::tls::Reading>,
    /// MAC address of the record's client, where the link layer has one.
    pub client_mac: Option<[u8; 6]>,
    /// MAC address of the record's server, where the link layer has one.
    pub server_mac: Option<[u8; 6]>,
}

/// What all that is said meanwhile is stamped with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    pub(crate) at: Moment,
    pub(crate) flow: FlowId,
    pub(crate) key: FlowKey,
}

impl Default for Stamp {
    /// The stamp of what is read in no flow.
    fn default() -> Self {
        let nobody = Endpoint { addr: Ipv4Addr::UNSPECIFIED.into(), port: 0 };
        let key = FlowKey { client: nobody, server: nobody, transport: Transport::Tcp };
        Self { at: Moment::default(), flow: FlowId::default(), key }
    }
}

/// Where a decoder puts what it reads.
#[derive(Debug, Default)]
pub struct Events {
    /// The bounds in force.
    pub limits: Limits,
    pub(crate) said: Vec<Record>,
    pub(crate) stamp: Stamp,
    pub(crate) services: Vec<&'static str>,
    pub(crate) smb_encrypted: bool,
    /// Certificates read lately, whatever flow and shard they came in.
    pub(crate) certificates: crate::tls::KnownCertificates,
    /// Keys that open TLS, where any were given.
    pub(crate) keys: Option<crate::tls::Ring>,
    /// Sessions that may be resumed in another connection.
    pub(crate) sessions: crate::tls::Sessions,
    /// What is said now was read inside an encryption.
    pub(crate) opened: bool,
    /// What became of the inside of the flow's TLS.
    pub(crate) reading: Option<crate::tls::Reading>,
    /// Ports of the flow, the server's first.
    pub(crate) ports: [u16; 2],
    /// Room for the plaintext of one record, kept from record to record.
    pub(crate) plain: Vec<u8>,
}

impl Events {
    /// An empty collector under the given bounds.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// An event.
    pub fn push(&mut self, direction: Direction, event: impl Into<Event>) {
        self.say(direction, event.into(), Box::default());
    }

    /// An event and the bytes that say so; cut at [`Limits::excerpt`]. The bytes must hold no secret.
    pub fn push_with(&mut self, direction: Direction, event: impl Into<Event>, excerpt: &[u8]) {
        let excerpt = excerpt.get(..self.limits.excerpt).unwrap_or(excerpt).into();
        self.say(direction, event.into(), excerpt);
    }

    fn say(&mut self, direction: Direction, event: Event, excerpt: Box<[u8]>) {
        let Stamp { at, flow, key } = self.stamp;
        self.said.push(Record { at, flow, key, direction, event, excerpt, opened: self.opened });
    }

    /// Marks all that is said meanwhile as read inside an encryption.
    pub(crate) fn within<T>(&mut self, say: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.opened, true);
        let result = say(self);
        self.opened = before;
        result
    }

    /// Something that is not as it should be.
    pub fn anomaly(&mut self, direction: Direction, anomaly: Anomaly) {
        self.push(direction, Event::Anomaly(anomaly));
    }

    /// A message that could not be read.
    pub fn malformed(&mut self, direction: Direction, error: DecodeError) {
        self.anomaly(direction, Anomaly::Malformed(error));
    }

    /// Notes that the flow carries a protocol, by its name in lower case (`http`, `smb2`, `ntlmssp`).
    pub fn service(&mut self, name: &'static str) {
        // Nearly always it is the very same name that came before: no need to compare what it says.
        let noted = |known: &&'static str| std::ptr::eq(*known, name);
        if !self.services.iter().any(noted) && !self.services.contains(&name) {
            // Most flows carry one, and keep it for as long as they last.
            self.services.reserve_exact(1);
            self.services.push(name);
        }
    }

    /// Notes that the flow carries encrypted SMB.
    pub fn smb_is_encrypted(&mut self) {
        self.smb_encrypted = true;
    }

    /// The events said so far, without their stamps: for tests and for decoders that feed one another.
    #[must_use]
    pub fn said(&self) -> Vec<(Direction, &Event)> {
        self.said.iter().map(|said| (said.direction, &said.event)).collect()
    }

    /// Text of a peer, cut at [`Limits::text`] with a mark where it was longer.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        if text.len() <= self.limits.text {
            return text.to_owned();
        }
        let mut end = self.limits.text;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut cut = text.get(..end).unwrap_or_default().to_owned();
        cut.push('…');
        cut
    }
}
