//! Chains made by OpenSSL, each judged here and by `openssl verify`; see `testdata/README.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decoders::tls::Certificate;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::{Anchors, Fault, Origin, Standing, Trust, Usage, Verdict, name};

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
    assert!(!nobody.list_seen(b"whatever"), "lists are of no use to it");
}
