//! TLS handshakes as far as they are in the clear, attempts that failed, and the end of flows.

use std::net::IpAddr;

use capture::{Direction, EndReason, Transport};
use decoders::tls::{ClientHello, KeyExchange, Reading, ServerHello, TlsEvent};
use decoders::{FlowEnd, Record};

use crate::cipher::weakness;
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::ledger::gateway::{CONNECTOR_PORTS, own_name};
use crate::ledger::tls::{
    Chosen, Leaf, NOTIFICATION_PORT, TLS12, TlsFlow, TlsPeer, UPDATE_PORT, WATCHED_PORTS, version_name,
};
use crate::ledger::{Ledger, NameSource, Role};

use super::certificate;
use super::flow::channel;

/// An alert that ends a connection (RFC 8446 6).
const FATAL: u8 = 2;

/// Enters an event.
pub(super) fn tls(ledger: &mut Ledger, record: &Record, event: &TlsEvent) {
    if ledger.tls.flows.entry(record.flow, TlsFlow::default).is_none() {
        return;
    }
    match event {
        TlsEvent::ClientHello(hello) => client_hello(ledger, record, hello),
        TlsEvent::ServerHello(hello) if !hello.hello_retry => server_hello(ledger, record, hello),
        TlsEvent::Certificate(sent) => certificate::sent(ledger, record, sent),
        TlsEvent::CertificateRequest => {
            if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
                flow.asked = true;
            }
            with_peer(ledger, record, |peer| peer.asked.note(record, || "CertificateRequest".to_owned()));
        }
        TlsEvent::ClientVerify => certificate::proved(ledger, record),
        TlsEvent::KeyExchange(exchange) => key_exchange(ledger, record, *exchange),
        TlsEvent::Alert { level: FATAL, description } => {
            certificate::refused(ledger, record, *description);
            failed(ledger, record, *description);
        }
        TlsEvent::ClientAuth { certificates: 0 } => with_peer(ledger, record, |peer| peer.withheld += 1),
        TlsEvent::ClientAuth { .. } => with_peer(ledger, record, |peer| peer.sent += 1),
        TlsEvent::Encrypted => {
            switched(ledger, record);
            certificate::went_on(ledger, record, "the server's Finished");
        }
        // One that was read inside hides nothing.
        TlsEvent::Renegotiation if record.opened => {}
        TlsEvent::Renegotiation => with_peer(ledger, record, |peer| peer.renegotiated += 1),
        TlsEvent::ApplicationData => {
            if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
                flow.encrypted = true;
            }
            certificate::went_on(ledger, record, "the server's data");
        }
        TlsEvent::SessionTicket(_) => certificate::went_on(ledger, record, "a session ticket"),
        TlsEvent::ServerHello(_) | TlsEvent::Abbreviated | TlsEvent::Alert { .. } => {}
    }
}

/// The handshake is over: what was not asked for by now was not asked for in the clear.
fn switched(ledger: &mut Ledger, record: &Record) {
    let Some(flow) = ledger.tls.flows.get_mut(&record.flow) else { return };
    flow.encrypted = true;
    if flow.certified && !flow.asked {
        with_peer(ledger, record, |peer| peer.unasked += 1);
    }
}

fn client_hello(ledger: &mut Ledger, record: &Record, hello: &ClientHello) {
    let bound = ledger.limits.list;
    let highest = hello.highest_version();
    // Through a proxy, the name that it was asked to connect to is as good.
    let tunnel = ledger.tls.tunnels.remove(&record.flow);
    let name = hello.server_name.as_ref();
    with_peer(ledger, record, |peer| {
        peer.seen.count_at(record.at);
        if peer.offered.len() < bound || peer.offered.contains_key(&highest) {
            note(peer.offered.slot(highest), highest < TLS12, record, || {
                let (before, name) = name.map_or(("", ""), |name| (" for ", name));
                ["ClientHello", before, name, ", at most ", &version_name(highest)].concat()
            });
        }
        if let Some(name) = name.or(tunnel.as_ref()).filter(|_| peer.server_names.len() < bound) {
            peer.server_names.insert(name.clone());
        }
    });
    if let Some(name) = name {
        ledger.name(record.key.server.addr, name, NameSource::Tls);
    }
}

fn server_hello(ledger: &mut Ledger, record: &Record, hello: &ServerHello) {
    let bound = ledger.limits.list;
    let chosen = Chosen { version: hello.version, cipher: hello.cipher };
    with_peer(ledger, record, |peer| {
        if peer.chosen.len() < bound || peer.chosen.contains_key(&chosen) {
            let bad = chosen.version < TLS12 || weakness(chosen.cipher).is_some();
            note(peer.chosen.slot(chosen), bad, record, || {
                format!("ServerHello: {}, cipher suite {:#06x}", version_name(chosen.version), chosen.cipher)
            });
        }
        if let Some(group) = hello.group.filter(|_| peer.groups.len() < bound) {
            peer.groups.insert(group);
        }
    });
    claim_by_port(ledger, record);
}

fn key_exchange(ledger: &mut Ledger, record: &Record, exchange: KeyExchange) {
    let bound = ledger.limits.list;
    with_peer(ledger, record, |peer| {
        if let Some(group) = exchange.group.filter(|_| peer.groups.len() < bound) {
            peer.groups.insert(group);
        }
        if let Some(bits) = exchange.prime_bits {
            peer.prime_bits = Some(peer.prime_bits.map_or(bits, |least| least.min(bits)));
        }
    });
}

/// Counts what was seen. Most TLS is with servers that nobody asks about: of what is in order one place is enough.
pub(super) fn note(seen: &mut Seen, several: bool, record: &Record, what: impl FnOnce() -> String) {
    if several || !seen.is_some() {
        seen.note(record, what);
    } else {
        seen.count_at(record.at);
    }
}

pub(super) fn with_peer(ledger: &mut Ledger, record: &Record, enter: impl FnOnce(&mut TlsPeer)) {
    let key = channel(record);
    let hosts = &ledger.hosts;
    let worth_keeping = |(_, server, port): &(IpAddr, IpAddr, u16), peer: &TlsPeer| {
        let of_the_site = hosts.get(server).is_some_and(|host| host.site_system().is_some());
        let gateway = CONNECTOR_PORTS.contains(port) || own_name(peer).is_some();
        of_the_site || gateway || peer.leaves.values().any(Leaf::is_from_site)
    };
    if let Some(peer) = ledger.tls.peers.entry_before(key, TlsPeer::default, worth_keeping) {
        enter(peer);
    }
}

/// A TLS server on a port that ConfigMgr gives a meaning is likely what listens there.
fn claim_by_port(ledger: &mut Ledger, record: &Record) {
    let role = match record.key.server.port {
        NOTIFICATION_PORT => Role::ManagementPoint,
        UPDATE_PORT => Role::SoftwareUpdatePoint,
        _ => return,
    };
    let what = format!("speaks TLS on port {}", record.key.server.port);
    ledger.claim(record.key.server.addr, role, Confidence::Likely, record, &what);
}

fn failed(ledger: &mut Ledger, record: &Record, description: u8) {
    let Some(flow) = ledger.tls.flows.get_mut(&record.flow) else { return };
    if flow.encrypted || flow.failed {
        return;
    }
    flow.failed = true;
    let what = format!("TLS handshake ended by alert {description}");
    note_failure(ledger, record, &Evidence::of(record, what));
}

fn note_failure(ledger: &mut Ledger, record: &Record, evidence: &Evidence) {
    let bound = ledger.limits.list;
    let key = channel(record);
    let Some(failures) = ledger.tls.failures.entry(key, Default::default) else { return };
    let mut seen = Seen::default();
    seen.count_at(evidence.at);
    seen.evidence.push(evidence.clone());
    failures.seen.merge(&seen);
    if failures.times.len() < bound {
        failures.times.push(evidence.at);
    }
}

/// Notes that something was read inside a connection, by who sent it.
pub(super) fn read_inside(ledger: &mut Ledger, record: &Record) {
    if let Some(flow) = ledger.tls.flows.get_mut(&record.flow) {
        match record.direction {
            Direction::ToServer => flow.client_read = true,
            Direction::ToClient => flow.server_read = true,
        }
    }
}

/// Enters how far a connection was read inside, and where nothing in it was opened, what shows of it from outside.
fn sealed(ledger: &mut Ledger, record: &Record, flow: &TlsFlow, end: &FlowEnd) {
    let bound = ledger.limits.list;
    let key = channel(record);
    let Some(peer) = ledger.tls.peers.get_mut(&key) else { return };
    if end.reading == Some(Reading::Opened) {
        match (flow.client_read, flow.server_read) {
            (true, _) => peer.opened += 1,
            (false, true) => peer.half_read += 1,
            // Nothing was sent inside.
            (false, false) => {}
        }
    } else if end.services.iter().all(|service| *service == "tls") {
        peer.sealed.get_or_insert_default().enter(record.key.client.port, end, bound);
    } else {
        peer.half_read += 1;
    }
}

/// Enters a handshake that the server answered by closing: some send no alert where they have no version in common.
fn broken_off(ledger: &mut Ledger, record: &Record, flow: &TlsFlow, end: &FlowEnd) {
    let closed = matches!(end.reason, EndReason::Fin | EndReason::Reset);
    let silent = end.to_client.packets > 0 && end.to_client.bytes == 0;
    if closed && silent && !flow.encrypted && !flow.failed {
        let what = "connection closed in answer to the ClientHello".to_owned();
        let bytes = Box::default();
        let evidence = Evidence { at: end.started, flow: record.flow, key: record.key, what, bytes };
        note_failure(ledger, record, &evidence);
    }
}

/// Enters the end of a flow: an attempt that came to nothing, and room for others.
pub(super) fn ended(ledger: &mut Ledger, record: &Record, end: &FlowEnd) {
    if let Some(flow) = ledger.tls.flows.remove(&record.flow) {
        sealed(ledger, record, &flow, end);
        broken_off(ledger, record, &flow, end);
    }
    ledger.http.flows.remove(&record.flow);
    ledger.tls.tunnels.remove(&record.flow);
    if record.key.transport != Transport::Tcp || !WATCHED_PORTS.contains(&record.key.server.port) {
        return;
    }
    let port = record.key.server.port;
    let what = if end.refused {
        format!("connection to port {port} refused")
    } else if end.unreachable {
        format!("port {port} reported unreachable")
    } else if end.unanswered {
        format!("connection to port {port} not answered")
    } else {
        return;
    };
    let evidence =
        Evidence { at: end.started, flow: record.flow, key: record.key, what, bytes: Box::default() };
    note_failure(ledger, record, &evidence);
}
