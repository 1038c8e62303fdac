//! What channels say of trust, over chains made by OpenSSL for the trust module's own tests.

mod client;

use std::sync::Arc;

use decoders::tls::Certificate;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::{Kind, Trust, Verified};
use crate::channel::{Channel, Grade};
use crate::ledger::NameSource;
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr};
use crate::trust::{Anchors, Origin};

const TLS12: u16 = 0x0303;
const GOOD: u16 = 0xC030;

fn path(file: &str) -> String {
    format!("{}/src/trust/testdata/{file}.pem", env!("CARGO_MANIFEST_DIR"))
}

/// A handshake with a management point for a name, up to the server's chain, which is a file's.
fn shown(name: &str, file: &str) -> Scene {
    let mut scene = Scene::new();
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443).hellos(name, TLS12, TLS12, GOOD);
    let ders: Vec<_> = CertificateDer::pem_file_iter(path(file)).unwrap().map(Result::unwrap).collect();
    for (index, der) in ders.iter().enumerate() {
        scene.link(false, index, Certificate::read(der).unwrap());
    }
    scene
}

/// The same, held against authorities and lists of files.
fn held(mut scene: Scene, anchors: &str, lists: Option<&str>) -> Channel {
    let mut given = Anchors::default();
    given.trust(&std::fs::read(path(anchors)).unwrap(), Origin::Given).unwrap();
    if let Some(lists) = lists {
        given.revoke(&std::fs::read(path(lists)).unwrap()).unwrap();
    }
    scene.ledger.trust.set(Arc::new(given), 4);
    channel(&scene)
}

fn channel(scene: &Scene) -> Channel {
    scene.channels().into_iter().find(|channel| channel.port == 443).unwrap()
}

fn trust(channel: &Channel) -> &Trust {
    channel.trust.as_ref().unwrap()
}

#[test]
fn a_chain_that_holds_is_verified_and_says_through_whom() {
    let channel = held(shown("mp.example.test", "good"), "anchors-root", Some("lists-empty"));
    let Trust { kind, verified, problems, notes, .. } = trust(&channel);
    assert_eq!((*kind, *verified), (Kind::Pki, Verified::Yes));
    assert_eq!((problems, notes), (&vec![], &vec![]));
    let reason = channel.reasons.iter().find(|reason| reason.text.contains("vouches")).unwrap();
    assert_eq!(
        (reason.grade, reason.text.as_str()),
        (Grade::Secure, "CN=Example Root CA vouches for the server's certificate")
    );
}

#[test]
fn without_authorities_it_is_not_checked_and_weighs_nothing() {
    let channel = channel(&shown("mp.example.test", "good"));
    assert_eq!(trust(&channel).verified, Verified::NotChecked);
    assert!(channel.reasons.iter().all(|reason| !reason.text.contains("vouches")));
}

#[test]
fn an_unknown_authority_and_a_revoked_certificate_make_a_channel_insecure() {
    for (file, anchors, lists, problem) in [
        (
            "good",
            "anchors-other-root",
            None,
            "was issued by CN=Example Issuing CA, for which no authority given vouches",
        ),
        ("good", "anchors-root", Some("lists-revoked"), "was revoked by its issuer"),
        ("forged", "anchors-root", None, "has a signature in its chain that is not its issuer's"),
    ] {
        let channel = held(shown("mp.example.test", file), anchors, lists);
        assert_eq!((channel.grade, trust(&channel).verified), (Grade::Insecure, Verified::No), "{problem}");
        assert_eq!(trust(&channel).problems, [problem]);
        assert_eq!(channel.reasons[0].text, format!("the server's certificate {problem}"));
    }
}

#[test]
fn time_purpose_and_name_make_it_weak_and_what_cannot_be_verified_not_observable() {
    for (name, file, problem, grade, verified) in [
        (
            "mp.example.test",
            "missing-purpose",
            "is not meant for servers (extended key usage)",
            Grade::Weak,
            Verified::No,
        ),
        ("other.example.test", "good", "is not for other.example.test", Grade::Weak, Verified::No),
        (
            "mp.example.test",
            "p521",
            "could not be verified: signature algorithm 1.2.840.10045.4.3.4 or its key is not supported",
            Grade::NotObservable,
            Verified::NotChecked,
        ),
    ] {
        let channel = held(shown(name, file), "anchors-root", None);
        let reason = channel.reasons.iter().find(|reason| reason.text.ends_with(problem));
        assert_eq!(reason.map(|reason| reason.grade), Some(grade), "{problem}");
        assert_eq!((trust(&channel).verified, trust(&channel).problems.len()), (verified, 1), "{problem}");
    }
}

#[test]
fn a_weak_key_is_a_problem_though_the_chain_holds() {
    let channel = held(shown("mp.example.test", "short-key"), "anchors-root", None);
    assert_eq!(trust(&channel).verified, Verified::Yes);
    assert_eq!(trust(&channel).problems, ["has an RSA key of 1024 bits"]);
}

#[test]
fn without_a_clock_whether_a_certificate_was_valid_does_not_show() {
    let mut scene = Scene::new();
    scene.wait(-1_700_000_000).flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, GOOD);
    let read = |file| Certificate::read(&CertificateDer::from_pem_file(path(file)).unwrap()).unwrap();
    scene.shows(read("good")).accepts(read("good-client"));
    let channel = channel(&scene);
    assert_eq!(channel.grade, Grade::NotObservable, "{:?}", channel.reasons);
    let told = |whose: &str| trust(&channel).notes.iter().any(|note| note.contains(whose));
    assert!(told("server's certificate was valid does not show") && told("client's certificate was valid"));
}

#[test]
fn the_kind_is_told_by_what_the_certificate_says() {
    let kind = |change: fn(&mut Certificate)| {
        let mut certificate = Certificate {
            subject: vec!["CN=mp.example.test".to_owned()],
            issuer: vec!["CN=Example CA".to_owned()],
            not_after_secs: i64::MAX,
            ..Certificate::default()
        };
        change(&mut certificate);
        let mut scene = Scene::new();
        scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, GOOD).shows(certificate);
        trust(&channel(&scene)).kind
    };
    assert_eq!(kind(|_| ()), Kind::Pki);
    assert_eq!(kind(|one| one.issuer = vec!["CN=SMS Issuing".to_owned()]), Kind::EnhancedHttp);
    assert_eq!(kind(|one| one.self_issued = true), Kind::SelfSigned);
    assert_eq!(kind(|one| one.logged = true), Kind::PublicCa);
    assert_eq!(kind(|one| one.policies = vec!["2.23.140.1.2.1".to_owned()]), Kind::PublicCa);
    assert_eq!(kind(|one| one.policies = vec!["2.23.1401.1".to_owned()]), Kind::Pki);
}

#[test]
fn the_sites_own_certificate_is_not_held_against_an_organisations_authorities() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, GOOD);
    scene.certificate("mp.example.test", "SMS Issuing");
    let channel = held(scene, "anchors-root", None);
    let trust = trust(&channel);
    assert_eq!((trust.kind, trust.verified), (Kind::EnhancedHttp, Verified::NotChecked));
    assert_eq!(trust.notes, ["the site's own authority is not among those given"]);
    assert!(channel.reasons.iter().all(|reason| reason.grade != Grade::Insecure), "{:?}", channel.reasons);
}

#[test]
fn where_no_name_was_asked_for_those_known_for_the_address_count() {
    let verified = |known: &[(&str, NameSource)]| {
        let mut scene = shown("", "good");
        for (name, source) in known {
            scene.ledger.name(addr(SERVER), name, *source);
        }
        let channel = held(scene, "anchors-root", None);
        let trust = trust(&channel);
        (trust.verified, trust.problems.clone(), trust.notes.first().cloned())
    };
    let (fits, problems, _) = verified(&[("mp.example.test", NameSource::Dns), ("x.test", NameSource::Dns)]);
    assert_eq!((fits, problems.len()), (Verified::Yes, 0));
    assert_eq!(
        verified(&[("MP", NameSource::Netbios)]).0,
        Verified::Yes,
        "a NetBIOS name is its first label"
    );
    let (fits, problems, _) = verified(&[("a.test", NameSource::Dns), ("B", NameSource::Netbios)]);
    assert_eq!((fits, problems), (Verified::No, vec!["is not for B or a.test".to_owned()]));
    let (fits, _, note) = verified(&[("elsewhere.test", NameSource::HttpHost)]);
    assert_eq!(fits, Verified::Yes);
    assert!(
        note.unwrap_or_default().starts_with("revocation"),
        "the address's own name was told in HTTP only"
    );
}

#[test]
fn through_a_proxy_the_name_that_it_was_asked_to_connect_to_counts() {
    for (target, expected) in
        [("mp.example.test:443", Verified::Yes), ("other.example.test:443", Verified::No)]
    {
        let mut scene = Scene::new();
        scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        scene.flow(CLIENT, SERVER, 443).exchange("CONNECT", target, 200).hellos("", TLS12, TLS12, GOOD);
        let ders: Vec<_> = CertificateDer::pem_file_iter(path("good")).unwrap().map(Result::unwrap).collect();
        for (index, der) in ders.iter().enumerate() {
            scene.link(false, index, Certificate::read(der).unwrap());
        }
        let channel = held(scene, "anchors-root", None);
        assert_eq!(trust(&channel).verified, expected, "{target}: {:?}", trust(&channel));
    }
}

#[test]
fn faults_of_a_clients_certificate_are_told_as_the_clients() {
    let mut scene = shown("mp.example.test", "good");
    let der = CertificateDer::from_pem_file(path("good")).unwrap();
    scene.accepts(Certificate::read(&der).unwrap());
    let channel = held(scene, "anchors-root", None);
    let problem = "the client's certificate is not meant for clients (extended key usage)";
    assert_eq!(trust(&channel).problems[0], problem);
    assert_eq!(trust(&channel).verified, Verified::Yes, "that is of the server's");
}
