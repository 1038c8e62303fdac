//! TLS opened with keys: a key log, a capture's own secrets, a server's private key, the environment; and what is said
//! where they are no good.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::capture::{Folder, pcapng_with_secrets, talk};
use crate::program::{Run, command, root, run};

/// A file of the decoders' samples.
fn sample(name: &str) -> PathBuf {
    root().join("decoders/src/tls/open/testdata").join(name)
}

/// Frames of a recorded talk: direction, length in four bytes, bytes.
pub(crate) fn frames(name: &str, ports: (u16, u16)) -> Vec<Vec<u8>> {
    let bytes = fs::read(sample(&format!("{name}.talk"))).unwrap();
    let (mut rest, mut said) = (bytes.as_slice(), Vec::new());
    while let Some((head, after)) = rest.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (part, after) = after.split_at(length);
        said.push((head[0] == 0, part.to_vec()));
        rest = after;
    }
    talk(ports, &said)
}

/// The key log of a recorded talk.
pub(crate) fn log(name: &str) -> String {
    fs::read_to_string(sample(&format!("{name}.keys"))).unwrap()
}

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap()
}

/// Paths that were asked for, with whether they were read with keys.
pub(crate) fn asked(run: &Run) -> Vec<(String, bool)> {
    let lines = run.lines();
    let requests = lines.iter().filter(|line| line["event"] == "http_request");
    let asked = |line: &Value| {
        (line["uri"].as_str().unwrap().to_owned(), line.get("decrypted").is_some_and(Value::is_boolean))
    };
    requests.map(asked).collect()
}

fn both_requests() -> Vec<(String, bool)> {
    ["/SMS_MP/.sms_aut?MPLIST", "/SMS_MP/.sms_aut?MPKEYINFORMATIONEX"]
        .map(|path| (path.to_owned(), true))
        .to_vec()
}

#[test]
fn a_key_log_opens_what_is_sealed_without() {
    let folder = Folder::new();
    for name in ["tls13", "tls12-gcm", "tls10-cbc"] {
        let capture = text(folder.capture("a.pcap", &frames(name, (50_000, 443))));
        let keys = text(sample(&format!("{name}.keys")));
        let without = run(["events", &capture]);
        assert!(asked(&without).is_empty() && !without.stdout.contains("decrypted"), "{without:?}");
        let with = run(["events", "--keylog", &keys, &capture]);
        assert_eq!(asked(&with), both_requests(), "{name}");
        assert_eq!(with.stderr, "");
        let flow = with.lines().into_iter().find(|line| line["event"] == "flow").unwrap();
        assert_eq!(flow["tls_opened"], true);
        // Any number of threads says the same.
        let parallel = run(["events", "--workers", "4", "--keylog", &keys, &capture]);
        assert_eq!(parallel.stdout, with.stdout);
    }
}

#[test]
fn coverage_tells_what_was_opened_and_why_the_rest_was_not() {
    let folder = Folder::new();
    let both = [frames("tls13", (50_000, 443)), frames("tls12-camellia", (50_001, 443))].concat();
    let capture = text(folder.capture("a.pcap", &both));
    let keys = folder.file("keys", (log("tls13") + &log("tls12-camellia")).as_bytes());
    let report = run(["check", "--format", "json", "--keylog", &text(keys), &capture]).json();
    let counts = &report["coverage"]["counts"];
    assert_eq!((&counts["tls_opened"], &counts["tls_sealed"]), (&1.into(), &1.into()));
    let notes = report["coverage"]["notes"].to_string();
    assert!(
        notes.contains("1 TLS connection not opened: cipher suite TLS_ECDHE_RSA_WITH_CAMELLIA"),
        "{notes}"
    );
    let sealed = run(["check", "--format", "json", &capture]).json();
    assert_eq!(sealed["coverage"]["counts"]["tls_sealed"], 2);
    assert!(!sealed["coverage"]["notes"].to_string().contains("not opened"));
}

#[test]
fn secrets_of_a_capture_open_it_with_any_number_of_threads() {
    let folder = Folder::new();
    let bytes = pcapng_with_secrets(log("tls13").as_bytes(), &frames("tls13", (50_000, 443)));
    let capture = text(folder.file("a.pcapng", &bytes));
    let one = run(["events", &capture]);
    assert_eq!(asked(&one), both_requests(), "{one:?}");
    assert_eq!(run(["events", "--workers", "3", &capture]).stdout, one.stdout);
}

#[test]
fn a_server_key_opens_rsa_key_exchange() {
    let folder = Folder::new();
    let capture = text(folder.capture("a.pcap", &frames("tls12-rsa", (50_000, 8531))));
    for key in ["server.key", "pkcs1.key"] {
        assert_eq!(asked(&run(["events", "--server-key", &text(sample(key)), &capture])), both_requests());
    }
    let other = run(["events", "--server-key", &text(sample("other.key")), &capture]);
    assert!(asked(&other).is_empty());
    assert_eq!(other.code, Some(0), "{other:?}");
    let refused =
        [("encrypted.key", "is encrypted"), ("ec.key", "is not RSA"), ("server.pem", "no private key")];
    for (key, reason) in refused {
        let run = run(["check", "--server-key", &text(sample(key)), &capture]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains(key) && run.stderr.contains(reason), "{run:?}");
    }
}

#[test]
fn the_environment_names_a_key_log_that_need_not_be_there() {
    let folder = Folder::new();
    let capture = text(folder.capture("a.pcap", &frames("tls13", (50_000, 443))));
    let with = |variable: PathBuf| -> Run {
        command().args(["events", &capture]).env("SSLKEYLOGFILE", variable).output().unwrap().into()
    };
    assert_eq!(asked(&with(sample("tls13.keys"))), both_requests());
    let garbage = with(folder.file("garbage", b"no line of a key log\n"));
    assert_eq!(garbage.code, Some(0), "{garbage:?}");
    assert!(garbage.stderr.contains("the first is line 1"), "{garbage:?}");
    let none = with(folder.path().join("nothing here"));
    assert_eq!((none.code, none.stderr.as_str()), (Some(0), ""), "{none:?}");
    assert!(asked(&none).is_empty());
}

#[test]
fn bad_lines_are_told_once_and_a_log_of_nothing_else_is_refused() {
    let folder = Folder::new();
    let capture = text(folder.capture("a.pcap", &frames("tls13", (50_000, 443))));
    let mixed = format!("# keys\nno line of a key log\n{}CLIENT_RANDOM 00 0", log("tls13"));
    let mixed = text(folder.file("mixed", mixed.as_bytes()));
    let run_mixed = run(["events", "--keylog", &mixed, &capture]);
    assert_eq!(asked(&run_mixed), both_requests());
    let told = "lines that are none of a key log: 2, the first is line 2";
    assert_eq!(run_mixed.stderr.matches(told).count(), 1, "{run_mixed:?}");
    let garbage = text(folder.file("garbage", b"\x00\x01\x02\nPK\n"));
    for (log, reason) in
        [(garbage.as_str(), "no line of it is one of a key log"), ("nowhere", "cannot be read")]
    {
        let run = run(["check", "--keylog", log, &capture]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains(log) && run.stderr.contains(reason), "{run:?}");
    }
    let empty = text(folder.file("empty", b""));
    let empty = run(["events", "--keylog", &empty, &capture]);
    assert_eq!(empty.code, Some(0));
    assert!(empty.stderr.contains("no secret in it that opens TLS"), "{empty:?}");
}

#[test]
fn wrong_keys_are_an_anomaly_and_no_plaintext() {
    let folder = Folder::new();
    let capture = text(folder.capture("a.pcap", &frames("tls12-gcm", (50_000, 443))));
    let mut wrong = log("tls12-gcm").trim_end().to_owned();
    let last = if wrong.ends_with('0') { '1' } else { '0' };
    wrong.pop();
    wrong.push(last);
    let wrong = text(folder.file("wrong", wrong.as_bytes()));
    let run = run(["events", "--keylog", &wrong, &capture]);
    assert!(asked(&run).is_empty());
    assert!(run.stdout.contains("record that does not open"), "{run:?}");
    assert_eq!(run.code, Some(0));
}
