//! Why a client push used NTLM: what DNS said, or did not say, of the domain controller.

use capture::{Direction, Traffic};
use decoders::dns::{DnsMessage, SrvRecord};

use crate::testing_smb::{CLIENT, KDC, SITE, STRANGER, Scene};

#[test]
fn dns_that_is_silent_about_kdcs_before_ntlm_is_named_unless_another_server_answers() {
    let ask = |scene: &mut Scene, server| {
        let dns = scene.open(SITE, server, 53);
        let query = "_kerberos._udp.contoso.com".to_owned();
        let message = DnsMessage { query, qtype: 33, ..DnsMessage::default() };
        scene.say(dns, Direction::ToServer, message.clone());
        (dns, DnsMessage { response: true, services: vec![SrvRecord::default()], ..message })
    };
    for ended in [true, false] {
        let mut scene = Scene::new();
        let (dns, _) = ask(&mut scene, KDC);
        if ended {
            scene.end(dns, |end| end.to_client = Traffic::default());
        }
        scene.wait(1).ntlm_push(SITE, CLIENT, "svc-push");
        let message = scene.message("push-fallback");
        assert!(message.contains("10.0.0.2, asked for a domain controller, did not answer"), "{message}");
    }
    let mut found = Scene::new();
    let (silent, _) = ask(&mut found, KDC);
    found.end(silent, |end| end.to_client = Traffic::default());
    let (other, answer) = ask(&mut found, STRANGER);
    found.say(other, Direction::ToClient, answer).wait(1).ntlm_push(SITE, CLIENT, "svc-push");
    assert!(found.findings("push-fallback").is_empty());
}

#[test]
fn dns_that_does_not_know_the_host_it_named_as_kdc_is_named() {
    let mut scene = Scene::new();
    let mut told = |query: &str, qtype, rcode, services| {
        let dns = scene.open(SITE, KDC, 53);
        let message = DnsMessage {
            query: query.to_owned(),
            qtype,
            rcode,
            services,
            response: true,
            ..DnsMessage::default()
        };
        scene.say(dns, Direction::ToClient, message);
    };
    let kdc = SrvRecord { target: "dc9.contoso.com".to_owned(), port: 88, ..SrvRecord::default() };
    told("_kerberos._udp.contoso.com", 33, 0, vec![kdc]);
    told("printer.contoso.com", 1, 3, Vec::new());
    told("DC9.contoso.com", 1, 3, Vec::new());
    told("_kerberos._tcp.contoso.com", 33, 0, vec![SrvRecord::default()]);
    scene.ntlm_push(SITE, CLIENT, "svc-push");
    assert!(scene.message("push-fallback").contains("10.0.0.2 knew no address of the domain controller"));
}
