//! Rules about revocation lists that were asked for.

use capture::{EndReason, Traffic, Transport};
use decoders::Event;
use decoders::crl::{CrlEvent, Form};
use decoders::dns::DnsMessage;
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};
use decoders::ldap::LdapEvent;
use decoders::tls::{Certificate, SentCertificate, TlsEvent};

use crate::finding::{Confidence, Finding};
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr};

const TLS12: u16 = 0x0303;
const GOOD: u16 = 0xC030;
const PKI: &str = "203.0.113.7";
const LIST: &str = "http://pki.example.org/issuing.crl";
/// The clock of a scene.
const NOW: i64 = 1_700_000_000;

/// The client speaks TLS with a management point whose certificate names places.
fn names(scene: &mut Scene, lists: &[&str], access: &[&str]) {
    let urls = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect();
    let certificate = Certificate {
        subject: vec!["CN=mp01.example.test".to_owned()],
        issuer: vec!["CN=Example Issuing CA".to_owned()],
        sha256: "00".repeat(32),
        crl_urls: urls(lists),
        aia_urls: urls(access),
        not_after_secs: i64::MAX,
        ..Certificate::default()
    };
    scene.flow(CLIENT, SERVER, 443).hellos("mp01.example.test", TLS12, TLS12, GOOD).shows(certificate);
    scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
}

fn request(scene: &mut Scene, method: &str, host: &str, uri: &str, media: Option<&str>) {
    let request = HttpRequest {
        method: method.to_owned(),
        uri: uri.to_owned(),
        host: Some(host.to_owned()),
        content_type: media.map(str::to_owned),
        ..HttpRequest::default()
    };
    scene.up(HttpEvent::Request(Box::new(request)));
}

fn response(scene: &mut Scene, status: u16, media: &str, location: Option<&str>) {
    let response = HttpResponse {
        exchange: Some(0),
        status_code: status,
        content_type: Some(media.to_owned()),
        location: location.map(str::to_owned),
        ..HttpResponse::default()
    };
    scene.down(HttpEvent::Response(Box::new(response)));
}

/// The client asks for a list, in a flow of its own.
fn fetch(scene: &mut Scene, host: &str, uri: &str, status: u16) {
    scene.flow(CLIENT, PKI, 80);
    request(scene, "GET", host, uri, None);
    response(scene, status, "application/pkix-crl", None);
}

/// What came with status 200.
fn body(scene: &mut Scene, form: Form, next_update: Option<i64>) {
    let list = CrlEvent { exchange: Some(0), form, next_update_secs: next_update, ..CrlEvent::default() };
    scene.down(Box::new(list));
}

/// The flow ends without anything of the server's, unless it said so many bytes.
fn ends(scene: &mut Scene, reason: EndReason, change: impl FnOnce(&mut decoders::FlowEnd)) {
    let mut end = decoders::FlowEnd {
        started: scene.moment(),
        to_server: Traffic { packets: 1, bytes: 0 },
        reason,
        ..crate::testing::flow_end()
    };
    change(&mut end);
    scene.up(Event::Flow(end));
}

fn resolves(scene: &mut Scene, name: &str, to: Option<&str>) {
    let addresses = to.map(|to| (name.to_owned(), addr(to))).into_iter().collect();
    let rcode = if to.is_some() { 0 } else { 3 };
    let answer = DnsMessage {
        response: true,
        rcode,
        query: name.to_owned(),
        qtype: 1,
        addresses,
        ..DnsMessage::default()
    };
    scene.flow(CLIENT, "192.0.2.2", 53).down(answer);
}

fn found(scene: &Scene) -> Vec<Finding> {
    scene.found("crl-unreachable")
}

#[test]
fn an_error_is_reported_whether_the_certificate_came_before_or_after() {
    for first in [true, false] {
        let mut scene = Scene::new();
        if first {
            names(&mut scene, &[LIST], &[]);
        }
        fetch(&mut scene, "PKI.example.org", "/issuing.crl", 404);
        names(&mut scene, &[LIST], &[]);
        let finding = scene.one("crl-unreachable");
        assert_eq!((finding.confidence, finding.destination), (Confidence::Certain, addr(PKI)));
        assert!(finding.message.contains("status 404") && finding.subject == LIST, "{}", finding.message);
    }
}

#[test]
fn what_succeeds_in_the_end_is_fine_and_what_fails_in_the_end_is_not() {
    let mut scene = Scene::new();
    names(&mut scene, &[LIST], &[]);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 503);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 200);
    body(&mut scene, Form::List, Some(NOW + 10));
    assert!(found(&scene).is_empty());
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 403);
    assert_eq!(found(&scene).len(), 1);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 304);
    assert!(found(&scene).is_empty());
}

#[test]
fn another_place_that_the_same_certificate_names_will_do() {
    let mut scene = Scene::new();
    names(&mut scene, &["http://old.example.org/issuing.crl", LIST], &[]);
    fetch(&mut scene, "old.example.org", "/issuing.crl", 404);
    assert_eq!(found(&scene).len(), 1);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 200);
    body(&mut scene, Form::List, None);
    assert!(found(&scene).is_empty());
}

#[test]
fn a_page_and_a_list_out_of_date_are_no_lists() {
    let with = |form, next| {
        let mut scene = Scene::new();
        names(&mut scene, &[LIST], &[]);
        fetch(&mut scene, "pki.example.org", "/issuing.crl", 200);
        body(&mut scene, form, next);
        found(&scene).pop().map(|finding| finding.message)
    };
    assert!(with(Form::Page, None).is_some_and(|text| text.contains("web page")));
    assert!(with(Form::Other, None).is_some_and(|text| text.contains("no revocation list")));
    assert!(with(Form::List, Some(NOW - 3 * 86_400)).is_some_and(|text| text.contains("for 3 days")));
    assert_eq!(with(Form::List, Some(NOW)), None);
    assert_eq!(with(Form::Unread, None), None);
}

#[test]
fn a_redirection_is_followed() {
    let sent_on = |status| {
        let mut scene = Scene::new();
        names(&mut scene, &[LIST], &[]);
        scene.flow(CLIENT, PKI, 80);
        request(&mut scene, "GET", "pki.example.org", "/issuing.crl", None);
        response(&mut scene, 302, "text/plain", Some("http://elsewhere.example.net/lists?issuing"));
        assert!(found(&scene).is_empty(), "nothing has failed yet");
        scene.flow(CLIENT, "203.0.113.8", 80);
        request(&mut scene, "GET", "elsewhere.example.net", "/lists?issuing", None);
        response(&mut scene, status, "text/html", None);
        found(&scene)
    };
    let [finding] = &sent_on(404)[..] else { panic!() };
    assert_eq!(finding.confidence, Confidence::Certain, "the certificate names what led there");
    assert_eq!(sent_on(200).len(), 1, "a page");
}

#[test]
fn a_delta_list_belongs_to_the_list_that_the_certificate_names() {
    let mut scene = Scene::new();
    names(&mut scene, &[LIST], &[]);
    fetch(&mut scene, "pki.example.org", "/issuing+.crl", 404);
    assert_eq!(scene.one("crl-unreachable").confidence, Confidence::Certain);
}

#[test]
fn responders_count_as_lists_do() {
    let asked = |method: &str, uri: &str, media| {
        let mut scene = Scene::new();
        names(&mut scene, &[], &["http://ocsp.example.org/ocsp", "http://ocsp.example.org/ca.crt"]);
        scene.flow(CLIENT, PKI, 80);
        request(&mut scene, method, "ocsp.example.org", uri, media);
        response(&mut scene, 500, "text/html", None);
        found(&scene).len()
    };
    assert_eq!(asked("POST", "/ocsp", Some("application/ocsp-request")), 1);
    let path = format!("/ocsp/MFEwTzBNMEswSTAJBgUrDgMCGgUABBT{}", "A".repeat(60));
    assert_eq!(asked("GET", &path, None), 1);
    assert_eq!(asked("GET", "/ca.crt", None), 0, "that tells nothing of revocation");
    assert_eq!(asked("POST", "/ocsp", Some("text/xml")), 0);
}

#[test]
fn strangers_lists_are_nobodys_concern() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, "203.0.113.9", 443).hellos("www.example.org", TLS12, TLS12, GOOD);
    scene.shows(Certificate {
        sha256: "aa".to_owned(),
        crl_urls: vec![LIST.to_owned()],
        ..Certificate::default()
    });
    scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 404);
    assert!(found(&scene).is_empty(), "a stranger's certificate names it");
    fetch(&mut scene, "crl.example.net", "/public.crl", 404);
    assert!(found(&scene).is_empty(), "nobody names it, and it is far from the site");
}

#[test]
fn a_list_that_nobody_names_is_possible_where_asker_and_asked_are_of_the_site() {
    let near = |host: &str, client_known: bool| {
        let mut scene = Scene::new();
        if client_known {
            scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        }
        fetch(&mut scene, host, "/issuing.crl", 404);
        found(&scene).pop().map(|finding| finding.confidence)
    };
    assert_eq!(near("pki.example.test", true), Some(Confidence::Possible), "the site's domain");
    assert_eq!(near("pki", true), Some(Confidence::Possible));
    assert_eq!(near("pki.example.org", true), None);
    assert_eq!(near("pki.example.test", false), None);
    assert_eq!(near("ps1dp01.example.test", false), Some(Confidence::Possible), "called as site systems are");
}

#[test]
fn hosts_called_as_those_of_lists_are_guessed_at_in_the_sites_domain() {
    let unknown = |name: &str| {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        resolves(&mut scene, name, None);
        found(&scene).pop().map(|finding| finding.confidence)
    };
    assert_eq!(unknown("pki.example.test"), Some(Confidence::Possible));
    assert_eq!(unknown("crl2.example.test"), Some(Confidence::Possible));
    assert_eq!(unknown("pki.example.org"), None, "another domain");
    assert_eq!(unknown("www.example.test"), None);
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    resolves(&mut scene, "pki.example.test", Some(PKI));
    scene.flow(CLIENT, PKI, 80);
    ends(&mut scene, EndReason::Reset, |end| end.refused = true);
    assert_eq!(scene.one("crl-unreachable").confidence, Confidence::Possible);
    fetch(&mut scene, "pki.example.test", "/issuing.crl", 304);
    assert!(found(&scene).is_empty());
}

#[test]
fn without_network_cards_the_other_family_may_have_been_the_same_client() {
    let mut scene = Scene::new();
    names(&mut scene, &[LIST], &[]);
    resolves(&mut scene, "pki.example.org", Some("2001:db8:7::7"));
    scene.flow("2001:db8::10", "2001:db8:7::7", 80);
    ends(&mut scene, EndReason::Reset, |end| end.refused = true);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 304);
    assert!(found(&scene).is_empty());
}

#[test]
fn a_host_of_lists_that_cannot_be_connected_to_is_likely() {
    type Change = fn(&mut decoders::FlowEnd);
    let gone = |reason, change: Change| {
        let mut scene = Scene::new();
        names(&mut scene, &[LIST], &[]);
        resolves(&mut scene, "pki.example.org", Some(PKI));
        scene.flow(CLIENT, PKI, 80);
        ends(&mut scene, reason, change);
        found(&scene).pop().map(|finding| finding.confidence)
    };
    let likely = Some(Confidence::Likely);
    assert_eq!(gone(EndReason::Reset, |end| end.refused = true), likely);
    assert_eq!(gone(EndReason::Idle, |end| end.unreachable = true), likely);
    assert_eq!(gone(EndReason::Idle, |end| end.unanswered = true), likely);
    assert_eq!(gone(EndReason::EndOfCapture, |end| end.unanswered = true), None, "it may yet be answered");
    let insists: Change = |end| (end.unanswered, end.to_server.packets) = (true, 3);
    assert_eq!(gone(EndReason::EndOfCapture, insists), likely);
    assert_eq!(gone(EndReason::Fin, |_| ()), None);
}

#[test]
fn an_address_that_fails_before_another_serves_is_no_failure() {
    let mut scene = Scene::new();
    let card = Some([0, 0, 0x5E, 0, 0x53, 1]);
    names(&mut scene, &[LIST], &[]);
    resolves(&mut scene, "pki.example.org", Some("2001:db8:7::7"));
    resolves(&mut scene, "pki.example.org", Some(PKI));
    scene.flow("2001:db8::10", "2001:db8:7::7", 80);
    ends(&mut scene, EndReason::Reset, |end| (end.refused, end.client_mac) = (true, card));
    assert_eq!(found(&scene).len(), 1);
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 200);
    body(&mut scene, Form::List, None);
    ends(&mut scene, EndReason::Fin, |end| (end.to_client.bytes, end.client_mac) = (400, card));
    assert!(found(&scene).is_empty(), "the same card got it under its other address");
}

#[test]
fn a_request_that_gets_no_answer_has_failed() {
    let ended = |reason, after, bytes| {
        let mut scene = Scene::new();
        names(&mut scene, &[LIST], &[]);
        scene.flow(CLIENT, PKI, 80);
        request(&mut scene, "GET", "pki.example.org", "/issuing.crl", None);
        scene.wait(after);
        ends(&mut scene, reason, |end| end.to_client = Traffic { packets: 2, bytes });
        found(&scene).len()
    };
    assert_eq!(ended(EndReason::Reset, 0, 0), 1);
    assert_eq!(ended(EndReason::Reset, 0, 10), 0, "something came that was not captured whole");
    assert_eq!(ended(EndReason::EndOfCapture, 1, 0), 0, "it may yet come");
    assert_eq!(ended(EndReason::EndOfCapture, 2, 0), 1);
}

#[test]
fn a_name_without_an_address_is_reported_at_the_name_server() {
    let mut scene = Scene::new();
    resolves(&mut scene, "pki.example.org", None);
    assert!(found(&scene).is_empty());
    names(&mut scene, &[LIST], &[]);
    let finding = scene.one("crl-unreachable");
    assert_eq!((finding.destination, finding.port), (addr("192.0.2.2"), Some(53)));
    assert_eq!(finding.transport, Transport::Tcp, "as all flows of a scene");
    resolves(&mut scene, "pki.example.org", Some(PKI));
    assert!(found(&scene).is_empty(), "another server knew it");
}

#[test]
fn a_directory_that_has_no_list_or_refuses_is_reported() {
    const ENTRY: &str = "CN=Issuing,CN=CDP,DC=example,DC=test";
    let searched = |code, entries, attribute: &str| {
        let mut scene = Scene::new();
        names(&mut scene, &[&format!("ldap:///{ENTRY}?certificateRevocationList?base")], &[]);
        scene.flow(CLIENT, "192.0.2.2", 389).up(LdapEvent::Search {
            base: ENTRY.to_ascii_lowercase(),
            scope: 0,
            filter: String::new(),
            filter_attributes: Vec::new(),
            classes: Vec::new(),
            attributes: vec![attribute.to_owned()],
        });
        scene.down(LdapEvent::SearchDone { code, entries });
        found(&scene).pop().map(|finding| finding.confidence)
    };
    let list = "certificateRevocationList;binary";
    assert_eq!(searched(32, 0, list), Some(Confidence::Certain));
    assert_eq!(searched(0, 0, list), Some(Confidence::Certain));
    assert_eq!(searched(0, 1, list), None);
    assert_eq!(searched(32, 0, "cn"), None);
    let mut scene = Scene::new();
    names(&mut scene, &[&format!("ldap:///{ENTRY}")], &[]);
    scene.flow(CLIENT, "192.0.2.2", 389);
    ends(&mut scene, EndReason::Reset, |end| end.refused = true);
    assert_eq!(scene.one("crl-unreachable").confidence, Confidence::Possible);
}

#[test]
fn certificates_of_authorities_and_clients_name_places_too() {
    for (client, index) in [(false, 1), (true, 0), (true, 1)] {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        let certificate = Certificate { crl_urls: vec![LIST.to_owned()], ..Certificate::default() };
        let sent = |index, certificate: Certificate| {
            TlsEvent::Certificate(SentCertificate { client, index, certificate: certificate.into() })
        };
        scene.flow(CLIENT, SERVER, 443);
        if index > 0 {
            scene.down(sent(0, Certificate { sha256: "leaf".to_owned(), ..Certificate::default() }));
        }
        scene.down(sent(index, certificate));
        fetch(&mut scene, "pki.example.org", "/issuing.crl", 410);
        assert_eq!(scene.one("crl-unreachable").confidence, Confidence::Certain);
    }
}

#[test]
fn a_registered_certificate_names_places_too() {
    let registration = decoders::ccm::Registration {
        certificate_sha256: Some("00".to_owned()),
        crl_urls: vec![LIST.to_owned()],
        ..decoders::ccm::Registration::default()
    };
    let mut scene = Scene::new();
    let content = decoders::ccm::Content::Registration(Box::new(registration));
    scene.flow(CLIENT, SERVER, 80).message(crate::testing::message("MP_ClientRegistration", content));
    fetch(&mut scene, "pki.example.org", "/issuing.crl", 404);
    let finding = scene.one("crl-unreachable");
    assert!(finding.message.contains("registered with 192.0.2.80"), "{}", finding.message);
}

#[test]
fn without_a_certificate_the_next_list_asked_for_may_have_been_the_alternative() {
    let asked = |first: &str, second: &str, host: &str| {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        fetch(&mut scene, "pki.example.test", first, 404);
        fetch(&mut scene, host, second, 304);
        found(&scene).len()
    };
    assert_eq!(asked("/old/issuing.crl", "/new/issuing.crl", "pki2.example.test"), 0);
    assert_eq!(asked("/issuing.crl", "/root.crl", "pki.example.test"), 1, "another authority's");
    let mut outdated = Scene::new();
    outdated.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    fetch(&mut outdated, "pki.example.test", "/issuing.crl", 200);
    body(&mut outdated, Form::List, Some(NOW - 1));
    assert_eq!(
        outdated.one("crl-unreachable").confidence,
        Confidence::Possible,
        "it is its own alternative to none"
    );
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
    scene.flow(CLIENT, "192.0.2.2", 389).up(LdapEvent::Search {
        base: "CN=Issuing,CN=CDP".to_owned(),
        scope: 0,
        filter: String::new(),
        filter_attributes: Vec::new(),
        classes: vec!["cRLDistributionPoint".to_owned()],
        attributes: Vec::new(),
    });
    scene.down(LdapEvent::SearchDone { code: 32, entries: 0 });
    assert_eq!(scene.one("crl-unreachable").confidence, Confidence::Possible);
    fetch(&mut scene, "pki.example.test", "/issuing.crl", 304);
    assert!(found(&scene).is_empty());
}
