use decoders::ccm::{CcmEvent, CcmMessage, CcmReply, Content, FspReport, ReportBody, Verdict};
use decoders::http::{HttpEvent, HttpRequest, HttpResponse};

use super::*;
use crate::finding::Severity;
use crate::testing::{CLIENT, SERVER, Scene, message, signed};

/// A message that is as well protected as plain HTTP lets it be.
fn encrypted(scene: &mut Scene) {
    let message = CcmMessage { encrypted: true, ..message("MP_HinvEndpoint", Content::Unread) };
    scene.message(signed(message, "key", "GUID:1"));
}

/// A message of which nothing was captured.
fn lost(scene: &mut Scene) {
    let mut message = CcmMessage { incomplete: true, ..CcmMessage::default() };
    message.signature.verdict = Verdict::NotVerifiable("incomplete");
    scene.message(message);
}

/// A reply whose request was not captured.
fn unasked(scene: &mut Scene, boundary: &str) {
    scene.flow(CLIENT, SERVER, 80).down(HttpEvent::Response(Box::new(HttpResponse {
        status_code: 200,
        content_type: Some(format!("multipart/mixed; boundary={boundary}")),
        ..HttpResponse::default()
    })));
    let reply = CcmReply { root: Some("ReplyAssignments".to_owned()), ..CcmReply::default() };
    scene.down(CcmEvent::Reply(Box::new(reply)));
}

fn grades(scene: &Scene) -> Vec<(Purpose, Grade, u64)> {
    let channels = scene.channels().into_iter();
    channels.map(|channel| (channel.purpose, channel.grade, channel.seen.count)).collect()
}

#[test]
fn what_was_not_read_is_told_beside_what_was_in_any_order() {
    let known = (Purpose::Inventory, Grade::Weak, 1);
    let unread: [fn(&mut Scene); 3] =
        [lost, |scene| unasked(scene, "aAbBcCdDv1234567890VxXyYzZ"), |scene| unasked(scene, "another")];
    for unread in unread {
        let mut alone = Scene::new();
        unread(&mut alone);
        assert_eq!(grades(&alone), [(Purpose::Unknown, Grade::Insecure, 1)]);
        for first in [true, false] {
            let mut scene = Scene::new();
            if first {
                unread(&mut scene);
            }
            encrypted(&mut scene);
            if !first {
                unread(&mut scene);
            }
            assert_eq!(grades(&scene), [known, (Purpose::Unknown, Grade::Insecure, 1)], "first: {first}");
            assert!(scene.one("http-client").message.contains("inventory and messages"));
        }
    }
}

#[test]
fn rounds_of_authentication_without_a_message_are_told_by_the_one_that_has_it() {
    let mut scene = Scene::new();
    scene.exchange("CCM_POST", "/ccm_system_windowsauth/request", 401);
    encrypted(&mut scene);
    assert_eq!(grades(&scene), [(Purpose::Inventory, Grade::Weak, 1)]);
}

#[test]
fn messages_tell_nothing_of_reports_to_a_fallback_status_point() {
    let mut scene = Scene::new();
    encrypted(&mut scene);
    scene.exchange("POST", "/SMS_FSP/.sms_fsp", 200);
    assert_eq!(grades(&scene)[0], (Purpose::Status, Grade::Insecure, 1));
    let report = FspReport { exchange: 1, incomplete: false, report: ReportBody::default() };
    scene.up(CcmEvent::Fsp(Box::new(report)));
    assert_eq!(grades(&scene)[0], (Purpose::Status, Grade::Insecure, 1));
}

#[test]
fn a_password_that_is_only_encoded_is_told() {
    let told = |uri: &str, scheme: &str, before: fn(&mut Scene)| {
        let mut scene = Scene::new();
        before(&mut scene);
        let request = HttpRequest {
            exchange: 1,
            method: "GET".to_owned(),
            uri: uri.to_owned(),
            auth_scheme: Some(scheme.to_owned()),
            ..HttpRequest::default()
        };
        scene.up(HttpEvent::Request(Box::new(request)));
        let channels = scene.channels().into_iter();
        let told = channels
            .filter(|channel| channel.reasons.iter().any(|reason| reason.text.contains("read the password")));
        let found = scene.one("http-client");
        assert_eq!(found.message.contains("sent a password that can be read"), scheme == "basic");
        (told.map(|channel| (channel.purpose, channel.grade)).collect::<Vec<_>>(), found.severity)
    };
    let content = "/SMS_DP_SMSPKG$/PS100001";
    assert_eq!(told(content, "basic", |_| ()), (vec![(Purpose::Content, Grade::Insecure)], Severity::High));
    assert_eq!(told(content, "negotiate", |_| ()), (vec![], Severity::Low));
    let by_logon = told("/ccm_system_windowsauth/request", "basic", encrypted);
    assert_eq!(by_logon, (vec![(Purpose::Inventory, Grade::Insecure)], Severity::High));
}
