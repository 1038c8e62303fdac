//! HTTP/1.x (RFC 9112, RFC 9110), as an observer of both directions reads it.
//!
//! Every head becomes an event; requests and responses are paired by their order. Bodies are skipped, except those
//! that `ccm` or `crl` wants: these are collected, their chunked framing removed, and handed over, also where part of
//! them is missing. Tokens in credentials and challenges go to `spnego`; no other part of a credential is kept. A
//! target is kept as sent, though: a query that holds a signature or a token holds it in the event too.
//!
//! It is *not* an HTTP implementation: it accepts what servers would refuse, and takes content codings off wanted
//! bodies only. Of HTTP/2
//! it knows the beginning, behind an upgrade or a CONNECT; what follows is `http2`'s, and counts on.
//!
//! ```text
//! probe -> head (start line, fields) -> pipeline (which request?) -> body (length, chunks, until close) -> collect -> coding
//! ```

mod body;
mod coding;
pub(crate) mod collect;
mod connection;
mod event;
mod fields;
pub(crate) mod head;
pub(crate) mod pipeline;
mod probe;
pub(crate) mod say;
#[cfg(test)]
pub(crate) mod tests;

pub use event::*;

use capture::{Direction, Transport};

use self::collect::Bodies;
use self::connection::Connection;
use crate::Protocol;
use crate::decoder::{Probe, Spec};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: Protocol::Http,
    transports: &[Transport::Tcp],
    // Web, WSUS, delta downloads, proxies, WinRM.
    ports: &[80, 8080, 8530, 8005, 8000, 3128, 5985],
    any_port: true,
    exchanges: false,
    probe: begins,
    make: |_| Box::new(Connection::new(Bodies::ALL)),
};

fn begins(bytes: &[u8], direction: Direction) -> Probe {
    match direction {
        Direction::ToServer => probe::request(bytes),
        Direction::ToClient => probe::response(bytes),
    }
}

/// Whether bytes begin like a request, where nobody would look for one: a single letter is a word of other protocols.
pub(crate) fn asks(bytes: &[u8]) -> Probe {
    probe::known_request(bytes)
}
