//! What channels say of the client's certificate.

use decoders::tls::{Certificate, TlsEvent};

use super::{CLIENT, GOOD, OTHER, SERVER, Scene, TLS12, channel, shown, trust};
use crate::channel::{ClientCertificate, Grade};
use crate::ledger::tls::TLS13;

/// A scene is changed where it is.
fn void(_: &mut Scene) {}

/// The client proves a certificate, and the server answers that it does not know the authority.
fn refuses(scene: &mut Scene) -> &mut Scene {
    scene.down(TlsEvent::CertificateRequest).up(TlsEvent::ClientAuth { certificates: 1 });
    scene.up(TlsEvent::ClientVerify).down(TlsEvent::Alert { level: 2, description: 48 })
}

/// What the client's proof came to, and what the channel says of it.
fn came_to(then: impl FnOnce(&mut Scene)) -> (ClientCertificate, Grade, bool) {
    let mut scene = shown("mp.example.test", "good");
    then(&mut scene);
    let channel = channel(&scene);
    let said = |text: &str| channel.reasons.iter().any(|reason| reason.text == text);
    (trust(&channel).client_certificate, channel.grade, said("the client proved its certificate"))
}

#[test]
fn a_certificate_counts_once_the_server_went_on_after_its_proof() {
    use ClientCertificate::{Proved, Refused, Sent};
    let proves = |scene: &mut Scene| {
        let sent = TlsEvent::ClientAuth { certificates: 1 };
        void(scene.down(TlsEvent::CertificateRequest).up(sent).up(TlsEvent::ClientVerify));
    };
    let unanswered = came_to(proves);
    assert_eq!(unanswered, (Proved, Grade::NotObservable, false), "what came of it was not captured");
    let after = |event: fn(&mut Scene)| came_to(|scene| (proves(scene), event(scene)).1);
    let counts = (Proved, Grade::Secure, true);
    assert_eq!(after(|scene| void(scene.down(TlsEvent::Encrypted))), counts, "the server's Finished");
    assert_eq!(after(|scene| void(scene.down(TlsEvent::ApplicationData))), counts);
    assert_eq!(after(|scene| void(scene.exchange("GET", "/", 200))), counts, "it was opened");
    assert_eq!(after(|scene| void(scene.up(TlsEvent::ApplicationData))), unanswered, "the client's own data");
    assert_eq!(came_to(|scene| void(refuses(scene))), (Refused, Grade::NotObservable, false));
    let fatal = TlsEvent::Alert { level: 2, description: 48 };
    let accepted_first = came_to(|scene| {
        proves(scene);
        scene.down(TlsEvent::Encrypted).down(fatal.clone());
    });
    assert_eq!(accepted_first, counts, "what ended it later is another matter");
    let own = came_to(|scene| (proves(scene), void(scene.up(fatal.clone()))).1);
    assert_eq!(own, unanswered, "the client gave up");
    let unproved = came_to(|scene| {
        scene.up(TlsEvent::ClientAuth { certificates: 1 }).down(fatal.clone());
    });
    assert_eq!(unproved.0, Sent, "there was no proof to refuse");
}

#[test]
fn the_best_of_several_handshakes_counts() {
    let twice = |second: fn(&mut Scene)| {
        came_to(|scene| {
            refuses(scene);
            scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", TLS12, TLS12, GOOD);
            second(scene);
        })
    };
    let taken = twice(|scene| {
        scene.accepts(Certificate { not_after_secs: i64::MAX, ..Certificate::default() });
    });
    assert_eq!(taken, (ClientCertificate::Proved, Grade::Secure, true));
    let without = twice(|scene| {
        scene.down(TlsEvent::CertificateRequest).up(TlsEvent::ClientAuth { certificates: 0 });
    });
    assert_eq!(without, (ClientCertificate::Refused, Grade::Weak, false), "it was let in without one");
}

#[test]
fn what_a_client_did_is_told_as_far_as_it_shows() {
    type Then = fn(&mut Scene);
    let told = |version: u16, then: Then| {
        let mut scene = Scene::new();
        scene.flow(OTHER, SERVER, 80).exchange("GET", "/SMS_MP/.sms_aut?MPLIST", 200);
        scene.flow(CLIENT, SERVER, 443).hellos("mp.example.test", version, version, GOOD);
        then(&mut scene);
        trust(&channel(&scene)).client_certificate
    };
    let cases: [(Then, ClientCertificate); 6] = [
        (|_| (), ClientCertificate::NotAsked),
        (|scene| void(scene.down(TlsEvent::CertificateRequest)), ClientCertificate::Asked),
        (|scene| void(scene.up(TlsEvent::ClientAuth { certificates: 0 })), ClientCertificate::Empty),
        (|scene| void(scene.up(TlsEvent::ClientAuth { certificates: 1 })), ClientCertificate::Sent),
        (|scene| void(scene.up(TlsEvent::ClientVerify)), ClientCertificate::Proved),
        (|scene| void(refuses(scene)), ClientCertificate::Refused),
    ];
    for (then, expected) in cases {
        let mut scene = shown("mp.example.test", "good");
        then(&mut scene);
        assert_eq!(trust(&channel(&scene)).client_certificate, expected);
    }
    assert_eq!(told(TLS12, |_| ()), ClientCertificate::NotObservable, "no certificate was seen");
    assert_eq!(told(TLS13, |_| ()), ClientCertificate::NotObservable);
    let renegotiated: Then = |scene| {
        scene.certificate("mp.example.test", "Example CA").down(TlsEvent::Renegotiation);
    };
    assert_eq!(told(TLS12, renegotiated), ClientCertificate::NotObservable);
}
