//! What signatures of messages prove, and what they do not.

use decoders::ccm::{CcmMessage, Content, Hash, PolicyRequest, Registration, Signature, StatusBody, Verdict};

use crate::channel::Grade;
use crate::finding::{Confidence, Severity};
use crate::testing::{Scene, message, signed};

fn policy() -> CcmMessage {
    message("MP_PolicyManager", Content::Policy(PolicyRequest::default()))
}

/// A registration whose own signature has this verdict and this hash.
fn registration(verdict: Verdict, hash: Hash) -> CcmMessage {
    let signature = Signature { verdict, hash: Some(hash), ..Signature::default() };
    let body = Registration { signature, ..Registration::default() };
    message("MP_ClientRegistration", Content::Registration(Box::new(body)))
}

const VALID: Verdict = Verdict::Valid { digest_info: true };

#[test]
fn a_registration_is_judged_by_the_signature_inside_it() {
    let mut scene = Scene::new();
    scene.message(registration(VALID, Hash::Sha256));
    scene.message(registration(Verdict::NotVerifiable("no public key"), Hash::Sha256));
    scene.message(CcmMessage { incomplete: true, ..registration(Verdict::Invalid, Hash::Sha256) });
    assert!(scene.found("msg-badsig").is_empty());
    assert_eq!(scene.channels()[0].grade, Grade::Weak);
    scene.message(registration(Verdict::Invalid, Hash::Sha256));
    assert_eq!(scene.one("msg-badsig").severity, Severity::High);
    assert_eq!(scene.channels()[0].grade, Grade::Insecure);
    assert!(scene.found("msg-sha1").is_empty());
    scene.message(registration(VALID, Hash::Sha1));
    let finding = scene.one("msg-sha1");
    assert_eq!(finding.seen.count, 1);
    let what = "message to MP_ClientRegistration, not signed, registration signed with SHA-1";
    assert_eq!(finding.evidence()[0].what, what);
}

#[test]
fn a_payload_signed_in_the_name_of_another_is_likely_forged() {
    let mut scene = Scene::new();
    let mut other = signed(policy(), "key", "GUID:1");
    other.id_signature.verdict = Verdict::Invalid;
    let mut nameless = other.clone();
    nameless.header.as_mut().unwrap().source_id = None;
    scene.message(nameless).message(CcmMessage { incomplete: true, ..other.clone() });
    assert!(scene.found("msg-badsig").is_empty(), "there must be a name that it could be for");
    scene.message(other);
    let finding = scene.one("msg-badsig");
    assert_eq!((finding.severity, finding.confidence), (Severity::Medium, Confidence::Likely));
    // Nor does it bind the key to that name.
    let status = Content::Status(StatusBody::default());
    scene.message(signed(message("StatusReceiver", status), "key", "GUID:1"));
    scene.one("status-unauth");
}

#[test]
fn what_could_not_be_verified_is_graded_no_better_than_what_was() {
    let grade = |message: CcmMessage| {
        let mut scene = Scene::new();
        scene.message(message);
        scene.channels()[0].grade
    };
    let mut unverified = signed(policy(), "key", "GUID:1");
    unverified.signature.verdict = Verdict::NotVerifiable("hash algorithm md5");
    assert_eq!(grade(signed(policy(), "key", "GUID:1")), Grade::Insecure);
    assert_eq!(grade(unverified.clone()), Grade::Insecure, "everybody can read it all the same");
    assert_eq!(grade(CcmMessage { incomplete: true, ..unverified.clone() }), Grade::Weak);
    assert_eq!(grade(CcmMessage { encrypted: true, ..unverified }), Grade::Weak);
    let mut media = CcmMessage { encrypted: true, ..policy() };
    media.header.as_mut().unwrap().token = true;
    assert_eq!(grade(media), Grade::Insecure, "a token is no signature, encrypted or not");
}
