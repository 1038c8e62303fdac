//! Rules about messages: signatures, encryption, status and state.

use decoders::ccm::{
    CcmEvent, CcmMessage, CcmReply, Content, FspReport, Hash, PolicyRequest, Registration, ReportBody,
    StatusBody, Verdict,
};
use decoders::tls::{Reading, TlsEvent};

use crate::channel::{Grade, Purpose};
use crate::finding::{Confidence, Severity};
use crate::testing::{CLIENT, OTHER, SERVER, Scene, message, signed};

fn status(id: &str) -> CcmMessage {
    let body = StatusBody { client_id: Some(id.to_owned()), ..StatusBody::default() };
    message("StatusReceiver", Content::Status(body))
}

fn inventory() -> CcmMessage {
    message("MP_HinvEndpoint", Content::Inventory(ReportBody::default()))
}

fn state() -> CcmMessage {
    message("MP_RelayEndpoint", Content::State(ReportBody::default()))
}

fn registration(key: &str) -> CcmMessage {
    let body = Registration { key_id: Some(key.to_owned()), ..Registration::default() };
    message("MP_ClientRegistration", Content::Registration(Box::new(body)))
}

fn registered(id: &str) -> CcmReply {
    CcmReply {
        smsid: Some(id.to_owned()),
        root: Some("ClientRegistrationResponse".to_owned()),
        ..CcmReply::default()
    }
}

#[test]
fn unsigned_policy_and_inventory_are_medium_and_state_is_low() {
    let mut scene = Scene::new();
    scene.message(state());
    assert_eq!(scene.one("msg-unsigned").severity, Severity::Low);
    scene
        .message(message("MP_PolicyManager", Content::Policy(PolicyRequest::default())))
        .message(inventory());
    let finding = scene.one("msg-unsigned");
    assert_eq!((finding.severity, finding.seen.count), (Severity::Medium, 3));
}

#[test]
fn registration_location_and_incomplete_messages_need_no_signature() {
    let mut scene = Scene::new();
    let location = Content::Location { root: "ContentLocationRequest".to_owned(), site_code: None };
    scene.message(registration("key")).message(message("MP_LocationManager", location));
    scene.message(CcmMessage { incomplete: true, ..inventory() });
    let mut media = inventory();
    media.header.as_mut().unwrap().token = true;
    scene.message(media).message(signed(inventory(), "key", "GUID:1"));
    assert!(scene.found("msg-unsigned").is_empty());
}

#[test]
fn a_wrong_signature_is_high_but_never_on_an_incomplete_message() {
    let mut wrong = signed(inventory(), "key", "GUID:1");
    wrong.signature.verdict = Verdict::Invalid;
    let mut scene = Scene::new();
    scene.message(CcmMessage { incomplete: true, ..wrong.clone() });
    assert!(scene.found("msg-badsig").is_empty());
    scene.message(wrong);
    assert_eq!(scene.one("msg-badsig").severity, Severity::High);
    assert!(scene.found("msg-unsigned").is_empty());
}

#[test]
fn old_hashes_are_told_and_new_ones_are_not() {
    let mut scene = Scene::new();
    scene.message(signed(inventory(), "key", "GUID:1"));
    assert!(scene.found("msg-sha1").is_empty());
    let mut old = signed(inventory(), "key", "GUID:1");
    old.signature.hash = Some(Hash::Sha1);
    scene.message(old);
    assert_eq!(scene.one("msg-sha1").seen.count, 1);
}

#[test]
fn readable_inventory_and_state_are_told_and_encrypted_ones_are_not() {
    let mut scene = Scene::new();
    scene.message(CcmMessage { encrypted: true, content: Content::Unread, ..inventory() });
    assert!(scene.found("msg-noenc").is_empty());
    scene.message(signed(state(), "key", "GUID:1"));
    scene.one("msg-noenc");
    assert_eq!(scene.one("state-clear").severity, Severity::Low);
}

#[test]
fn unsigned_status_is_medium_and_signed_status_is_only_readable() {
    let mut scene = Scene::new();
    scene.message(signed(status("GUID:1"), "key", "GUID:1"));
    assert!(scene.found("status-unsigned").is_empty());
    scene.one("status-clear");
    scene.message(status("GUID:1"));
    let finding = scene.one("status-unsigned");
    assert_eq!((finding.severity, finding.seen.count), (Severity::Medium, 1));
    assert_eq!(finding.evidence()[0].what, "message to StatusReceiver, not signed");
}

#[test]
fn a_token_in_place_of_a_signature_covers_no_status_message() {
    let mut scene = Scene::new();
    let mut message = status("GUID:1");
    message.header.as_mut().unwrap().token = true;
    scene.message(message);
    let finding = scene.one("status-unsigned");
    assert_eq!(finding.severity, Severity::Low);
    assert!(finding.message.contains("token"), "{}", finding.message);
    scene.message(status("GUID:1"));
    assert_eq!(scene.one("status-unsigned").severity, Severity::Medium);
}

#[test]
fn a_location_request_tells_the_site_of_its_sender() {
    let mut scene = Scene::new();
    let root = "ContentLocationRequest".to_owned();
    let content = Content::Location { root, site_code: Some("PS1".to_owned()) };
    scene.message(message("MP_LocationManager", content));
    assert_eq!(scene.one("http-client").site_code.as_deref(), Some("PS1"));
}

#[test]
fn reports_to_a_fallback_status_point_are_low() {
    let mut scene = Scene::new();
    scene.exchange("POST", "/SMS_FSP/.sms_fsp", 200);
    scene.up(CcmEvent::Fsp(Box::<FspReport>::default()));
    assert_eq!(scene.one("status-unsigned").severity, Severity::Low);
    assert!(scene.found("http-client").is_empty());
}

#[test]
fn a_status_key_is_known_only_by_its_registration() {
    let mut scene = Scene::new();
    scene.message(registration("key")).reply(registered("GUID:1"));
    scene.message(signed(status("GUID:1"), "key", "GUID:1"));
    assert!(scene.found("status-unauth").is_empty());
    scene.message(signed(status("GUID:1"), "stranger", "GUID:1"));
    let finding = scene.one("status-unauth");
    assert_eq!((finding.severity, finding.seen.count), (Severity::Info, 1));
}

#[test]
fn a_registration_that_was_turned_away_gives_no_identity() {
    let mut scene = Scene::new();
    let reply =
        |status: &str| CcmReply { registration_status: Some(status.to_owned()), ..registered("GUID:1") };
    for refused in ["2", "3", "4"] {
        scene.message(registration("key")).reply(reply(refused));
        scene.message(signed(status("GUID:1"), "key", "GUID:1"));
    }
    assert_eq!(scene.one("status-unauth").seen.count, 3);
    scene.message(registration("key")).reply(reply("1")).message(signed(status("GUID:1"), "key", "GUID:1"));
    assert_eq!(scene.one("status-unauth").seen.count, 3, "what is pending is given all the same");
}

#[test]
fn one_identifier_written_in_two_ways_is_no_contradiction() {
    let mut scene = Scene::new();
    let bare = "0a1b2c3d-0000-4000-8000-00000000beef";
    scene.message(signed(status(&format!("GUID:{bare}")), "key", bare));
    assert!(scene.found("status-forged").is_empty());
}

#[test]
fn a_handful_of_status_messages_is_no_flood() {
    let mut scene = Scene::new();
    for _ in 0..40 {
        scene.wait(30).message(status("GUID:1"));
    }
    assert!(scene.found("status-flood").is_empty());
}

#[test]
fn without_a_clock_how_fast_status_messages_came_does_not_show() {
    let mut scene = Scene::new();
    for _ in 0..150 {
        scene.message(status("GUID:1"));
    }
    assert!(scene.found("status-flood").is_empty());
}

#[test]
fn many_status_messages_in_a_row_are_a_flood() {
    let mut scene = Scene::new();
    for _ in 0..15 {
        scene.wait(1);
        for _ in 0..10 {
            scene.message(status("GUID:1"));
        }
    }
    let finding = scene.one("status-flood");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Likely));
    assert!(finding.message.contains("150 status messages"), "{}", finding.message);
}

#[test]
fn ten_times_what_others_send_is_a_flood_only_where_there_are_others() {
    let mut scene = Scene::new();
    for _ in 0..35 {
        scene.wait(1).message(status("GUID:1"));
    }
    for last in 20..22 {
        scene.flow(&format!("192.0.2.{last}"), SERVER, 80).message(status("GUID:2"));
    }
    assert!(scene.found("status-flood").is_empty());
    scene.flow(OTHER, SERVER, 80).message(status("GUID:3"));
    let finding = scene.one("status-flood");
    assert!(finding.message.contains("half of the senders sent 1 or fewer"), "{}", finding.message);
}

#[test]
fn a_host_that_forwards_for_several_clients_may_send_more() {
    let mut scene = Scene::new();
    for id in ["GUID:1", "GUID:2", "GUID:3"] {
        scene.message(registration(id)).reply(registered(id));
        for _ in 0..50 {
            scene.message(status(id));
        }
        scene.wait(60);
    }
    assert!(scene.found("status-flood").is_empty());
}

#[test]
fn what_was_read_inside_tls_grades_a_channel_that_asks_for_no_certificate() {
    let grade = |message| {
        let mut scene = Scene::new();
        scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", 0x0304, 0x0304, 0x1302);
        scene.certificate("mp.example.test", "Example CA").message(message);
        scene.ends(|end| end.reading = Some(Reading::Opened));
        scene.channels()[0].grade
    };
    assert_eq!(grade(signed(status("GUID:1"), "key", "GUID:1")), Grade::Secure);
    assert_eq!(grade(status("GUID:1")), Grade::Weak);
}

#[test]
fn unsigned_status_inside_tls_is_told_where_the_client_proved_nothing() {
    let mut scene = Scene::new();
    scene
        .flow(CLIENT, SERVER, 443)
        .hellos("mp.example.test", 0x0304, 0x0304, 0x1302)
        .message(status("GUID:1"));
    assert_eq!(scene.one("status-unsigned").severity, Severity::Info);
    assert!(scene.found("status-clear").is_empty(), "nobody on the way could read it");
    let purposes: Vec<Purpose> = scene.channels().into_iter().map(|channel| channel.purpose).collect();
    assert_eq!(purposes, [Purpose::Status]);
    scene.up(TlsEvent::ClientVerify);
    assert!(scene.found("status-unsigned").is_empty());
}

#[test]
fn status_in_the_name_of_another_registered_client_is_forged() {
    let mut scene = Scene::new();
    scene.message(registration("key")).reply(registered("GUID:1"));
    scene.message(status("GUID:1"));
    assert!(scene.found("status-forged").is_empty(), "its own name");
    scene.flow(OTHER, SERVER, 80).message(status("GUID:2"));
    assert!(scene.found("status-forged").is_empty(), "a name nobody is known by");
    scene.message(status("GUID:1"));
    assert_eq!(scene.one("status-forged").confidence, Confidence::Possible);
    scene.message(registration("other")).reply(registered("GUID:9"));
    assert_eq!(scene.one("status-forged").confidence, Confidence::Likely);
}

#[test]
fn a_signed_header_that_contradicts_the_body_is_forged() {
    let mut scene = Scene::new();
    scene.message(signed(status("GUID:2"), "key", "GUID:1"));
    let finding = scene.one("status-forged");
    assert!(finding.message.contains("GUID:1"), "{}", finding.message);
}

#[test]
fn a_host_with_many_identities_is_a_proxy_and_forges_nothing() {
    let mut scene = Scene::new();
    scene.message(registration("key")).reply(registered("GUID:1"));
    scene.flow(OTHER, SERVER, 80);
    for id in ["GUID:3", "GUID:4", "GUID:5"] {
        scene.message(registration(id)).reply(registered(id));
    }
    scene.message(status("GUID:1"));
    assert!(scene.found("status-forged").is_empty());
    assert_eq!(scene.ledger.messages.identities_of(crate::testing::addr(CLIENT)), 1);
}
