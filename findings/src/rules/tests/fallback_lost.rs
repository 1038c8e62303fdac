//! Why a client push used NTLM: where what the KDC answered was not captured.

use capture::{Traffic, Transport};

use crate::testing_smb::{CLIENT, SITE, Scene};

#[test]
fn a_client_that_did_not_wait_for_the_kdc_had_an_answer_that_was_not_captured() {
    for over in [true, false] {
        let mut scene = Scene::new();
        let kdc = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        if over {
            scene.end(kdc, |end| end.to_client = Traffic::default());
        }
        scene.ntlm_push(SITE, CLIENT, "svc-push");
        assert!(scene.findings("push-fallback").is_empty(), "over: {over}");
        let message = scene.message("push-ntlm");
        assert!(message.contains("or was not captured whole"), "{message}");
    }
}

#[test]
fn a_kdc_whose_side_was_not_captured_is_not_called_silent() {
    for (transport, silent) in [(Transport::Udp, true), (Transport::Tcp, false)] {
        let mut scene = Scene::new();
        let kdc = scene.ask_kdc(SITE, "cifs/pc1.contoso.com");
        scene.end(kdc, |end| end.to_client = Traffic::default());
        scene.records.iter_mut().for_each(|record| record.key.transport = transport);
        scene.wait(20).ntlm_push(SITE, CLIENT, "svc-push");
        assert_eq!(!scene.findings("push-fallback").is_empty(), silent, "{transport:?}");
        assert_eq!(!scene.message("push-ntlm").contains("or was not captured whole"), silent);
    }
}
