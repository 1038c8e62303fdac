//! TLS 1.0 to 1.3 and SSL 3.0, as far as it is in the clear (RFC 8446, RFC 5246, RFC 6101), and the SSL 2.0-framed
//! ClientHello. Where keys were given, ciphered records are opened. No certificate is verified, and no key is guessed.
//!
//! ```text
//! bytes -> record: frames, joined messages -> connection: who is ciphered -> handshake: hello, certificate -> events
//!                                                  \-> open: plaintext -/-> a session inside -> its own events
//! ```

mod certificate;
mod connection;
mod event;
mod fingerprint;
mod handshake;
mod hello;
mod key_exchange;
mod open;
mod record;
mod sent;
mod ssl2;
#[cfg(test)]
mod tests;

pub(crate) use certificate::{name as distinguished_name, revocation_urls};
pub use event::*;
pub(crate) use hello::client_hello;
pub use open::{Keys, LogRead, Reading, ServerKeyError, suite_name};
pub(crate) use open::{Ring, Sessions};
pub use sent::KnownCertificates;

use capture::Transport;

use crate::decoder::Spec;

/// Ports where TLS is the rule in a ConfigMgr site: HTTPS, WSUS, client notification (and its HTTPS fallback), LDAPS,
/// global catalog, WinRM, the OS deployment service, and the channels of a cloud management gateway.
const PORTS: &[u16] = &[
    443, 8531, 10123, 636, 3269, 5986, 8003, 10124, 10125, 10126, 10127, 10128, 10129, 10130, 10131, 10132,
    10133, 10134, 10135, 10136, 10137, 10138, 10139, 10140, 10141, 10142, 10143, 10144, 10145, 10146, 10147,
    10148, 10149, 10150, 10151, 10152, 10153, 10154, 10155,
];

/// This protocol's entry in the list of decoders.
pub static SPEC: Spec = Spec {
    protocol: crate::Protocol::Tls,
    transports: &[Transport::Tcp],
    ports: PORTS,
    any_port: true,
    exchanges: false,
    probe: record::probe,
    make: |_| Box::<connection::Connection>::default(),
};
