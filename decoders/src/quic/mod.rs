//! QUIC (RFC 9000, RFC 9369), recognised: what a client asks for in its first packets, and nothing behind them.
//!
//! The packets of a handshake's beginning are sealed with keys that follow from what stands in their headers (RFC 9001
//! 5.2): they keep nothing from an observer. So the ClientHello is read as in [`crate::tls`], which shows SMB over QUIC
//! by its protocol name. Everything else of the connection is sealed in earnest, and its datagrams are not looked at.
//!
//! ```text
//! datagram -> packet (headers, protection) -> crypto (frames, put in order) -> tls::hello
//! ```

mod crypto;
mod event;
mod packet;
#[cfg(test)]
mod tests;

pub use event::*;

use capture::{Direction, Transport};

use self::crypto::Crypto;
use self::packet::Opener;
use crate::decoder::{Decoder, Input, Outcome, Probe, Spec};
use crate::error::ErrorKind;
use crate::events::{Anomaly, Events};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Quic,
    transports: &[Transport::Udp],
    ports: &[443],
    any_port: true,
    exchanges: false,
    probe,
    make: |_| Box::<Connection>::default(),
};

/// Whoever is heard first with such a packet is taken for the client.
fn probe(bytes: &[u8], direction: Direction) -> Probe {
    let initial = direction == Direction::ToServer && packet::initial(bytes).is_some();
    if initial { Probe::Yes } else { Probe::No }
}

/// The reader of one flow, until the ClientHello is complete.
#[derive(Default)]
struct Connection {
    opener: Opener,
    crypto: Crypto,
    /// Datagrams looked at.
    looked: u32,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        self.looked += 1;
        let done = !cut && self.read(direction, payload, out);
        if self.looked == 1 {
            self.first(direction, payload, done, out);
        }
        // Behind a datagram that the snapshot length cut there is no complete one; without keys there is nothing.
        if done || cut || !packet::initial(payload).is_none_or(packet::has_keys) {
            return Outcome::Finished;
        }
        if self.looked < out.limits.quic_datagrams {
            return Outcome::Consumed(payload.len());
        }
        if self.opener.version().is_some() {
            out.anomaly(direction, Anomaly::LimitReached { protocol: "quic", limit: "quic_datagrams" });
        }
        Outcome::Finished
    }
}

impl Connection {
    /// The first datagram shows what this is, even where it cannot be opened. The handshake in it is TLS 1.3's (RFC 9001),
    /// which makes that the flow's service.
    fn first(&self, direction: Direction, payload: &[u8], done: bool, out: &mut Events) {
        out.service("tls");
        if let (None, false, Some(version)) = (self.opener.version(), done, packet::initial(payload)) {
            out.push_with(direction, QuicEvent { version, hello: None }, payload);
        }
    }

    /// Reads a datagram. `true` where there is nothing more to wait for.
    fn read(&mut self, direction: Direction, payload: &[u8], out: &mut Events) -> bool {
        let mut rest = payload.to_vec();
        // One datagram may hold several packets (RFC 9000 12.2); each takes bytes from it.
        while let Some(opened) = self.opener.next(&mut rest) {
            if let Err(error) = self.crypto.frames(&opened, &out.limits) {
                match error.kind {
                    ErrorKind::Limit(limit) => {
                        out.anomaly(direction, Anomaly::LimitReached { protocol: "quic", limit });
                    }
                    _ => out.malformed(direction, error),
                }
                return true;
            }
        }
        let (Some(version), Some(body)) = (self.opener.version(), self.crypto.client_hello()) else {
            return self.crypto.is_other();
        };
        match crate::tls::client_hello(body, out) {
            Ok((hello, _)) => {
                let hello = Some(QuicHello { server_name: hello.server_name, alpn: hello.alpn });
                out.push_with(direction, QuicEvent { version, hello }, payload);
            }
            Err(error) => out.malformed(direction, error),
        }
        true
    }
}
