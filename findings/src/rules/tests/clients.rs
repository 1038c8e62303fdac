//! Certificates that clients show: whose they are, whether they were taken, and what is wrong with them.

use std::sync::Arc;

use decoders::tls::{Certificate, TlsEvent};

use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene};
use crate::trust::{Anchors, Origin};

const TLS12: u16 = 0x0303;
const GOOD: u16 = 0xC030;
const DAY: i64 = 86_400;
/// The clock of a scene.
const NOW: i64 = 1_700_000_000;

/// A client's certificate that nothing is wrong with.
fn issued(subject: &str, issuer: &str) -> Certificate {
    Certificate {
        subject: vec![format!("CN={subject}")],
        issuer: vec![format!("CN={issuer}")],
        sha256: format!("{subject} of {issuer}"),
        not_before_secs: NOW - DAY,
        not_after_secs: NOW + 365 * DAY,
        ..Certificate::default()
    }
}

fn public(subject: &str) -> Certificate {
    Certificate { policies: vec!["2.23.140.1.2.2".to_owned()], ..issued(subject, "Public CA") }
}

/// A management point that shows a certificate of an authority.
fn point(issuer: &str) -> Scene {
    let mut scene = Scene::new();
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, GOOD);
    scene.certificate("mp.example.test", issuer);
    scene
}

/// A client's handshake with that management point.
fn another(scene: &mut Scene, number: u8, certificate: Certificate) {
    scene.flow(&format!("192.0.2.{number}"), SERVER, 443).hellos("", TLS12, TLS12, GOOD).accepts(certificate);
}

#[test]
fn a_public_authoritys_client_certificate_that_was_taken_is_reported() {
    let mut scene = point("Site CA");
    scene.accepts(public("pc1"));
    let finding = scene.one("cert-publicca");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Likely));
    assert!(finding.message.contains("CN=Public CA issued: a public authority"), "{}", finding.message);
    assert_eq!(finding.evidence().len(), 2, "the certificate, and the data after it");
    let logged = Certificate { logged: true, ..issued("pc1", "Another CA") };
    let mut scene = point("Site CA");
    scene.accepts(logged);
    scene.one("cert-publicca");
}

#[test]
fn what_was_not_proved_or_not_followed_by_data_was_not_taken() {
    let mut unproved = point("Site CA");
    unproved.link(true, 0, public("pc1")).up(TlsEvent::ClientAuth { certificates: 1 });
    unproved.down(TlsEvent::ApplicationData);
    assert!(unproved.found("cert-publicca").is_empty());
    let mut refused = point("Site CA");
    refused.link(true, 0, public("pc1")).up(TlsEvent::ClientAuth { certificates: 1 });
    refused.up(TlsEvent::ClientVerify).up(TlsEvent::ApplicationData);
    refused.down(TlsEvent::Alert { level: 2, description: 48 });
    assert!(refused.found("cert-publicca").is_empty());
}

#[test]
fn nobody_asks_whom_other_servers_take() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos("www.example.test", TLS12, TLS12, GOOD).accepts(public("pc1"));
    assert!(scene.found("cert-publicca").is_empty());
}

#[test]
fn an_issuer_that_no_other_client_has_is_possible_where_three_have_another() {
    let mut scene = point("Site CA");
    for number in 101..=103 {
        another(&mut scene, number, issued(&format!("pc{number}"), "Client CA"));
    }
    another(&mut scene, 104, issued("pc104", "Sideline CA"));
    let finding = scene.one("cert-publicca");
    assert_eq!(finding.confidence, Confidence::Possible);
    assert_eq!(finding.source.to_string(), "192.0.2.104");
    another(&mut scene, 104, issued("pc105", "Sideline CA"));
    assert_eq!(scene.one("cert-publicca").seen.count, 2, "one finding an issuer");
    another(&mut scene, 105, issued("pc106", "Sideline CA"));
    assert!(scene.found("cert-publicca").is_empty(), "with three, it is usual too");
}

#[test]
fn two_clients_are_no_custom_and_the_sites_own_authority_is_no_stranger() {
    let mut scene = point("Site CA");
    another(&mut scene, 101, issued("pc101", "Client CA"));
    another(&mut scene, 102, issued("pc102", "Sideline CA"));
    assert!(scene.found("cert-publicca").is_empty());
    let mut scene = point("Site CA");
    for number in 101..=103 {
        another(&mut scene, number, issued(&format!("pc{number}"), "Client CA"));
    }
    another(&mut scene, 104, issued("pc104", "Site CA"));
    assert!(scene.found("cert-publicca").is_empty());
}

#[test]
fn what_signs_itself_names_no_authority() {
    let mut scene = point("Site CA");
    let own =
        Certificate { self_issued: true, policies: vec!["2.23.140.1.1".to_owned()], ..issued("x", "x") };
    scene.accepts(own);
    assert!(scene.found("cert-publicca").is_empty());
}

/// A certificate of the trust module's own tests.
fn made(file: &str) -> Vec<Certificate> {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    let path = format!("{}/src/trust/testdata/{file}", env!("CARGO_MANIFEST_DIR"));
    let ders = CertificateDer::pem_file_iter(path).unwrap();
    ders.map(|der| Certificate::read(&der.unwrap()).unwrap()).collect()
}

fn given(scene: &mut Scene, file: &str) {
    let path = format!("{}/src/trust/testdata/{file}", env!("CARGO_MANIFEST_DIR"));
    let mut anchors = Anchors::default();
    anchors.trust(&std::fs::read(path).unwrap(), Origin::Given).unwrap();
    scene.ledger.trust.set(Arc::new(anchors), 4);
}

#[test]
fn with_authorities_given_those_decide_whose_clients_are_strangers() {
    for (anchors, stranger) in [("anchors-root.pem", false), ("anchors-other-root.pem", true)] {
        let mut scene = point("Site CA");
        let mut chain = made("good-client.pem").into_iter();
        let leaf = chain.next().unwrap();
        scene.down(TlsEvent::CertificateRequest).link(true, 0, leaf).link(true, 1, chain.next().unwrap());
        scene.up(TlsEvent::ClientAuth { certificates: 2 }).up(TlsEvent::ClientVerify);
        scene.down(TlsEvent::ApplicationData);
        given(&mut scene, anchors);
        let found = scene.found("cert-publicca");
        assert_eq!(found.len(), usize::from(stranger), "{anchors}");
        assert!(found.iter().all(|finding| finding.confidence == Confidence::Likely));
    }
}

#[test]
fn a_chain_is_kept_in_the_order_sent_once_and_of_its_own_side() {
    let mut scene = point("Site CA");
    let names = |scene: &Scene| {
        let peer = scene.ledger.tls.peers.iter().map(|(_, peer)| peer).find(|peer| !peer.leaves.is_empty());
        let peer = peer.unwrap();
        let join = |chain: &[Arc<Certificate>]| {
            chain.iter().map(|one| one.subject.join(",")).collect::<Vec<_>>().join(" ")
        };
        let server = peer.leaves.values().next().map(|leaf| join(&leaf.chain)).unwrap_or_default();
        let client = peer.clients.values().next().map(|client| join(&client.leaf.chain)).unwrap_or_default();
        (server, client)
    };
    scene.link(false, 1, issued("a", "b")).link(false, 2, issued("b", "c"));
    scene.link(false, 4, issued("hole", "d")).link(true, 1, issued("astray", "d"));
    assert_eq!(names(&scene), ("CN=a CN=b".to_owned(), String::new()));
    scene.link(true, 0, issued("pc", "x")).link(true, 1, issued("x", "y"));
    // The same leaf again, with other company.
    scene.certificate("mp.example.test", "Site CA").link(false, 1, issued("other", "b"));
    assert_eq!(names(&scene), ("CN=a CN=b".to_owned(), "CN=x".to_owned()));
}

#[test]
fn clients_certificates_are_held_against_time_and_strength_too() {
    for (change, rule) in [
        (Certificate { not_after_secs: NOW - DAY, ..issued("pc1", "Site CA") }, "cert-expired"),
        (Certificate { not_after_secs: NOW + DAY, ..issued("pc1", "Site CA") }, "cert-expiring"),
        (
            Certificate { key_algorithm: "RSA".to_owned(), key_bits: Some(1024), ..issued("pc1", "Site CA") },
            "cert-weak",
        ),
    ] {
        let mut scene = point("Site CA");
        scene.accepts(change);
        let finding = scene.one(rule);
        assert!(finding.message.starts_with("The client certificate that 192.0.2.10 shows to"), "{rule}");
    }
}

#[test]
fn a_clients_certificate_shown_to_several_site_systems_is_reported_once() {
    let mut scene = point("Site CA");
    let over = || Certificate { not_after_secs: NOW - DAY, ..issued("pc1", "Site CA") };
    scene.accepts(over());
    scene.flow(CLIENT, SERVER, 8531).hellos("", TLS12, TLS12, GOOD).accepts(over());
    assert_eq!(scene.one("cert-expired").seen.count, 2);
}
