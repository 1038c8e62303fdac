//! Rules about TLS.

use decoders::tls::TlsEvent;

use crate::channel::Grade;
use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene};

const TLS10: u16 = 0x0301;
const TLS11: u16 = 0x0302;
const TLS12: u16 = 0x0303;
const TLS13: u16 = 0x0304;
const GOOD: u16 = 0xC030;
const STATIC_RSA: u16 = 0x002F;
const RC4: u16 = 0x0005;

fn with_server(name: &str, offered: u16, chosen: u16, cipher: u16) -> Scene {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos(name, offered, chosen, cipher);
    scene
}

#[test]
fn old_tls_with_a_known_role_is_high() {
    let mut scene = with_server("www.example.test", TLS12, TLS10, GOOD);
    assert!(scene.findings().is_empty(), "any web server");
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    let finding = scene.one("tls-old");
    assert_eq!((finding.severity, finding.confidence), (Severity::High, Confidence::Certain));
    assert!(scene.found("tls-oldclient").is_empty(), "the client can do better");
}

#[test]
fn the_sites_own_certificate_makes_the_role_certain() {
    let mut scene = with_server("", TLS12, TLS11, GOOD);
    scene.certificate("mp.example.test", "SMS Issuing");
    assert_eq!(scene.one("tls-old").confidence, Confidence::Certain);
}

#[test]
fn a_name_alone_makes_it_low_and_possible() {
    let scene = with_server("ps1mp01.example.test", TLS11, TLS11, RC4);
    for rule in ["tls-old", "tls-oldclient", "tls-weakcipher"] {
        let finding = scene.one(rule);
        assert_eq!((finding.severity, finding.confidence), (Severity::Low, Confidence::Possible), "{rule}");
    }
    assert!(with_server("computer.example.test", TLS11, TLS11, RC4).findings().is_empty());
}

#[test]
fn a_name_in_the_certificate_counts_where_the_client_gave_none() {
    let mut scene = with_server("", TLS10, TLS10, GOOD);
    assert!(scene.found("tls-old").is_empty());
    scene.certificate("ps1mp01.contoso.com", "Contoso CA");
    let finding = scene.one("tls-old");
    assert_eq!((finding.severity, finding.confidence), (Severity::Low, Confidence::Possible));
}

#[test]
fn the_port_of_client_notification_makes_it_likely() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 10123).hellos("", TLS10, TLS10, GOOD);
    assert_eq!(scene.one("tls-old").confidence, Confidence::Likely);
    assert_eq!(scene.one("tls-oldclient").severity, Severity::Medium);
}

#[test]
fn tls_12_and_a_client_that_once_offered_it_are_fine() {
    let mut scene = with_server("ps1mp01.example.test", TLS11, TLS12, GOOD);
    scene.hellos("ps1mp01.example.test", TLS12, TLS12, GOOD);
    assert!(scene.findings().is_empty(), "{:#?}", scene.findings());
}

#[test]
fn weak_suites_are_medium_and_those_without_forward_secrecy_low() {
    for (cipher, severity) in [(RC4, Severity::Medium), (STATIC_RSA, Severity::Low)] {
        let mut scene = with_server("", TLS12, TLS12, cipher);
        scene.certificate("mp.example.test", "SMS Issuing");
        assert_eq!(scene.one("tls-weakcipher").severity, severity, "{cipher:#06x}");
    }
    let mut scene = with_server("", TLS12, TLS12, GOOD);
    scene.certificate("mp.example.test", "SMS Issuing");
    assert!(scene.found("tls-weakcipher").is_empty());
}

/// The grade of the one channel with a server that is known by its certificate.
fn grade(version: u16, cipher: u16, then: impl FnOnce(&mut Scene)) -> Grade {
    let mut scene = with_server("", version, version, cipher);
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443);
    then(&mut scene);
    let channel = scene.channels().into_iter().find(|channel| channel.port == 443).unwrap();
    channel.grade
}

#[test]
fn a_channel_is_secure_only_where_the_client_was_seen_to_prove_itself() {
    let shown = |scene: &mut Scene| {
        scene.certificate("mp.example.test", "Example CA");
    };
    let proved = |scene: &mut Scene| {
        shown(scene);
        scene.down(TlsEvent::CertificateRequest).up(TlsEvent::ClientVerify).down(TlsEvent::Encrypted);
    };
    assert_eq!(grade(TLS12, GOOD, proved), Grade::Secure);
    assert_eq!(grade(TLS12, GOOD, shown), Grade::Weak);
    assert_eq!(grade(TLS13, 0x1302, |_| ()), Grade::NotObservable);
    // What TLS 1.3 hides is seen with keys.
    assert_eq!(grade(TLS13, 0x1302, proved), Grade::Secure);
    assert_eq!(grade(TLS13, 0x1302, shown), Grade::Weak);
    assert_eq!(grade(TLS12, STATIC_RSA, proved), Grade::Weak);
    assert_eq!(grade(TLS11, GOOD, proved), Grade::Insecure);
}

#[test]
fn an_ordinary_tls_server_is_no_channel() {
    let scene = with_server("www.example.test", TLS12, TLS12, GOOD);
    assert!(scene.channels().is_empty());
    let named = with_server("ps1mp01.example.test", TLS12, TLS12, GOOD);
    assert!(named.channels().is_empty(), "a name is not enough where nothing is wrong");
}
