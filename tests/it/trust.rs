//! Whom the user trusts: authorities and revocation lists given by file.

use std::path::PathBuf;

use serde_json::Value;

use crate::capture::Folder;
use crate::program::{Run, root, run};

/// A file of the sample of client certificates.
fn sample(name: &str) -> String {
    root().join("samples/cert-publicca").join(name).to_str().unwrap().to_owned()
}

fn checked(more: &[&str]) -> Run {
    checked_in("miss.pcap", more)
}

fn checked_in(capture: &str, more: &[&str]) -> Run {
    let capture = sample(capture);
    let args = [&["check", "--format", "json", &capture], more].concat();
    run(args)
}

/// What is said of the channel over TLS.
fn trust(run: &Run) -> Value {
    let report = run.json();
    let channels = report["channels"].as_array().unwrap();
    channels.iter().find(|channel| channel["server"]["port"] == 443).unwrap()["trust"].clone()
}

#[test]
fn without_authorities_nothing_is_checked() {
    let trust = trust(&checked(&[]));
    assert_eq!((&trust["kind"], &trust["verified"]), (&"pki".into(), &"not-checked".into()));
    assert_eq!(trust["client_certificate"], "proved");
}

#[test]
fn a_client_certificate_that_the_server_refused_is_not_called_proved() {
    let run = checked_in("refused.pcap", &[]);
    assert_eq!(trust(&run)["client_certificate"], "refused");
    let report = run.json();
    let channels = report["channels"].as_array().unwrap();
    let channel = channels.iter().find(|channel| channel["server"]["port"] == 443).unwrap();
    assert_eq!(channel["grade"], "not observable", "{channel}");
}

#[test]
fn a_chain_is_verified_against_the_authority_given() {
    let run = checked(&["--ca", &sample("issuing.pem")]);
    assert_eq!(trust(&run)["verified"], "yes", "{run:?}");
    assert_eq!(trust(&run)["problems"], serde_json::json!([]));
    assert_eq!(run.rules(), ["http-client"]);
}

#[test]
fn a_list_that_is_given_revokes_a_site_systems_certificate() {
    let run = checked(&["--ca", &sample("issuing.pem"), "--crl", &sample("revoked.crl")]);
    assert_eq!(trust(&run)["problems"], serde_json::json!(["was revoked by its issuer"]));
    assert_eq!(run.rules(), ["cert-expired", "http-client"]);
    assert_eq!(run.code, Some(12), "a revoked certificate is a medium finding");
}

#[test]
fn an_authority_that_vouches_for_nothing_makes_strangers_of_all() {
    let anchors = root().join("findings/src/trust/testdata/anchors-root.pem");
    let run = checked(&["--ca", anchors.to_str().unwrap()]);
    assert_eq!(trust(&run)["verified"], "no");
    assert_eq!(run.rules(), ["cert-publicca", "cert-selfsigned", "http-client"]);
}

#[test]
fn text_and_markdown_say_it_in_a_line() {
    let capture = sample("miss.pcap");
    for format in ["text", "markdown"] {
        let run = run(["check", "--format", format, "--ca", &sample("issuing.pem"), &capture]);
        assert!(run.stdout.contains("pki, verified; client certificate proved"), "{run:?}");
    }
}

#[track_caller]
fn refused(args: &[&str], code: i32, message: &str) {
    let run = checked(args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(code), ""), "{run:?}");
    assert!(run.stderr.contains(message), "{message:?} is not in {run:?}");
}

#[test]
fn what_is_no_authority_or_list_is_refused_with_its_name_and_reason() {
    let folder = Folder::new();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let hello = text(folder.file("hello.pem", b"hello\n"));
    let cut = text(folder.file("cut.pem", b"-----BEGIN CERTIFICATE-----\nAAAA\n"));
    let issuing = sample("issuing.pem");
    refused(&["--ca", "/nonexistent/ca.pem"], 1, "/nonexistent/ca.pem: no such file");
    refused(&["--ca", folder.path().to_str().unwrap()], 1, "a folder, not a file of certificates");
    refused(&["--ca", &hello], 1, "hello.pem: neither PEM nor an X.509 certificate in DER");
    refused(&["--ca", &cut], 1, "cut.pem: damaged PEM");
    refused(&["--ca", &sample("revoked.crl")], 1, "revoked.crl: no certificate in this PEM file");
    refused(
        &["--ca", &issuing, "--crl", &hello],
        1,
        "hello.pem: neither PEM nor a certificate revocation list",
    );
    refused(&["--ca", &issuing, "--crl", &issuing], 1, "issuing.pem: no revocation list in this PEM file");
    refused(&["--crl", &sample("revoked.crl")], 2, "--crl says nothing without authorities");
}

#[test]
fn the_platforms_store_vouches_for_no_private_authority() {
    let run = checked(&["--system-ca"]);
    if run.stderr.contains("the platform's store of authorities cannot be used") {
        println!("SKIPPED: this platform has no store of authorities");
        return;
    }
    assert_eq!(trust(&run)["verified"], "no", "{run:?}");
}
