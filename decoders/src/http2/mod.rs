//! HTTP/2 (RFC 9113), as an observer of both directions reads it.
//!
//! Its requests and responses are the events of [`crate::http`], and bodies of interest go the same way as those of
//! HTTP/1.x. A connection is known by the client's preface, in the clear as inside opened TLS; one that HTTP/1.1 was
//! upgraded to (RFC 7540 3.2) or that a CONNECT leads to comes from there. Where the capture joins a connection in the
//! middle, it is not found.
//!
//! It is *not* an HTTP/2 implementation: it knows no flow control and no priorities, and accepts what an endpoint would
//! refuse as long as its frames can be told apart. What a server pushes is read for the tables' sake but no event: no
//! client asked for it. No content coding is decoded.
//!
//! Where bytes are missing inside a frame, the frames behind it are still found. Missing header blocks leave fields
//! unknown that later blocks refer to; these are left out, and the head is marked as cut. A request of which method or
//! target is unknown is an anomaly, not an event.
//!
//! ```text
//! connection (frames) -> block (HEADERS and CONTINUATION) -> hpack -> heads -> streams (which request? which body?)
//! ```

mod block;
mod connection;
mod frame;
mod heads;
mod hpack;
mod settings;
mod streams;
#[cfg(test)]
mod tests;

pub(crate) use self::connection::Connection;

use capture::{Direction, Transport};

use crate::Protocol;
use crate::decoder::{Probe, Spec};
use crate::http::collect::Bodies;

/// What a client sends first (RFC 9113 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: Protocol::Http2,
    transports: &[Transport::Tcp],
    ports: &[],
    any_port: true,
    exchanges: false,
    probe: begins,
    make: |limits| Box::new(Connection::new(Bodies::ALL, limits)),
};

/// The same where the two sides have agreed to go on with something else. Then it is enough that the server begins with
/// settings, be they empty.
pub(crate) fn begins_inside(bytes: &[u8], direction: Direction) -> Probe {
    match (direction, frame::FrameHeader::read(bytes)) {
        (Direction::ToClient, None) if bytes.iter().take(2).all(|byte| *byte == 0) => Probe::Maybe,
        (Direction::ToClient, Some(header)) if header.is_settings() && header.is_plausible(direction) => {
            Probe::Yes
        }
        (Direction::ToClient, _) => Probe::No,
        (Direction::ToServer, _) => begins(bytes, direction),
    }
}

/// Does this begin with the preface: the client's, or the server's, which is a SETTINGS frame that is not empty?
pub(crate) fn begins(bytes: &[u8], direction: Direction) -> Probe {
    let (matches, whole) = match direction {
        Direction::ToServer => (PREFACE.iter().zip(bytes).all(|(due, is)| due == is), PREFACE.len()),
        Direction::ToClient => (settings::begin(bytes), settings::FIRST),
    };
    match (matches, bytes.len() >= whole) {
        (false, _) => Probe::No,
        (true, false) => Probe::Maybe,
        (true, true) => Probe::Yes,
    }
}
