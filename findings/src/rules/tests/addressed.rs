//! Who is addressed: a site system, or what stands before it.

use decoders::ccm::{CcmEvent, CcmReply, Content, PolicyRequest};
use decoders::http::{HttpEvent, HttpResponse};

use crate::finding::Confidence;
use crate::testing::{CLIENT, OTHER, SERVER, Scene, addr, message};

fn policy() -> decoders::ccm::CcmMessage {
    message("MP_PolicyManager", Content::Policy(PolicyRequest::default()))
}

#[test]
fn a_proxy_is_the_destination_but_no_site_system() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, OTHER, 3128).exchange("GET", "http://mp.example.test/sms_mp/.sms_aut?MPCERT", 200);
    let finding = scene.one("http-client");
    assert_eq!((finding.destination, finding.port), (addr(OTHER), Some(3128)));
    assert_eq!(scene.ledger.site_system(addr(OTHER)), None);
}

#[test]
fn a_server_that_is_called_by_its_own_absolute_uri_is_no_proxy() {
    let mut scene = Scene::new();
    let own = format!("http://{SERVER}:8080/sms_mp/.sms_aut?MPCERT");
    scene.flow(CLIENT, SERVER, 8080).exchange("GET", &own, 200);
    assert_eq!(scene.ledger.site_system(addr(SERVER)), Some(Confidence::Certain));
}

#[test]
fn what_is_read_inside_a_tunnel_is_not_its_proxys() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, OTHER, 3128).exchange("CONNECT", "[2001:db8::10]:80", 200).message(policy());
    scene.reply(CcmReply { root: Some("ReplyAssignments".to_owned()), ..CcmReply::default() });
    assert!(scene.one("http-client").message.contains("the proxy"));
    assert_eq!(scene.ledger.site_system(addr(OTHER)), None);
}

#[test]
fn a_reply_names_site_systems_by_address_too() {
    let mut scene = Scene::new();
    let urls = vec!["http://[2001:db8::20]:80/SMS_DP_SMSPKG$/PS100001".to_owned()];
    scene.message(policy()).reply(CcmReply { urls, ..CcmReply::default() });
    assert_eq!(scene.ledger.site_system(addr("2001:db8::20")), Some(Confidence::Likely));
}

#[test]
fn a_reply_without_its_request_is_known_by_its_form() {
    let mut scene = Scene::new();
    let answer = |kind: &str| {
        let content_type = Some(kind.to_owned());
        HttpEvent::Response(Box::new(HttpResponse {
            status_code: 200,
            content_type,
            ..HttpResponse::default()
        }))
    };
    scene.down(answer("multipart/mixed; boundary=x"));
    assert!(scene.findings().is_empty());
    scene.down(answer("multipart/mixed; boundary=\"aAbBcCdDv1234567890VxXyYzZ\""));
    assert_eq!(scene.one("http-client").confidence, Confidence::Likely);
    let reply = || CcmEvent::Reply(Box::new(CcmReply { root: Some("x".to_owned()), ..CcmReply::default() }));
    scene.down(reply());
    assert_eq!(scene.one("http-client").seen.count, 1, "its body tells no more");
    let mut scene = Scene::new();
    scene.down(answer("multipart/mixed; boundary=x")).down(reply());
    assert_eq!(scene.one("http-client").confidence, Confidence::Likely, "whatever the boundary");
    assert_eq!(scene.ledger.site_system(addr(SERVER)), Some(Confidence::Certain));
}

#[test]
fn a_message_that_the_server_turned_away_was_sent_over_plain_http_all_the_same() {
    let mut scene = Scene::new();
    scene.request("CCM_POST", "/ccm_system/request").message(policy()).answer(404);
    assert_eq!(scene.one("http-client").severity, crate::Severity::High);
    scene.one("msg-unsigned");
    let mut probe = Scene::new();
    probe.request("CCM_POST", "/ccm_system/request").answer(404);
    assert!(probe.findings().is_empty() && probe.channels().is_empty());
}

#[test]
fn client_notification_over_http_is_a_channel_whatever_the_answer() {
    let mut scene = Scene::new();
    scene.flow(CLIENT, SERVER, 10_123).exchange("CCM_POST", "/bgb/handler.ashx?RequestType=LogIn", 404);
    scene.one("bgb-fallback");
    let [channel] = &scene.channels()[..] else { panic!("one channel") };
    assert_eq!((channel.port, channel.purpose), (10_123, crate::channel::Purpose::Notification));
}
