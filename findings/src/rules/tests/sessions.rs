//! What is known of a TLS session where it is resumed.

use std::sync::Arc;

use decoders::tls::{Certificate, ClientHello, SentCertificate, ServerHello, SessionTicket, TlsEvent};

use crate::channel::Grade;
use crate::ledger::tls::TlsPeer;
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr};

const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;
const TICKET: [u8; 32] = [7; 32];
const UNSEEN: &str = "sessions were resumed whose first handshake was not seen";

fn hello(scene: &mut Scene, session_id: &[u8], ticket: Option<[u8; 32]>, psk: Option<[u8; 32]>) {
    let hello = ClientHello {
        version: TLS12,
        session_id: session_id.to_vec(),
        ticket,
        psk_identities: psk.into_iter().collect(),
        ..ClientHello::default()
    };
    scene.up(TlsEvent::ClientHello(Box::new(hello)));
}

fn answer(scene: &mut Scene, version: u16, session_id: &[u8], resumed: bool) {
    let hello = ServerHello {
        version,
        cipher: 0xC030,
        session_id: session_id.to_vec(),
        resumed,
        ..ServerHello::default()
    };
    scene.down(TlsEvent::ServerHello(Box::new(hello)));
}

/// A whole handshake on the port of client notification, in which the client proves its certificate if asked.
fn first(scene: &mut Scene, asks: bool) {
    scene.flow(CLIENT, SERVER, 10123);
    hello(scene, &[], None, None);
    answer(scene, TLS12, &[1, 2], false);
    scene.certificate("mp01.example.test", "Example CA");
    if asks {
        let certificate = Arc::new(Certificate::default());
        scene.down(TlsEvent::CertificateRequest);
        scene.up(TlsEvent::Certificate(SentCertificate { client: true, index: 0, certificate }));
        scene.up(TlsEvent::ClientVerify);
    }
    scene.down(TlsEvent::SessionTicket(SessionTicket { lifetime_secs: 1, sha256: TICKET }));
    scene.down(TlsEvent::Encrypted);
}

/// A resumption from another address, by a session id or a ticket.
fn again(scene: &mut Scene, session_id: &[u8], ticket: Option<[u8; 32]>) {
    scene.flow(OTHER, SERVER, 443);
    hello(scene, session_id, ticket, None);
    answer(scene, TLS12, session_id, true);
    scene.down(TlsEvent::Encrypted);
}

fn peer(scene: &Scene) -> &TlsPeer {
    scene.ledger.tls.peers.get(&(addr(OTHER), addr(SERVER), 443)).unwrap()
}

fn reasons(scene: &Scene) -> Vec<(Grade, String)> {
    let channels = scene.channels();
    let channel =
        channels.iter().find(|channel| channel.client == addr(OTHER) && channel.port == 443).unwrap();
    channel.reasons.iter().map(|reason| (reason.grade, reason.text.clone())).collect()
}

#[test]
fn a_resumed_session_keeps_what_its_first_handshake_showed() {
    for (session_id, ticket) in [(&[1, 2][..], None), (&[9, 9], Some(TICKET))] {
        let mut scene = Scene::new();
        first(&mut scene, true);
        again(&mut scene, session_id, ticket);
        let peer = peer(&scene);
        assert_eq!((peer.tied, peer.resumed, peer.certified), (1, 0, 1));
        assert!(peer.proved.is_some() && peer.asked.is_some() && peer.leaves.len() == 1);
        assert!(reasons(&scene).contains(&(Grade::Secure, "the client proved its certificate".to_owned())));
    }
}

#[test]
fn nobody_proved_anything_where_nobody_was_asked() {
    let mut scene = Scene::new();
    first(&mut scene, false);
    again(&mut scene, &[1, 2], None);
    assert!(!peer(&scene).proved.is_some() && peer(&scene).tied == 1);
    assert!(
        reasons(&scene)
            .iter()
            .any(|(grade, text)| *grade == Grade::Weak && text.contains("asked for in the clear"))
    );
}

#[test]
fn a_session_that_was_not_seen_to_begin_is_not_made_up() {
    let mut scene = Scene::new();
    first(&mut scene, true);
    again(&mut scene, &[3, 4], Some([8; 32]));
    assert_eq!((peer(&scene).tied, peer(&scene).resumed), (0, 1));
    assert!(reasons(&scene).contains(&(Grade::NotObservable, UNSEEN.to_owned())));
    let mut elsewhere = Scene::new();
    first(&mut elsewhere, true);
    elsewhere.flow(OTHER, "192.0.2.81", 10123);
    hello(&mut elsewhere, &[1, 2], None, None);
    answer(&mut elsewhere, TLS12, &[1, 2], true);
    let tied: Vec<_> = elsewhere.ledger.tls.peers.iter().map(|(_, peer)| (peer.tied, peer.resumed)).collect();
    assert_eq!(tied, [(0, 0), (0, 1)], "another server's id");
}

#[test]
fn a_ticket_given_on_resumption_leads_to_the_same_session() {
    let mut scene = Scene::new();
    first(&mut scene, true);
    scene.flow(CLIENT, SERVER, 10123);
    hello(&mut scene, &[5], Some(TICKET), None);
    answer(&mut scene, TLS12, &[5], true);
    scene.down(TlsEvent::SessionTicket(SessionTicket { lifetime_secs: 1, sha256: [8; 32] }));
    scene.down(TlsEvent::Encrypted);
    again(&mut scene, &[6], Some([8; 32]));
    assert_eq!((peer(&scene).tied, peer(&scene).proved.count), (1, 1));
}

#[test]
fn a_handshake_that_shows_its_resumption_by_what_it_leaves_out_is_tied_too() {
    let mut scene = Scene::new();
    first(&mut scene, true);
    scene.flow(OTHER, SERVER, 443);
    hello(&mut scene, &[], Some(TICKET), None);
    answer(&mut scene, TLS12, &[], false);
    scene.down(TlsEvent::Abbreviated).down(TlsEvent::Encrypted);
    assert_eq!((peer(&scene).tied, peer(&scene).resumed), (1, 0));
}

#[test]
fn tls13_is_tied_where_tickets_were_read_and_else_hides_it() {
    let with = |read: bool| {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 443);
        hello(&mut scene, &[1], None, None);
        answer(&mut scene, TLS13, &[1], false);
        if read {
            scene.certificate("mp01.example.test", "Example CA").down(TlsEvent::CertificateRequest);
            scene.up(TlsEvent::ClientVerify);
        }
        scene.down(TlsEvent::Encrypted);
        if read {
            scene.down(TlsEvent::SessionTicket(SessionTicket { lifetime_secs: 1, sha256: TICKET }));
        }
        scene.flow(OTHER, SERVER, 443);
        hello(&mut scene, &[2], None, Some(TICKET));
        answer(&mut scene, TLS13, &[2], true);
        (peer(&scene).tied, peer(&scene).resumed, peer(&scene).proved.is_some())
    };
    assert_eq!(with(true), (1, 0, true));
    assert_eq!(with(false), (0, 1, false));
}

#[test]
fn groups_are_told_and_short_ones_are_weak() {
    let with = |group: Option<u16>, prime_bits| {
        let mut scene = Scene::new();
        scene.flow(OTHER, SERVER, 443).hellos("mp01.example.test", TLS12, TLS12, 0xC030);
        scene.down(TlsEvent::KeyExchange(decoders::tls::KeyExchange { group, prime_bits }));
        scene.certificate("mp01.example.test", "SMS Issuing");
        reasons(&scene).into_iter().find(|(_, text)| text.starts_with("the keys were agreed on"))
    };
    let told = |grade, text: &str| Some((grade, format!("the keys were agreed on over {text}")));
    assert_eq!(with(Some(29), None), told(Grade::Secure, "x25519"));
    assert_eq!(with(Some(19), None), told(Grade::Weak, "the short curve secp192r1"));
    assert_eq!(with(None, Some(2048)), told(Grade::Secure, "a prime of 2048 bits"));
    assert_eq!(with(None, Some(1024)), told(Grade::Weak, "a prime of 1024 bits"));
}
