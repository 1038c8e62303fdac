//! Rules about the certificates of site systems, and whether servers ask for one.

use decoders::tls::{Certificate, TlsEvent};

use crate::coverage::Coverage;
use crate::finding::{Confidence, Severity};
use crate::rule::{Rule as _, Verdicts};
use crate::rules::tls_noclientauth::TlsNoclientauth;
use crate::testing::{CLIENT, OTHER, SERVER, Scene};

const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;
const GOOD: u16 = 0xC030;
const DAY: i64 = 86_400;
/// The clock of a scene.
const NOW: i64 = 1_700_000_000;

/// A certificate that nothing is wrong with.
fn sound() -> Certificate {
    Certificate {
        subject: vec!["CN=mp.example.test".to_owned()],
        issuer: vec!["CN=Example Issuing CA".to_owned()],
        sha256: "00".repeat(32),
        not_before_secs: NOW - DAY,
        not_after_secs: NOW + 365 * DAY,
        key_algorithm: "RSA".to_owned(),
        key_bits: Some(2048),
        signature_algorithm: "1.2.840.113549.1.1.11".to_owned(),
        crl_urls: vec!["http://pki.example.test/issuing.crl".to_owned()],
        ..Certificate::default()
    }
}

/// A handshake that showed a certificate, with a host of which nothing else is known.
fn stranger(change: impl FnOnce(&mut Certificate)) -> Scene {
    let mut certificate = sound();
    change(&mut certificate);
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos("www.example.test", TLS12, TLS12, GOOD).shows(certificate);
    scene
}

/// The same with a management point.
fn point(change: impl FnOnce(&mut Certificate)) -> Scene {
    let mut scene = stranger(change);
    scene.down(TlsEvent::CertificateRequest).down(TlsEvent::Encrypted);
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene
}

fn rules(scene: &Scene) -> Vec<(&'static str, Severity)> {
    let found = scene.findings().into_iter().filter(|finding| finding.rule.id != "http-client");
    found.map(|finding| (finding.rule.id, finding.severity)).collect()
}

type Change = fn(&mut Certificate);

const FAULTS: [(Change, &str, Severity); 6] = [
    (|leaf| leaf.self_issued = true, "cert-selfsigned", Severity::Low),
    (|leaf| leaf.not_after_secs = NOW - DAY, "cert-expired", Severity::Medium),
    (|leaf| leaf.not_after_secs = NOW + 10 * DAY, "cert-expiring", Severity::Low),
    (|leaf| leaf.key_bits = Some(1024), "cert-weak", Severity::Medium),
    (|leaf| leaf.crl_urls.clear(), "crl-nocdp", Severity::Low),
    (|leaf| leaf.crl_urls = vec!["LDAP:///CN=x".to_owned()], "crl-ldaponly", Severity::Info),
];

#[test]
fn a_sound_certificate_of_a_management_point_is_fine() {
    assert_eq!(rules(&point(|_| ())), []);
}

#[test]
fn each_fault_of_a_site_systems_certificate_is_reported_by_its_own_rule() {
    for (fault, rule, severity) in FAULTS {
        assert_eq!(rules(&point(fault)), [(rule, severity)]);
    }
}

#[test]
fn nobody_asks_about_the_certificates_of_other_servers() {
    for (fault, rule, _) in FAULTS {
        assert_eq!(rules(&stranger(fault)), [], "{rule}");
    }
}

#[test]
fn a_certificate_shown_to_many_clients_is_reported_once() {
    let mut scene = point(|leaf| leaf.self_issued = true);
    let again = Certificate { self_issued: true, ..sound() };
    scene.flow(OTHER, SERVER, 443).hellos("", TLS12, TLS12, GOOD).shows(again);
    let finding = scene.one("cert-selfsigned");
    assert_eq!(finding.seen.count, 2);
}

#[test]
fn certificates_of_enhanced_http_are_noted_but_need_no_revocation_list() {
    let issued: Change = |leaf| {
        leaf.issuer = vec!["CN=SMS Issuing".to_owned()];
        leaf.crl_urls.clear();
    };
    let info = Severity::Info;
    assert_eq!(rules(&point(issued)), [("http-ehttp", info), ("cert-selfsigned", info)]);
}

#[test]
fn a_responder_stands_in_for_a_revocation_list() {
    let responder = || vec!["http://pki.example.test/ocsp".to_owned()];
    let by_responder = point(|leaf| {
        leaf.crl_urls.clear();
        leaf.aia_urls = responder();
    });
    assert_eq!(rules(&by_responder), []);
    let beside_ldap = point(|leaf| {
        leaf.crl_urls = vec!["ldap:///CN=x".to_owned()];
        leaf.aia_urls = responder();
    });
    assert_eq!(rules(&beside_ldap), []);
}

/// A handshake of a management point that asked for nothing.
fn unasked(version: u16, issuer: &str, then: impl FnOnce(&mut Scene)) -> Scene {
    let mut scene = Scene::new();
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", version, version, GOOD);
    if version < TLS13 {
        scene.certificate("mp.example.test", issuer);
    }
    then(&mut scene);
    scene.down(TlsEvent::Encrypted);
    scene
}

#[test]
fn a_management_point_that_does_not_ask_is_medium_and_low_with_the_sites_own_certificate() {
    let finding = unasked(TLS12, "Example CA", |_| ()).one("tls-noclientauth");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Likely));
    assert_eq!(unasked(TLS12, "SMS Issuing", |_| ()).one("tls-noclientauth").severity, Severity::Low);
}

#[test]
fn what_was_asked_or_hidden_or_not_finished_is_no_missing_request() {
    let asked = |scene: &mut Scene| {
        scene.down(TlsEvent::CertificateRequest);
    };
    assert!(unasked(TLS12, "Example CA", asked).found("tls-noclientauth").is_empty());
    let mut again = unasked(TLS12, "Example CA", |_| ());
    again.down(TlsEvent::Renegotiation);
    assert!(again.found("tls-noclientauth").is_empty(), "it may have asked there");
    assert!(unasked(TLS13, "", |_| ()).found("tls-noclientauth").is_empty());
    let mut unfinished = Scene::new();
    unfinished.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    unfinished.flow(CLIENT, SERVER, 443).hellos("", TLS12, TLS12, GOOD).certificate("mp", "Example CA");
    assert!(unfinished.found("tls-noclientauth").is_empty());
    let elsewhere = unasked(TLS12, "Example CA", |scene| {
        scene.flow(CLIENT, SERVER, 8531).hellos("", TLS12, TLS12, GOOD).certificate("mp", "Example CA");
    });
    assert!(elsewhere.found("tls-noclientauth").is_empty(), "software updates ask for none");
}

#[test]
fn where_packets_were_lost_a_missing_request_is_only_possible() {
    let scene = unasked(TLS12, "Example CA", |_| ());
    let mut coverage = Coverage::default();
    coverage.capture.gaps = 1;
    let mut verdicts = Verdicts::default();
    TlsNoclientauth.judge(&scene.ledger, &coverage, &mut verdicts);
    let finding = &verdicts.findings[0];
    assert_eq!((finding.severity, finding.confidence), (Severity::Low, Confidence::Possible));
}

#[test]
fn the_issuer_of_another_certificate_is_not_said_to_be_that_of_a_self_signed_one() {
    let text = |both: bool| {
        let mut scene = stranger(|leaf| leaf.issuer = vec!["CN=SMS Issuing".to_owned()]);
        if both {
            let sha256 = "11".repeat(32);
            scene.flow(CLIENT, SERVER, 443).hellos("www.example.test", TLS12, TLS12, GOOD);
            scene.shows(Certificate { self_issued: true, sha256, ..sound() });
        }
        let found = scene.found("cert-selfsigned").into_iter();
        found.max_by_key(|finding| finding.severity).map(|finding| finding.message).unwrap()
    };
    assert!(
        text(false).ends_with("was issued by the site itself; its certificate was issued by CN=SMS Issuing.")
    );
    assert!(
        text(true)
            .ends_with("its issuer is its subject; one of its certificates was issued by CN=SMS Issuing.")
    );
}
