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
use crate::events::{Anomaly, Events};

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Quic,
    transports: &[Transport::Udp],
    ports: &[443],
    any_port: false,
    probe,
    make: |_| Box::<Connection>::default(),
};

fn probe(bytes: &[u8], direction: Direction) -> Probe {
    if direction == Direction::ToServer && packet::is_initial(bytes) { Probe::Yes } else { Probe::No }
}

/// The reader of one flow, until the ClientHello is complete.
#[derive(Default)]
struct Connection {
    opener: Opener,
    crypto: Crypto,
    /// Datagrams of the client looked at.
    looked: u32,
}

impl Decoder for Connection {
    fn feed(&mut self, direction: Direction, input: Input<'_>, out: &mut Events) -> Outcome {
        let Input::Datagram { payload, cut } = input else { return Outcome::Finished };
        if direction == Direction::ToClient {
            return Outcome::Consumed(payload.len());
        }
        self.looked += 1;
        // What the snapshot length cut cannot be opened; nor can what follows it stand alone.
        if cut || self.read(payload, out) {
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
    /// Reads a datagram of the client. `true` where there is nothing more to wait for.
    fn read(&mut self, payload: &[u8], out: &mut Events) -> bool {
        let direction = Direction::ToServer;
        let mut rest = payload.to_vec();
        // One datagram may hold several packets (RFC 9000 12.2); each takes bytes from it.
        while let Some(opened) = self.opener.next(&mut rest) {
            // Its handshake is TLS (RFC 9001): that is the service, under another transport.
            out.service("tls");
            if let Err(error) = self.crypto.frames(&opened, &out.limits) {
                match error.kind {
                    crate::ErrorKind::Limit(limit) => {
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
                let (server_name, alpn) = (hello.server_name, hello.alpn);
                out.push(direction, QuicEvent { version, server_name, alpn });
            }
            Err(error) => out.malformed(direction, error),
        }
        true
    }
}
