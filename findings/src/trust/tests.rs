//! Chains made by OpenSSL, each judged here and by `openssl verify`; see `testdata/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decoders::crl::CrlEvent;
use decoders::tls::Certificate;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};

use crate::testing::Scene;

use super::{Anchors, Fault, Lists, Origin, Standing, Trust, Usage, Verdict, name};

/// The time of judgement, as in `testdata/make.sh`: 2026-01-05 09:00 UTC.
const AT: i64 = 1_767_603_600;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/trust/testdata")
}

fn bytes(file: &str) -> Vec<u8> {
    let path = folder().join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The certificates of a file, as the decoder leaves them.
fn chain(file: &str) -> Vec<Arc<Certificate>> {
    let ders = CertificateDer::pem_slice_iter(&bytes(file)).map(Result::unwrap).collect::<Vec<_>>();
    let read = |der: &CertificateDer<'_>| {
        Certificate::read(der).unwrap_or_else(|_| Certificate {
            unreadable: true,
            der: der.as_ref().into(),
            ..Certificate::default()
        })
    };
    ders.iter().map(|der| Arc::new(read(der))).collect()
}

/// The first revocation list of a file, as the decoder leaves it.
fn list(file: &str) -> CrlEvent {
    CrlEvent::read(&CertificateRevocationListDer::from_pem_slice(&bytes(file)).unwrap()).unwrap()
}

/// Trust in what a set of authorities and one of lists say; `-` is none.
fn trust(anchors: &str, lists: &str) -> Trust {
    let mut given = Anchors::default();
    if anchors != "-" {
        given.trust(&bytes(&format!("anchors-{anchors}.pem")), Origin::Given).unwrap();
    }
    if lists != "-" {
        given.revoke(&bytes(&format!("lists-{lists}.pem"))).unwrap();
    }
    let mut trust = Trust::default();
    trust.set(Arc::new(given), 8);
    trust
}

fn judged(trust: &Trust, file: &str, usage: Usage, at: i64) -> Arc<Verdict> {
    let chain = chain(file);
    trust.judge(&chain[0], &chain[1..], usage, Some(at))
}

/// A line of the table.
struct Case {
    name: String,
    usage: Usage,
    host: String,
    anchors: String,
    lists: String,
    openssl: String,
    ours: String,
    why: String,
}

fn cases() -> Vec<Case> {
    let table = String::from_utf8(bytes("table.tsv")).unwrap();
    let line = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        let [name, usage, host, anchors, lists, openssl, ours, why] = cells.try_into().unwrap();
        let usage = if usage == "server" { Usage::Server } else { Usage::Client };
        Case { name, usage, host, anchors, lists, openssl, ours, why }
    };
    table.lines().skip(1).map(line).collect()
}

/// What is said of a case, in the words of the table.
fn said(case: &Case) -> String {
    let file = format!("{}.pem", case.name);
    let verdict = judged(&trust(&case.anchors, &case.lists), &file, case.usage, AT);
    let leaf = &chain(&file)[0];
    let mut faults: Vec<String> = verdict.faults.iter().map(Fault::text).collect();
    if case.host != "-" && !leaf.unreadable && !name::covers(leaf, &case.host) {
        faults.push(Fault::WrongName(case.host.clone()).text());
    } else {
        // The standing and the faults never contradict each other.
        let open = verdict.faults.iter().all(Fault::is_open);
        match verdict.standing {
            Standing::Trusted { .. } => assert!(verdict.faults.is_empty(), "{}", case.name),
            Standing::NotChecked => assert!(open && !verdict.faults.is_empty(), "{}", case.name),
            Standing::Untrusted => assert!(!open, "{}", case.name),
        }
    }
    if faults.is_empty() { "trusted".to_owned() } else { faults.join("; ") }
}

#[test]
fn every_chain_is_judged_as_the_table_says() {
    let cases = cases();
    assert!(cases.len() > 50, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, said(case)))
        .filter(|(case, said)| *said != case.ours)
        .map(|(case, said)| format!("{}: {said}; expected: {}", case.name, case.ours))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn where_openssl_judges_otherwise_the_table_says_why() {
    for case in cases() {
        let same = (case.openssl == "OK") == (case.ours == "trusted");
        assert_eq!(case.why == "-", same, "{}: openssl says {}, we {}", case.name, case.openssl, case.ours);
    }
}

#[test]
fn without_authorities_nothing_is_verified_and_own_faults_are_told() {
    let nobody = trust("-", "-");
    assert_eq!(judged(&nobody, "good.pem", Usage::Server, AT).standing, Standing::NotChecked);
    let expired = judged(&nobody, "expired.pem", Usage::Server, AT);
    assert_eq!((&expired.standing, &expired.faults[..]), (&Standing::NotChecked, &[Fault::Expired][..]));
    let mut nobody = nobody;
    assert!(!nobody.list_seen(&list("lists-empty.pem")), "lists are of no use to it");
}

#[test]
fn a_chain_is_judged_once_until_something_that_it_depends_on_changes() {
    let mut trust = trust("root", "-");
    let same = |trust: &Trust, one: &Arc<Verdict>, at| {
        Arc::ptr_eq(one, &judged(trust, "good.pem", Usage::Server, at))
    };
    let first = judged(&trust, "good.pem", Usage::Server, AT);
    assert!(matches!(first.standing, Standing::Trusted { platform: false, .. }), "{first:?}");
    assert!(same(&trust, &first, AT + 86_400), "a day changes nothing");
    assert!(!same(&trust, &first, AT + 40 * 365 * 86_400), "in forty years it has ended");
    assert!(trust.list_seen(&list("lists-revoked.pem")));
    assert!(!same(&trust, &first, AT), "a list was seen meanwhile");
    let faults = judged(&trust, "good.pem", Usage::Server, AT).faults.clone();
    assert_eq!(faults, [Fault::Revoked { authority: false }]);
}

#[test]
fn a_list_that_goes_by_over_http_is_asked() {
    let mut scene = Scene::new();
    scene.ledger.trust = trust("root", "-");
    scene.down(Box::new(list("lists-revoked.pem")));
    let faults = judged(&scene.ledger.trust, "good.pem", Usage::Server, AT).faults.clone();
    assert_eq!(faults, [Fault::Revoked { authority: false }]);
}

#[test]
fn a_list_that_ends_between_two_handshakes_is_told_apart() {
    let trust = trust("root", "stale");
    let december = AT - 30 * 86_400;
    assert_eq!(judged(&trust, "good.pem", Usage::Server, december).remarks, [""; 0]);
    let remarks = &judged(&trust, "good.pem", Usage::Server, AT).remarks;
    assert_eq!(remarks, &["revocation not known: its list was out of date"]);
}

/// A list as if it had been made at another time.
fn list_of(this_update_secs: i64, file: &str) -> CrlEvent {
    CrlEvent { this_update_secs, ..list(file) }
}

#[test]
fn lists_seen_are_bounded_and_counted_and_taken_once() {
    let mut trust = trust("root", "-");
    trust.lists = Lists::new(1);
    let first = list_of(20, "lists-empty.pem");
    assert!(trust.list_seen(&first) && trust.list_seen(&first));
    assert_eq!(trust.lists.refused(), 0);
    let unread = CrlEvent { der: b"no list"[..].into(), ..CrlEvent::default() };
    assert!(!trust.list_seen(&unread), "there is no room to look");
    assert!(!trust.list_seen(&list_of(10, "lists-revoked.pem")));
    assert_eq!(trust.lists.refused(), 2);
}

#[test]
fn where_there_is_no_room_a_newer_list_takes_that_of_an_older_one() {
    let mut trust = trust("root", "-");
    trust.lists = Lists::new(1);
    assert!(trust.list_seen(&list_of(10, "lists-empty.pem")));
    let newer = list_of(20, "lists-revoked.pem");
    let of_another_key = CrlEvent { authority_key: Some("00".to_owned()), ..newer.clone() };
    assert!(!trust.list_seen(&of_another_key) && trust.list_seen(&newer));
    let faults = judged(&trust, "good.pem", Usage::Server, AT).faults.clone();
    assert_eq!(faults, [Fault::Revoked { authority: false }]);
    assert_eq!(trust.lists.refused(), 2, "one refused, one forgotten");
}

#[test]
fn a_forged_list_that_says_to_be_newer_hides_none() {
    let mut trust = trust("root", "-");
    let genuine = list_of(10, "lists-revoked.pem");
    let authority_key = genuine.authority_key.clone();
    assert!(trust.list_seen(&CrlEvent { authority_key, ..list_of(20, "lists-forged-list.pem") }));
    assert!(trust.list_seen(&genuine));
    let faults = judged(&trust, "good.pem", Usage::Server, AT).faults.clone();
    assert_eq!(faults, [Fault::Revoked { authority: false }]);
}

#[test]
fn a_clock_that_was_not_set_leaves_time_out() {
    let chain = chain("expired.pem");
    let verdict = trust("root", "-").judge(&chain[0], &chain[1..], Usage::Server, None);
    assert!(matches!(verdict.standing, Standing::Trusted { .. }), "{verdict:?}");
}

#[test]
fn disorder_and_surplus_are_remarked_and_no_fault() {
    let trust = trust("root", "-");
    for (file, remark) in [
        ("good.pem", None),
        ("good-root-sent.pem", Some("its chain was sent with the root, which nobody needs")),
        ("good-disorder.pem", Some("its chain was sent in disorder")),
        ("garbage-in-chain.pem", Some("what was sent with it cannot all be read")),
        ("forged.pem", None),
    ] {
        let verdict = judged(&trust, file, Usage::Server, AT);
        let told = verdict.remarks.iter().find(|remark| !remark.starts_with("revocation"));
        assert_eq!(told.map(String::as_str), remark, "{file}");
    }
}

#[test]
fn bytes_that_are_no_authority_or_list_are_refused_with_the_reason() {
    let mut anchors = Anchors::default();
    let refused = |result: Result<usize, super::Refused>| result.unwrap_err().to_string();
    assert_eq!(
        refused(anchors.trust(b"hello", Origin::Given)),
        "neither PEM nor an X.509 certificate in DER"
    );
    assert_eq!(
        refused(anchors.trust(&bytes("lists-empty.pem"), Origin::Given)),
        "no certificate in this PEM file"
    );
    assert_eq!(
        refused(anchors.trust(&bytes("garbage-in-chain.pem"), Origin::Given)),
        "certificate 2 of it: neither PEM nor an X.509 certificate in DER"
    );
    let cut = bytes("anchors-root.pem");
    let damaged = refused(anchors.trust(&cut[..cut.len() / 2], Origin::Given));
    assert!(damaged.starts_with("damaged PEM"), "{damaged}");
    assert_eq!(refused(anchors.revoke(b"hello")), "neither PEM nor a certificate revocation list in DER");
}

#[test]
fn authorities_are_read_from_der_too_and_each_counts_once() {
    let root = CertificateDer::from_pem_slice(&bytes("anchors-root.pem")).unwrap();
    let mut anchors = Anchors::default();
    assert!(anchors.is_empty());
    for _ in 0..2 {
        assert_eq!(anchors.trust(&root, Origin::Platform), Ok(1));
    }
    assert_eq!(anchors.trusted().len(), 1);
    assert!(!anchors.is_given(), "the platform's store is nobody's choice");
}

proptest::proptest! {
    #[test]
    fn a_flipped_byte_never_makes_a_chain_trusted(at in 0_usize..4_096, bit in 0_u8..8) {
        let mut ders: Vec<Vec<u8>> = chain("good.pem").iter().map(|one| one.der.to_vec()).collect();
        let leaf = &mut ders[0];
        let at = at % leaf.len();
        leaf[at] ^= 1 << bit;
        let read = |der: &Vec<u8>| {
            Arc::new(Certificate::read(der).unwrap_or_else(|_| Certificate {
                unreadable: true,
                der: der.as_slice().into(),
                ..Certificate::default()
            }))
        };
        let chain: Vec<_> = ders.iter().map(read).collect();
        let verdict = trust("root", "-").judge(&chain[0], &chain[1..], Usage::Server, Some(AT));
        let trusted = matches!(verdict.standing, Standing::Trusted { .. });
        proptest::prop_assert!(!trusted, "byte {}, bit {}", at, bit);
    }
}
