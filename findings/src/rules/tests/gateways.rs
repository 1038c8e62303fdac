//! Rules about cloud management gateways.

use decoders::ccm::{CcmReply, Content, StatusBody};
use decoders::tls::{Certificate, TlsEvent};

use crate::finding::{Confidence, Severity};
use crate::ledger::NameSource;
use crate::testing::{CLIENT, OTHER, SERVER, Scene, message};

const TLS10: u16 = 0x0301;
const TLS12: u16 = 0x0303;
const GOOD: u16 = 0xC030;
const AZURE: &str = "cmg.westeurope.cloudapp.azure.com";
const CLOUD: &str = "198.51.100.7";

/// A client that uses something in the cloud by a name.
fn cloud(name: &str, port: u16, version: u16) -> Scene {
    let mut scene = Scene::new();
    scene.flow(CLIENT, CLOUD, port).hellos(name, version, version, GOOD);
    scene
}

/// Makes a host known as a client of the site.
fn enrol(scene: &mut Scene, client: &str) {
    scene.flow(client, SERVER, 80).message(message("x", Content::Status(StatusBody::default())));
}

fn gateway_rules(scene: &Scene) -> Vec<&'static str> {
    let found = scene.findings().into_iter().map(|finding| finding.rule.id);
    found.filter(|id| id.starts_with("cmg-")).collect()
}

#[test]
fn a_name_of_azures_alone_is_only_possible_and_judged_no_further() {
    let mut scene = cloud(AZURE, 443, TLS10);
    scene.shows(Certificate { self_issued: true, ..Certificate::default() }).down(TlsEvent::Encrypted);
    assert_eq!(scene.findings().len(), 1, "{:#?}", scene.findings());
    let finding = scene.one("cmg-seen");
    assert_eq!((finding.severity, finding.confidence), (Severity::Info, Confidence::Possible));
}

#[test]
fn with_a_client_of_the_site_it_is_likely() {
    let mut scene = cloud(AZURE, 443, TLS10);
    enrol(&mut scene, OTHER);
    assert_eq!(scene.one("cmg-seen").confidence, Confidence::Possible, "another computer");
    enrol(&mut scene, CLIENT);
    assert_eq!(scene.one("cmg-seen").confidence, Confidence::Likely);
    let finding = scene.one("cmg-tlsold");
    assert_eq!((finding.severity, finding.confidence), (Severity::High, Confidence::Likely));
}

#[test]
fn a_name_that_speaks_of_a_gateway_suggests_a_site_system_until_it_is_likely_one() {
    let mut scene = cloud("nwcmg01.cloudapp.net", 443, TLS10);
    let finding = scene.one("tls-old");
    assert_eq!((finding.severity, finding.confidence), (Severity::Low, Confidence::Possible));
    enrol(&mut scene, CLIENT);
    assert!(scene.found("tls-old").is_empty() && scene.found("cmg-tlsold").len() == 1);
}

#[test]
fn what_an_alias_leads_to_is_no_more_than_possible_beside_a_client_of_the_site() {
    let mut scene = cloud("service.example.com", 443, TLS10);
    scene.ledger.name(CLOUD.parse().unwrap(), AZURE, NameSource::Dns);
    assert!(gateway_rules(&scene).is_empty(), "anybody");
    enrol(&mut scene, CLIENT);
    assert_eq!(scene.one("cmg-seen").confidence, Confidence::Possible);
    assert_eq!(gateway_rules(&scene), ["cmg-seen"]);
    scene.flow(CLIENT, CLOUD, 10_140).hellos("service.example.com", TLS10, TLS10, GOOD);
    assert!(gateway_rules(&scene).contains(&"cmg-tlsold"), "the port of a connection point");
}

#[test]
fn with_a_connection_points_port_it_is_likely() {
    for (port, sure) in
        [(10_140, Confidence::Likely), (10_124, Confidence::Likely), (10_156, Confidence::Possible)]
    {
        assert_eq!(cloud("cmg.cloudapp.net", port, TLS12).one("cmg-seen").confidence, sure, "{port}");
    }
    assert!(gateway_rules(&cloud("www.example.test", 10_140, TLS12)).is_empty(), "the port alone");
    let mut connection_point = cloud("cmg.example.test", 10_140, TLS12);
    connection_point.flow(OTHER, CLIENT, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    assert_eq!(connection_point.one("cmg-seen").confidence, Confidence::Likely);
}

#[test]
fn a_name_of_ones_own_counts_where_a_management_point_gave_it() {
    let mut scene = cloud("cmg.example.test", 443, TLS10);
    assert!(gateway_rules(&scene).is_empty());
    let url = "https://CMG.example.test/CCM_Proxy_MutualAuth/72057594037928100/ccm_system/request";
    let reply = CcmReply { urls: vec![url.to_owned()], ..CcmReply::default() };
    scene.flow(OTHER, SERVER, 80).message(message("x", Content::Unread)).reply(reply);
    assert_eq!(gateway_rules(&scene), ["cmg-seen", "cmg-tlsold"]);
}

#[test]
fn whether_the_client_shows_a_certificate_is_told_where_the_handshake_shows_it() {
    let told = |then: &[TlsEvent]| {
        let mut scene = cloud(AZURE, 10_140, TLS12);
        scene.certificate(AZURE, "Example Public CA");
        for event in then {
            scene.down(event.clone());
        }
        gateway_rules(&scene).contains(&"cmg-nomutual")
    };
    let (asks, over) = (TlsEvent::CertificateRequest, TlsEvent::Encrypted);
    assert!(told(std::slice::from_ref(&over)));
    assert!(!told(&[]), "not finished");
    assert!(!told(&[asks.clone(), TlsEvent::ClientVerify, over.clone()]));
    assert!(told(&[asks, TlsEvent::ClientAuth { certificates: 0 }, over]));
}

#[test]
fn a_gateways_certificate_is_judged_by_the_gateways_rule_alone() {
    let mut scene = cloud(AZURE, 10_140, TLS12);
    scene.shows(Certificate { self_issued: true, not_after_secs: 1, ..Certificate::default() });
    let finding = scene.one("cmg-certweak");
    assert!(finding.message.contains("self-signed, has expired"), "{}", finding.message);
    assert_eq!(gateway_rules(&scene), ["cmg-seen", "cmg-certweak"]);
    assert_eq!(scene.findings().len(), 2);
}
