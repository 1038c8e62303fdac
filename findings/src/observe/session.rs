//! TLS sessions: what is given to resume them with, and what is known when they are.

use std::sync::Arc;

use decoders::Record;
use decoders::tls::{ClientHello, TlsEvent};

use super::tls::{note, with_peer};
use crate::ledger::Ledger;
use crate::ledger::session::{Handshake, Session, SessionName};
use crate::ledger::tls::{Leaf, TLS13};

/// Enters an event.
pub(super) fn tls(ledger: &mut Ledger, record: &Record, event: &TlsEvent) {
    if let TlsEvent::ClientHello(hello) = event {
        return begin(ledger, record, hello);
    }
    let bound = ledger.limits.list;
    let Some(handshake) = ledger.sessions.handshakes.get_mut(&record.flow) else { return };
    if let TlsEvent::ServerHello(hello) = event {
        handshake.hidden = hello.version >= TLS13;
    }
    let session = &mut handshake.session;
    match event {
        TlsEvent::ServerHello(hello) if hello.resumed => resume(ledger, record),
        // In TLS 1.3 the id names nothing.
        TlsEvent::ServerHello(hello) if hello.version < TLS13 && !hello.session_id.is_empty() => {
            handshake.given = vec![SessionName::Id(hello.session_id.clone())];
        }
        TlsEvent::Abbreviated => resume(ledger, record),
        TlsEvent::Certificate(sent) if sent.index == 0 && !sent.client && !sent.unreadable => {
            session.leaf = Some(Arc::clone(&sent.certificate));
        }
        TlsEvent::CertificateRequest => session.asked = true,
        TlsEvent::ClientAuth { certificates: 0 } => session.withheld = true,
        TlsEvent::ClientVerify => session.proved = true,
        TlsEvent::SessionTicket(ticket) if handshake.given.len() < bound => {
            handshake.given.push(SessionName::Ticket(ticket.sha256));
            if handshake.over {
                remember(ledger, record);
            }
        }
        TlsEvent::Encrypted => {
            handshake.over = true;
            let hidden = handshake.hidden;
            remember(ledger, record);
            if !hidden {
                ledger.sessions.handshakes.remove(&record.flow);
            }
        }
        _ => {}
    }
}

/// Forgets a flow.
pub(super) fn ended(ledger: &mut Ledger, record: &Record) {
    ledger.sessions.handshakes.remove(&record.flow);
}

fn begin(ledger: &mut Ledger, record: &Record, hello: &ClientHello) {
    let bound = ledger.limits.list;
    let Some(handshake) = ledger.sessions.handshakes.entry(record.flow, Handshake::default) else { return };
    let tickets = hello.ticket.iter().chain(&hello.psk_identities).take(bound);
    let mut offered: Vec<SessionName> = tickets.map(|hash| SessionName::Ticket(*hash)).collect();
    if !hello.session_id.is_empty() {
        offered.push(SessionName::Id(hello.session_id.clone()));
    }
    *handshake = Handshake { offered, ..Handshake::default() };
}

/// A session is resumed: what its first handshake showed holds for this one.
fn resume(ledger: &mut Ledger, record: &Record) {
    let server = record.key.server.addr;
    let Some(handshake) = ledger.sessions.handshakes.get_mut(&record.flow) else { return };
    let offered = std::mem::take(&mut handshake.offered);
    let sessions = &ledger.sessions.sessions;
    let known = offered.into_iter().find_map(|name| sessions.get(&(server, name)).cloned());
    let Some(session) = known else {
        return with_peer(ledger, record, |peer| peer.resumed += 1);
    };
    handshake.session = Session::clone(&session);
    handshake.given.clear();
    let bound = ledger.limits.list;
    with_peer(ledger, record, |peer| {
        peer.tied += 1;
        if session.asked {
            peer.asked
                .note(record, || "resumed a session in which the server asked for a certificate".to_owned());
        }
        if session.proved {
            let what = || "resumed a session in which the client proved its certificate".to_owned();
            peer.proved.note(record, what);
            peer.accepted.note(record, what);
        }
        peer.withheld += u64::from(session.withheld);
        let Some(certificate) = &session.leaf else { return };
        peer.certified += 1;
        if peer.leaves.contains_key(&certificate.sha256) || peer.leaves.len() >= bound {
            return;
        }
        let made = || Leaf::new(Arc::clone(certificate));
        let leaf = peer.leaves.slot_with(certificate.sha256.clone(), made);
        note(&mut leaf.seen, false, record, || {
            format!("resumed a session with the server certificate {}", certificate.subject.join(", "))
        });
    });
}

/// Keeps what a session has shown for when it is resumed; one that showed nothing is as good as one not seen.
fn remember(ledger: &mut Ledger, record: &Record) {
    let server = record.key.server.addr;
    let Some(handshake) = ledger.sessions.handshakes.get_mut(&record.flow) else { return };
    let given = std::mem::take(&mut handshake.given);
    if handshake.session == Session::default() || given.is_empty() {
        return;
    }
    let session = Arc::new(handshake.session.clone());
    for name in given {
        if let Some(known) = ledger.sessions.sessions.entry((server, name), || Arc::clone(&session)) {
            known.clone_from(&session);
        }
    }
}
