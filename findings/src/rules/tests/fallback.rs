//! Why a client push used NTLM: what happened elsewhere, or more than once.

use std::net::IpAddr;

use capture::Traffic;
use decoders::FlowEnd;
use decoders::dcerpc::DcerpcEvent;
use decoders::kerberos::KerberosEvent;
use decoders::ntlmssp::{Carrier, Response};
use decoders::spnego::MechToken;

use crate::Limits;
use crate::coverage::Coverage;
use crate::finding::{Confidence, Severity};
use crate::ledger::smb::{OID_KERBEROS, OID_NTLMSSP};
use crate::rule::Verdicts;
use crate::testing_smb::{CLIENT, KDC, SITE, STRANGER, Scene};

/// The site server's and the client's other addresses.
const SITE6: &str = "2001:db8::10";
const CLIENT6: &str = "2001:db8::65";

/// A push over IPv6 by the host with a network card of this number.
fn push_over_ipv6(scene: &mut Scene, card: u8) {
    let [source, target] = [SITE6, CLIENT6].map(|addr| addr.parse::<IpAddr>().unwrap());
    let talk = scene.open(source, target, 445);
    scene.ntlm_logon(talk, "svc-push").push_files(talk).end(talk, |end| end.client_mac = Some([card; 6]));
}

#[test]
fn a_refusal_or_silence_of_the_kdc_counts_whatever_address_it_was_asked_from() {
    let fallbacks = |card: u8, silent: bool| {
        let mut scene = Scene::new();
        let kdc = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        if !silent {
            scene.kdc_refuses(kdc, 7);
        }
        scene.end(kdc, |end| {
            end.client_mac = Some([1; 6]);
            end.unanswered = silent;
        });
        scene.wait(1);
        push_over_ipv6(&mut scene, card);
        scene.findings("push-fallback").len()
    };
    for silent in [true, false] {
        assert_eq!(fallbacks(1, silent), 1, "the same host");
        assert_eq!(fallbacks(2, silent), 0, "another host");
    }
}

#[test]
fn a_kdc_that_answered_another_address_after_it_was_silent_is_no_reason() {
    let mut scene = Scene::new();
    let kdc = scene.open(SITE, KDC, 88);
    scene.end(kdc, |end| (end.client_mac, end.unanswered) = (Some([1; 6]), true)).wait(1);
    scene.kdc_logs_on(SITE, "svc-push");
    push_over_ipv6(&mut scene, 1);
    assert!(scene.findings("push-fallback").is_empty());
}

#[test]
fn a_kdc_asked_in_vain_for_minutes_counts_by_the_last_question_before_the_logon() {
    for over in [true, false] {
        let mut scene = Scene::new();
        let kdc = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        for _ in 0..12 {
            scene.wait(11).asks_again(kdc, "cifs/pc1.contoso.com");
        }
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        for _ in 0..12 {
            scene.wait(11).asks_again(kdc, "cifs/pc1.contoso.com");
        }
        if over {
            scene.end(kdc, |end| {
                end.to_client = capture::Traffic::default();
                end.started = capture::Moment::default();
            });
        }
        assert!(scene.message("push-fallback").contains("did not answer"), "over: {over}");
    }
}

#[test]
fn a_ticket_asked_for_under_an_address_and_refused_is_a_fallback() {
    for (address, target) in [("10.0.0.101", CLIENT), (CLIENT6, CLIENT6.parse().unwrap())] {
        let mut scene = Scene::new();
        let asked = scene.ask_kdc(SITE, &format!("cifs/{address}"));
        scene.kdc_refuses(asked, 7);
        let talk = scene.open(SITE, target, 445);
        scene.ntlm_logon(talk, "svc-push").share(talk, address, "ADMIN$");
        scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        let message = scene.message("push-fallback");
        assert!(message.contains(&format!("did not know cifs/{address}: the SPN is missing")), "{message}");
        assert_eq!(scene.findings("push-byip").len(), 1);
    }
}

#[test]
fn a_site_server_that_keeps_the_computer_waiting_before_ntlm_has_possibly_looked_for_a_kdc() {
    let push = |seconds, called: &str| {
        let mut scene = Scene::new();
        let talk = scene.open(SITE, CLIENT, 445);
        scene.negotiated(talk, false).wait(seconds).offer(talk, &[OID_NTLMSSP], MechToken::Ntlmssp(1));
        scene.authenticate(talk, Carrier::Smb, "svc-push", Response::NtlmV2);
        scene.set_up(talk).share(talk, called, "ADMIN$").file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        scene
    };
    let scene = push(33, "pc1");
    let found = scene.findings("push-fallback");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].severity, found[0].confidence), (Severity::Medium, Confidence::Possible));
    assert!(found[0].message.contains("took 33 s to offer NTLM alone"), "{}", found[0].message);
    for (seconds, called) in [(1, "pc1"), (33, "10.0.0.101"), (90, "pc1")] {
        assert!(push(seconds, called).findings("push-fallback").is_empty(), "{seconds} s, {called}");
    }
}

#[test]
fn an_account_that_got_its_ticket_after_all_is_no_reason() {
    let mut scene = Scene::new();
    scene.kdc_refuses_account(SITE, "svc-push", 37).kdc_logs_on(SITE, "svc-push");
    scene.ntlm_push(SITE, CLIENT, "svc-push@contoso.com");
    assert!(scene.findings("push-fallback").is_empty());
    scene.wait(120).kdc_refuses_account(SITE, "svc-push", 18);
    scene.ntlm_push(SITE, CLIENT, "svc-push@contoso.com");
    assert!(scene.message("push-fallback").contains("error 18"));
}

#[test]
fn a_ticket_to_change_an_expired_password_is_no_logon() {
    let mut scene = Scene::new();
    scene.kdc_refuses_account(SITE, "svc-push", 23);
    let talk = scene.open(SITE, KDC, 88);
    let (cname, sname) = ("svc-push".to_owned(), "kadmin/changepw".to_owned());
    let given = KerberosEvent { msg_type: 11, cname, sname, ..KerberosEvent::default() };
    scene.say(talk, capture::Direction::ToClient, given);
    scene.ntlm_push(SITE, CLIENT, "svc-push");
    assert!(scene.message("push-fallback").contains("the account's password has expired (error 23)"));
}

#[test]
fn an_account_refused_under_its_enterprise_name_is_named() {
    let mut scene = Scene::new();
    scene.kdc_refuses_account(SITE, "Svc-Push@contoso.com", 24).ntlm_push(SITE, CLIENT, "svc-push");
    let message = scene.message("push-fallback");
    assert!(message.contains("no ticket for svc-push: the password is wrong (error 24)"), "{message}");
}

#[test]
fn a_fallback_shows_though_the_same_logon_had_no_reason_an_hour_before() {
    let mut scene = Scene::new();
    for hour in 0..3 {
        if hour == 1 {
            let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
            scene.kdc_refuses(asked, 7);
        }
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").push_files(talk).end(talk, |_| ()).wait(3_600);
    }
    assert!(scene.message("push-fallback").contains("the SPN is missing"));
}

#[test]
fn kerberos_turned_down_counts_before_the_ntlm_logon_and_not_behind_it() {
    let turned_down = |scene: &mut Scene| {
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ap_req(talk, "cifs/pc1.contoso.com", 18).set_up(talk).decided(talk, 0xC000_006D);
    };
    let mut before = Scene::new();
    turned_down(&mut before);
    before.ntlm_push(SITE, CLIENT, "svc-push");
    assert!(before.message("push-fallback").contains("Kerberos was tried and turned down by the computer"));
    let mut behind = Scene::new();
    behind.ntlm_push(SITE, CLIENT, "svc-push");
    turned_down(&mut behind);
    assert!(behind.findings("push-fallback").is_empty());
    let mut elsewhere = Scene::new();
    let talk = elsewhere.open(SITE, STRANGER, 445);
    elsewhere.ap_req(talk, "cifs/pc9.contoso.com", 18).set_up(talk).decided(talk, 0xC000_006D);
    elsewhere.ntlm_push(SITE, CLIENT, "svc-push");
    assert!(elsewhere.findings("push-fallback").is_empty());
}

#[test]
fn silence_is_only_likely_where_frames_were_lost() {
    let mut scene = Scene::new();
    let kdc = scene.open(SITE, KDC, 88);
    scene.end(kdc, |end| end.unanswered = true).wait(1).ntlm_push(SITE, CLIENT, "svc-push");
    let engine = scene.engine();
    let sure = |gaps| {
        let mut coverage = Coverage::default();
        coverage.capture.gaps = gaps;
        let mut verdicts = Verdicts::default();
        let rule = crate::catalogue::find("push-fallback").expect("the rule");
        rule.judge(engine.ledger(), &coverage, &mut verdicts);
        verdicts.findings.iter().map(|finding| finding.confidence).collect::<Vec<_>>()
    };
    assert_eq!(sure(0), [Confidence::Certain]);
    assert_eq!(sure(1), [Confidence::Likely]);
}

#[test]
fn a_ticket_that_dcom_turned_down_before_ntlm_is_named() {
    let fallbacks = |status: u32| {
        let mut scene = Scene::new();
        scene.ntlm_push(SITE, CLIENT, "svc-push").wait(300);
        let kerberos = scene.open(SITE, CLIENT, 135);
        scene.ap_req(kerberos, "RPCSS/pc1.contoso.com", 18);
        scene.say(kerberos, capture::Direction::ToClient, DcerpcEvent::Fault { pipe: None, status });
        let ntlm = scene.open(SITE, CLIENT, 135);
        scene.authenticate(ntlm, Carrier::Dcerpc, "svc-push", Response::NtlmV2);
        scene.findings("push-fallback").iter().map(|finding| finding.port).collect::<Vec<_>>()
    };
    assert_eq!(fallbacks(1_825), [Some(135)]);
    assert_eq!(fallbacks(5), [], "the account lacks rights");
}

#[test]
fn tickets_turned_down_beyond_the_bound_are_counted() {
    let mut scene = Scene::new();
    for last in 1..=10 {
        let talk = scene.open(SITE, crate::testing_smb::host(100 + last), 445);
        scene.ap_req(talk, "cifs/pc1.contoso.com", 18).set_up(talk).decided(talk, 0xC000_006D);
    }
    // One table of failed attempts is that of push itself.
    let engine = scene.engine_within(Limits { failures: 8, ..Limits::default() });
    assert_eq!(engine.ledger().kerberos.rejections.refused(), 2);
    assert_eq!(engine.ledger().full(), 4);
}

#[test]
fn the_workstation_in_a_request_to_the_kdc_names_the_client() {
    let mut scene = Scene::new();
    scene.ntlm_push(SITE, CLIENT, "svc-push");
    let talk = scene.open(STRANGER, KDC, 88);
    let named = KerberosEvent {
        msg_type: 10,
        client_host: Some("SITE01".to_owned()),
        cname: "svc-push".to_owned(),
        ..KerberosEvent::default()
    };
    scene.say(talk, capture::Direction::ToServer, named);
    let engine = scene.engine();
    let host = engine.ledger().host(STRANGER).expect("the client of the KDC");
    assert_eq!(host.name(), Some("SITE01"));
}

#[test]
fn the_name_given_by_a_connection_beside_tells_why_a_refused_logon_used_ntlm() {
    let mut scene = Scene::new();
    let refused = scene.open(SITE, CLIENT, 445);
    scene.ntlm_logon_with(refused, "svc-push", Response::NtlmV2, 0xC000_006D);
    let talk = scene.open(SITE, CLIENT, 445);
    scene.kerberos_logon(talk, &[OID_KERBEROS[0]]).share(talk, "10.0.0.101", "ADMIN$");
    scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
    assert!(scene.message("push-ntlm").contains("addressed as 10.0.0.101"));
}

#[test]
fn a_kdc_that_is_silent_or_refuses_or_is_unreachable_before_ntlm_is_named() {
    type Change = fn(&mut FlowEnd);
    let ends: [(Change, &str); 3] = [
        (|end| end.unanswered = true, "did not answer"),
        (|end| end.refused = true, "refused the connection"),
        (|end| (end.unreachable, end.to_client) = (true, Traffic::default()), "could not be reached"),
    ];
    for (change, words) in ends {
        let mut scene = Scene::new();
        let kdc = scene.open(SITE, KDC, 88);
        scene.end(kdc, change).wait(20).ntlm_push(SITE, CLIENT, "svc-push");
        let message = scene.message("push-fallback");
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_refusal_of_something_that_was_not_captured_is_a_possible_reason() {
    let mut scene = Scene::new();
    let kdc = scene.open(SITE, KDC, 88);
    scene.kdc_refuses(kdc, 7).ntlm_push(SITE, CLIENT, "svc-push");
    let findings = scene.findings("push-fallback");
    let [finding] = findings.as_slice() else { panic!("one finding: {findings:?}") };
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Possible));
    assert!(finding.message.contains("possibly tried"), "{}", finding.message);
}

#[test]
fn a_refusal_of_something_that_was_not_captured_is_no_reason_afterwards_or_later() {
    let fallbacks = |before: i64, between: i64| {
        let mut scene = Scene::new();
        if before == 0 {
            scene.ntlm_push(SITE, CLIENT, "svc-push").wait(1);
        }
        let kdc = scene.open(SITE, KDC, 88);
        scene.kdc_refuses(kdc, 7).wait(between);
        if before > 0 {
            scene.ntlm_push(SITE, CLIENT, "svc-push");
        }
        scene.findings("push-fallback").len()
    };
    assert_eq!(fallbacks(1, 1), 1);
    assert_eq!(fallbacks(1, 120), 0, "too long before");
    assert_eq!(fallbacks(0, 1), 0, "afterwards");
}

#[test]
fn kerberos_about_something_else_is_not_called_none() {
    let reason = |scene: &mut Scene| {
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.findings("push-fallback").is_empty());
        scene.message("push-ntlm")
    };
    let mut other_account = Scene::new();
    other_account.kdc_refuses_account(SITE, "svc-other", 24);
    let mut other_service = Scene::new();
    let kdc = other_service.ask_kdc(SITE, "cifs/pc9.contoso.com");
    other_service.kdc_refuses(kdc, 7);
    for scene in [&mut other_account, &mut other_service] {
        let message = reason(scene);
        assert!(message.contains("was about another account or computer"), "{message}");
    }
    assert!(reason(&mut Scene::new()).contains("no Kerberos traffic was seen"));
}
