//! Why a client push used NTLM, where the same hosts tried before: the reason is of the same attempt.

use decoders::ntlmssp::{Carrier, Response};
use decoders::spnego::MechToken;

use crate::finding::{Confidence, Severity};
use crate::ledger::smb::OID_NTLMSSP;
use crate::testing_smb::{CLIENT, KDC, SITE, STRANGER, Scene};

#[test]
fn a_kdc_that_fell_silent_is_the_reason_and_not_what_it_refused_in_an_attempt_before() {
    for (pause, reason) in [(10, "did not answer"), (1, "the password is wrong")] {
        let mut scene = Scene::new();
        scene.kdc_refuses_account(SITE, "svc-push", 24).wait(pause);
        let kdc = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.end(kdc, |end| end.unanswered = true).wait(1).ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.message("push-fallback").contains(reason), "{pause} s");
    }
}

#[test]
fn of_kdcs_out_of_reach_the_one_of_the_same_attempt_is_the_reason() {
    let mut scene = Scene::new();
    let silent = scene.open(SITE, KDC, 88);
    scene.end(silent, |end| end.unanswered = true).wait(1);
    scene.ntlm_push(SITE, STRANGER, "svc-push").wait(10);
    let refusing = scene.open(SITE, KDC, 88);
    scene.end(refusing, |end| end.refused = true).ntlm_push(SITE, CLIENT, "svc-push");
    let messages = |target| {
        let all = scene.findings("push-fallback").into_iter();
        all.filter(|found| found.destination == target).map(|found| found.message).collect::<String>()
    };
    assert!(messages(STRANGER).contains("did not answer"), "{}", messages(STRANGER));
    assert!(messages(CLIENT).contains("refused the connection"), "{}", messages(CLIENT));
}

#[test]
fn of_two_attempts_a_refused_logon_was_addressed_as_in_its_own() {
    let mut scene = Scene::new();
    let by_name = scene.open(SITE, CLIENT, 445);
    scene.ntlm_logon(by_name, "svc-push").share(by_name, "pc1.contoso.com", "ADMIN$");
    scene.file(by_name, "ADMIN$", "SMSClientInstall.PS1", true).wait(10);
    let refused = scene.open(SITE, CLIENT, 445);
    scene.ntlm_logon_with(refused, "svc-old", Response::NtlmV2, 0xC000_006D);
    let by_address = scene.open(SITE, CLIENT, 445);
    scene.ntlm_logon(by_address, "svc-new").share(by_address, "10.0.0.101", "ADMIN$");
    let message = scene.message("push-ntlm");
    assert!(message.contains("svc-old") && message.contains("addressed as 10.0.0.101"), "{message}");
}

#[test]
fn a_wait_in_one_attempt_does_not_weaken_the_refusal_in_another() {
    let mut scene = Scene::new();
    let waits = scene.open(SITE, CLIENT, 445);
    scene.negotiated(waits, false).wait(21).offer(waits, &[OID_NTLMSSP], MechToken::Ntlmssp(1));
    scene.authenticate(waits, Carrier::Smb, "svc-push", Response::NtlmV2);
    scene.set_up(waits).share(waits, "pc1", "ADMIN$").wait(300);
    let asked = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
    scene.kdc_refuses(asked, 7).ntlm_push(SITE, CLIENT, "svc-push");
    let found = scene.findings("push-fallback");
    let [found] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((found.severity, found.confidence), (Severity::High, Confidence::Certain));
    for words in ["the SPN is missing", "it took 21 s"] {
        assert!(found.message.contains(words), "{}", found.message);
    }
}

#[test]
fn a_ticket_turned_down_by_name_is_no_reason_for_a_logon_by_address() {
    let told = |sname: &str, called: &str| {
        let mut scene = Scene::new();
        let kerberos = scene.open(SITE, CLIENT, 445);
        scene.ap_req(kerberos, sname, 18).set_up(kerberos).decided(kerberos, 0xC000_006D).wait(5);
        let talk = scene.open(SITE, CLIENT, 445);
        scene.ntlm_logon(talk, "svc-push").share(talk, called, "ADMIN$");
        scene.file(talk, "ADMIN$", "SMSClientInstall.PS1", true);
        let fallback =
            scene.findings("push-fallback").into_iter().map(|found| found.message).collect::<String>();
        (fallback.contains("turned down"), scene.message("push-ntlm").contains("addressed as 10.0.0.101"))
    };
    assert_eq!(told("cifs/pc1.contoso.com", "10.0.0.101"), (false, true));
    assert_eq!(told("cifs/10.0.0.101", "10.0.0.101"), (true, false));
    assert_eq!(told("cifs/pc1.contoso.com", "pc1.contoso.com"), (true, false));
}
