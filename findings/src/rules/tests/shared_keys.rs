//! One client key on several hosts.

use std::sync::Arc;

use capture::EndReason;
use decoders::Event;
use decoders::ccm::{Content, Registration, Signature, Verdict};
use decoders::tls::{Certificate, SentCertificate, TlsEvent};

use crate::finding::Confidence;
use crate::testing::{SERVER, Scene, addr, message, signed};

const ONE: &str = "192.0.2.101";
const TWO: &str = "192.0.2.102";
const CARD: [u8; 6] = [0, 0, 0x5E, 0, 0x53, 1];
const OTHER_CARD: [u8; 6] = [0, 0, 0x5E, 0, 0x53, 2];

fn registers(scene: &mut Scene, client: &str, name: &str, verdict: Verdict) {
    let body = Registration {
        key_id: Some("key".to_owned()),
        netbios_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        signature: Signature { verdict, ..Signature::default() },
        ..Registration::default()
    };
    scene.flow(client, SERVER, 80);
    scene.message(message("MP_ClientRegistration", Content::Registration(Box::new(body))));
}

fn proves(scene: &mut Scene, client: &str, server: &str) {
    let certificate = Certificate { key_sha256: "key".to_owned(), ..Certificate::default() };
    let sent = SentCertificate { client: true, index: 0, certificate: Arc::new(certificate) };
    scene.flow(client, server, 443).up(TlsEvent::Certificate(sent)).up(TlsEvent::ClientVerify);
}

fn leaves(scene: &mut Scene, mac: Option<[u8; 6]>) {
    scene.up(Event::Flow(decoders::FlowEnd {
        started: scene.moment(),
        reason: EndReason::Fin,
        client_mac: mac,
        ..crate::testing::flow_end()
    }));
}

const VALID: Verdict = Verdict::Valid { digest_info: true };

/// How sure it is that two registrations with one key are of two hosts.
fn two(names: [&str; 2], cards: [Option<[u8; 6]>; 2]) -> Option<Confidence> {
    let mut scene = Scene::new();
    for (at, client) in [ONE, TWO].into_iter().enumerate() {
        registers(&mut scene, client, names[at], VALID);
        leaves(&mut scene, cards[at]);
    }
    scene.found("cert-shared").pop().map(|finding| finding.confidence)
}

#[test]
fn two_names_with_one_key_are_two_hosts() {
    let mut scene = Scene::new();
    registers(&mut scene, ONE, "WS101", VALID);
    registers(&mut scene, TWO, "WS102", VALID);
    let finding = scene.one("cert-shared");
    assert_eq!((finding.source, finding.destination), (addr(TWO), addr(SERVER)));
    assert!(finding.message.contains("WS102 (192.0.2.102)") && finding.message.contains("WS101"));
    assert_eq!(finding.subject, "key");
}

#[test]
fn cards_and_names_say_how_sure_it_is() {
    let (card, other) = (Some(CARD), Some(OTHER_CARD));
    let differ = ["WS101", "WS102"];
    assert_eq!(two(differ, [card, other]), Some(Confidence::Certain));
    assert_eq!(two(differ, [None, None]), Some(Confidence::Likely));
    assert_eq!(two(differ, [card, card]), Some(Confidence::Possible), "renamed, or behind a router");
    assert_eq!(two(["", ""], [card, other]), Some(Confidence::Possible));
}

#[test]
fn a_host_that_moved_is_one_host() {
    let (card, other) = (Some(CARD), Some(OTHER_CARD));
    assert_eq!(two(["WS101", "ws101.example.test"], [card, other]), None, "from one card to another");
    assert_eq!(two(["", ""], [card, card]), None, "from one address to another");
    assert_eq!(two(["", ""], [None, None]), None, "nothing tells them apart");
}

#[test]
fn hosts_without_names_that_use_a_key_by_turns_have_not_moved() {
    let mut scene = Scene::new();
    for client in [ONE, TWO, ONE, TWO] {
        registers(&mut scene, client, "", VALID);
        scene.wait(1);
    }
    assert_eq!(scene.one("cert-shared").confidence, Confidence::Possible);
}

#[test]
fn a_registration_whose_signature_does_not_verify_uses_no_key() {
    let with = |verdict| {
        let mut scene = Scene::new();
        registers(&mut scene, ONE, "WS101", VALID);
        registers(&mut scene, TWO, "WS102", verdict);
        scene.found("cert-shared").pop().map(|finding| finding.confidence)
    };
    assert_eq!(with(Verdict::Invalid), None);
    assert_eq!(with(Verdict::Absent), None);
    assert_eq!(with(Verdict::NotVerifiable("cut")), Some(Confidence::Likely));
}

#[test]
fn signed_messages_use_the_key_that_was_registered() {
    let mut scene = Scene::new();
    registers(&mut scene, ONE, "WS101", VALID);
    let mut policy = signed(message("MP_PolicyManager", Content::Unread), "key", "GUID:1");
    if let Some(header) = &mut policy.header {
        header.source_host = Some("WS102".to_owned());
    }
    scene.flow(TWO, SERVER, 80).message(policy);
    assert_eq!(scene.one("cert-shared").source, addr(TWO));
}

#[test]
fn handshakes_count_with_site_systems_when_the_key_was_proved() {
    let mut scene = Scene::new();
    registers(&mut scene, ONE, "WS101", VALID);
    leaves(&mut scene, Some(CARD));
    proves(&mut scene, TWO, "203.0.113.9");
    leaves(&mut scene, Some(OTHER_CARD));
    assert!(scene.found("cert-shared").is_empty(), "a stranger's server");
    proves(&mut scene, TWO, SERVER);
    assert_eq!(scene.one("cert-shared").confidence, Confidence::Possible);
}

#[test]
fn a_router_is_nobodys_card() {
    let mut scene = Scene::new();
    for (client, name) in [(ONE, ""), (TWO, ""), ("192.0.2.103", ""), (ONE, ""), (TWO, "")] {
        registers(&mut scene, client, name, VALID);
        leaves(&mut scene, Some(CARD));
        scene.wait(1);
    }
    let found = scene.found("cert-shared");
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].source, found[0].confidence), (addr(TWO), Confidence::Possible));
}

#[test]
fn of_many_holders_each_further_one_is_reported_once() {
    let mut scene = Scene::new();
    for turn in 0..2 {
        for host in 1..=5 {
            registers(&mut scene, &format!("192.0.2.10{host}"), &format!("WS10{host}"), VALID);
            scene.wait(turn);
        }
    }
    let sources: Vec<_> = scene.found("cert-shared").iter().map(|finding| finding.source).collect();
    let others: Vec<_> = (2..=5).map(|host| addr(&format!("192.0.2.10{host}"))).collect();
    assert_eq!(sources, others);
}

#[test]
fn a_key_that_several_servers_show_is_a_remark_and_no_finding() {
    let mut scene = Scene::new();
    let servers: Vec<_> = (80..85).map(|host| format!("192.0.2.{host}")).collect();
    for server in &servers {
        scene.flow(ONE, server, 8531).hellos("sup.example.test", 0x0303, 0x0303, 0xC030);
        scene.shows(Certificate {
            sha256: server.clone(),
            key_sha256: "key".to_owned(),
            ..Certificate::default()
        });
    }
    assert!(scene.found("cert-shared").is_empty());
    for channel in scene.channels() {
        let remarks = channel.reasons.iter().filter(|reason| reason.text.contains("and 1 more too"));
        assert_eq!(remarks.count(), 1, "{channel:#?}");
    }
}
