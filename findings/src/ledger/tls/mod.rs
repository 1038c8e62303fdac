//! TLS with hosts of any kind: what was offered and chosen, the certificates shown, and attempts that failed. Which
//! of these hosts is a site system is for [`role`](mod@role) to say.

mod leaf;
pub(super) mod role;

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use capture::{FlowId, Moment};
use decoders::tls::Certificate;

use super::sealed::Sealed;
use super::{FewMap, FewSet, Hashed, Table};
use crate::evidence::{Rarely, Seen};
use crate::limits::Limits;

pub(crate) use leaf::{ClientLeaf, Leaf, is_from_site, names_in};

/// TLS 1.2 as numbered on the wire.
pub(crate) const TLS12: u16 = 0x0303;
/// TLS 1.3 as numbered on the wire.
pub(crate) const TLS13: u16 = 0x0304;
/// Ports on which a connection that fails tells of a fallback: HTTPS, software updates, client notification.
pub(crate) const WATCHED_PORTS: [u16; 3] = [443, 8531, NOTIFICATION_PORT];
/// Client notification.
pub(crate) const NOTIFICATION_PORT: u16 = 10123;
/// Software updates over TLS.
pub(crate) const UPDATE_PORT: u16 = 8531;

/// A version in words.
pub(crate) fn version_name(version: u16) -> Cow<'static, str> {
    Cow::Borrowed(match version {
        0x0002 | 0x0200 => "SSL 2.0",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        TLS12 => "TLS 1.2",
        TLS13 => "TLS 1.3",
        other => return Cow::Owned(format!("version {other:#06x}")),
    })
}

/// A version and cipher suite that a server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Chosen {
    /// The version.
    pub(crate) version: u16,
    /// The cipher suite.
    pub(crate) cipher: u16,
}

/// TLS between a client and a port of a server.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsPeer {
    /// Handshakes, without the places.
    pub(crate) seen: Seen,
    /// Names that clients asked for. Not yet scrubbed.
    pub(crate) server_names: FewSet<String>,
    /// The highest version of each ClientHello.
    pub(crate) offered: FewMap<u16, Seen>,
    /// What the server chose.
    pub(crate) chosen: FewMap<Chosen, Seen>,
    /// The server's certificates, by fingerprint.
    pub(crate) leaves: FewMap<String, Leaf>,
    /// The client's certificates, by fingerprint.
    pub(crate) clients: FewMap<String, ClientLeaf>,
    /// Handshakes in which the client sent a certificate.
    pub(crate) sent: u64,
    /// Handshakes that showed the server's certificate.
    pub(crate) certified: u64,
    /// Whole handshakes that showed the server's certificate and in which it asked for none of the client.
    pub(crate) unasked: u64,
    /// Connections with another handshake inside the encryption, where certificates may be asked for unseen.
    pub(crate) renegotiated: u64,
    /// Handshakes in which the client was asked for a certificate and sent none.
    pub(crate) withheld: u64,
    /// Handshakes in which the server asked for a client certificate.
    pub(crate) asked: Rarely,
    /// Handshakes in which the client proved that it has the key of its certificate (CertificateVerify, RFC 5246 7.4.8,
    /// RFC 8446 4.4.3).
    pub(crate) proved: Rarely,
    /// Those of them after which the server went on: it sends its Finished, up to TLS 1.2, or data or a session ticket
    /// once it has taken the proof.
    pub(crate) accepted: Rarely,
    /// Those of them that the server ended with a fatal alert instead.
    pub(crate) refused: Rarely,
    /// Handshakes that resumed a session whose first handshake was not seen: certificates were shown before.
    pub(crate) resumed: u64,
    /// Connections that have ended of which with keys was read inside what the client sent.
    pub(crate) opened: u64,
    /// Connections that have ended of which only the server's side was read, or not to the end.
    pub(crate) half_read: u64,
    /// Connections that have ended with nothing opened inside.
    pub(crate) sealed: Option<Box<Sealed>>,
    /// Handshakes that resumed a session whose first handshake was seen: what that showed is counted here too.
    pub(crate) tied: u64,
    /// Named groups in which keys were agreed on.
    pub(crate) groups: FewSet<u16>,
    /// Bits of the shortest prime over which keys were agreed on, where it was over integers.
    pub(crate) prime_bits: Option<u32>,
}

impl TlsPeer {
    /// Whether all connections that have ended were read inside: what was not seen there was not there.
    pub(crate) const fn is_read(&self) -> bool {
        self.opened > 0 && self.half_read == 0 && self.sealed.is_none()
    }

    /// Whether the client proved its certificate and was not refused, as far as it shows.
    pub(crate) fn is_proved(&self) -> bool {
        self.proved.count > self.refused.count
    }

    /// Handshakes, with the places that show best what they came to.
    pub(crate) fn shown(&self) -> Seen {
        let mut places = Seen::default();
        let hellos = if self.chosen.is_empty() { self.offered.values().collect() } else { Vec::new() };
        for place in self.chosen.values().chain(hellos) {
            places.merge(place);
        }
        // Resumed or half-captured handshakes have one hello, not both.
        Seen { count: self.seen.count.max(places.count), ..places }
    }
}

/// Attempts of a client to reach a port of a server that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures {
    /// The attempts.
    pub(crate) seen: Seen,
    /// When each began, the first of them.
    pub(crate) times: Vec<Moment>,
}

/// What is remembered of a flow while it lasts.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsFlow {
    /// The handshake was over as far as it can be seen.
    pub(crate) encrypted: bool,
    /// A fatal alert ended the handshake.
    pub(crate) failed: bool,
    /// The server showed its certificate.
    pub(crate) certified: bool,
    /// The server asked for a client certificate.
    pub(crate) asked: bool,
    /// The client's certificate.
    pub(crate) client: Option<Arc<Certificate>>,
    /// The client proved that it has the key of it.
    pub(crate) proved: bool,
    /// The server took the proof, or refused it.
    pub(crate) answered: bool,
    /// Something that the client sent was read inside.
    pub(crate) client_read: bool,
    /// Something that the server sent was read inside.
    pub(crate) server_read: bool,
    /// Whose chain the next certificates belong to: the leaf, and whether it is the client's.
    pub(crate) collecting: Option<(Arc<Certificate>, bool)>,
}

/// What is remembered of TLS.
#[derive(Debug)]
pub(crate) struct TlsLedger {
    /// By client, server and the server's port.
    pub(crate) peers: Hashed<(IpAddr, IpAddr, u16), TlsPeer>,
    /// Failed attempts by client, server and the server's port.
    pub(crate) failures: Table<(IpAddr, IpAddr, u16), Failures>,
    /// Flows that carry TLS, while they last.
    pub(crate) flows: Hashed<FlowId, TlsFlow>,
    /// Servers with a certificate that the site issued itself.
    pub(crate) issued: Table<IpAddr, Seen>,
    /// Names, in lower case, that management points gave clients for cloud management gateways.
    pub(crate) gateways: Table<String, ()>,
    /// Names that proxies were asked to connect flows to, while the flows last. Not yet scrubbed.
    pub(crate) tunnels: Hashed<FlowId, String>,
}

impl TlsLedger {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            peers: Hashed::new(limits.peers),
            failures: Table::new(limits.failures),
            flows: Hashed::new(limits.table),
            issued: Table::new(limits.table),
            gateways: Table::new(limits.table),
            tunnels: Hashed::new(limits.table),
        }
    }

    pub(crate) const fn full(&self) -> u64 {
        self.peers.refused()
            + self.failures.refused()
            + self.flows.refused()
            + self.issued.refused()
            + self.gateways.refused()
            + self.tunnels.refused()
    }

    /// Failed attempts of one client, by server and port.
    pub(crate) fn failures_of(&self, client: IpAddr) -> impl Iterator<Item = (IpAddr, u16, &Failures)> {
        let first = (client, Ipv4Addr::UNSPECIFIED.into(), 0);
        let own = self.failures.range(first..).take_while(move |(key, _)| key.0 == client);
        own.map(|((_, server, port), failures)| (*server, *port, failures))
    }
}
