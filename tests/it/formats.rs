//! Reports and events hold what their schemas say, and are the same bytes however they were made.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::capture::{CLIENT, Folder, SERVER, broadcast_query, irrelevant, registration, tcp, wins_query};
use crate::opened;
use crate::program::{root, run};

fn schema(name: &str) -> Validator {
    let text = fs::read_to_string(root().join("findings/schema").join(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

#[track_caller]
fn valid(schema: &Validator, value: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {value:#}");
}

/// Everything that the builder can make.
fn busy() -> Vec<Vec<u8>> {
    let request = b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let flows = (0..40).flat_map(|flow| tcp(CLIENT, SERVER, (50_000 + flow, 80), request, answer));
    [broadcast_query(), registration(), wins_query(), irrelevant()]
        .concat()
        .into_iter()
        .chain(flows)
        .collect()
}

fn report(path: &Path, format: &str, flags: &[&str]) -> String {
    let run = run(["check", path.to_str().unwrap(), "--format", format].iter().chain(flags));
    assert_eq!(run.code, Some(if format == "sarif" { 0 } else { 13 }), "{run:?}");
    run.stdout
}

#[test]
fn a_json_report_is_as_its_schema_says() {
    let folder = Folder::new();
    let report = report(&folder.capture("a.pcap", &busy()), "json", &[]);
    let report: Value = serde_json::from_str(&report).unwrap();
    valid(&schema("report-1.json"), &report);
    assert!(report["findings"].as_array().unwrap().len() >= 3);
    let empty =
        run(["check", "--format", "json", folder.capture("empty.pcap", &[]).to_str().unwrap()]).json();
    valid(&schema("report-1.json"), &empty);
}

#[test]
fn every_event_is_as_its_schema_says() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &busy());
    let run = run(["events", path.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let schema = schema("events-1.json");
    let lines = run.lines();
    for line in &lines {
        valid(&schema, line);
    }
    let kinds = |kind: &str| lines.iter().filter(|line| line["event"] == kind).count();
    assert_eq!(kinds("http_request"), 40);
    assert_eq!(kinds("nbns"), 3);
    assert_eq!(kinds("capture"), 1);
    assert_eq!(lines.last().unwrap()["packets"], busy().len());
}

#[test]
fn what_is_read_with_keys_is_as_the_schemas_say() {
    let folder = Folder::new();
    let names = ["tls13-mutual", "tls12-camellia"];
    let [mutual, camellia] = names;
    let frames = [opened::frames(mutual, (50_000, 443)), opened::frames(camellia, (50_001, 443))].concat();
    let path = folder.capture("a.pcap", &frames);
    let keys = folder.file("keys", names.map(opened::log).concat().as_bytes());
    let (path, keys) = (path.to_str().unwrap(), keys.to_str().unwrap());
    let events = run(["events", "--keylog", keys, path]).lines();
    assert!(events.iter().any(|line| line["decrypted"] == true && line["event"] == "tls_certificate"));
    assert!(events.iter().any(|line| line["tls_not_opened"].is_string()));
    let schema_of_events = schema("events-1.json");
    for line in &events {
        valid(&schema_of_events, line);
    }
    let report = run(["check", "--format", "json", "--keylog", keys, path]).json();
    valid(&schema("report-1.json"), &report);
}

#[test]
fn json_lines_add_up_to_the_report() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &busy());
    let whole: Value = serde_json::from_str(&report(&path, "json", &[])).unwrap();
    let lines: Vec<Value> =
        report(&path, "jsonl", &[]).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (kind, list) in [("finding", "findings"), ("channel", "channels"), ("host", "hosts")] {
        let of_kind = lines.iter().filter(|line| line["type"] == kind).count();
        assert_eq!(of_kind, whole[list].as_array().unwrap().len(), "{kind}");
    }
}

#[test]
fn sarif_names_the_rule_the_file_and_the_frame() {
    let folder = Folder::new();
    let sarif: Value =
        serde_json::from_str(&report(&folder.capture("a.pcap", &busy()), "sarif", &[])).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "loc-wins-bcast"));
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with("a.pcap"), "{result:#}");
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1, "{result:#}");
        assert!(!result["partialFingerprints"].as_object().unwrap().is_empty());
    }
}

#[test]
fn junit_and_markdown_name_the_finding() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &busy());
    let junit = report(&path, "junit", &[]);
    assert!(
        junit.starts_with("<?xml") && junit.contains("<failure") && junit.contains("loc-wins-bcast"),
        "{junit}"
    );
    let markdown = report(&path, "markdown", &[]);
    assert!(markdown.starts_with('#') && markdown.contains("loc-wins-bcast"), "{markdown}");
}

#[test]
fn the_same_capture_gives_the_same_bytes_with_any_number_of_workers() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &busy());
    for format in ["text", "json", "jsonl", "sarif", "junit", "markdown"] {
        let first = report(&path, format, &["--workers", "1"]);
        for workers in ["1", "2", "4", "8"] {
            assert!(
                report(&path, format, &["--workers", workers]) == first,
                "{format} with {workers} workers"
            );
        }
    }
    let events = |workers| run(["events", path.to_str().unwrap(), "--workers", workers]).stdout;
    let first = events("1");
    for workers in ["1", "2", "4"] {
        assert!(events(workers) == first, "events with {workers} workers");
    }
}

#[test]
fn what_is_said_by_the_thousand_is_all_judged_in_order() {
    let folder = Folder::new();
    let request = b"GET /SMS_MP/.sms_aut?MPLIST HTTP/1.1\r\nHost: mp01\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let client = |flow: u16| Ipv4Addr::new(10, 20, 1, u8::try_from(1 + flow % 100).unwrap());
    let flows = (0..3_000).flat_map(|flow| tcp(client(flow), SERVER, (20_000 + flow, 80), request, answer));
    let path = folder.capture("a.pcap", &flows.collect::<Vec<_>>());
    let judged =
        |workers| run(["check", "--format", "json", "--workers", workers, path.to_str().unwrap()]).json();
    let one = judged("1");
    let channels = one["channels"].as_array().unwrap();
    assert_eq!(channels.len(), 100);
    assert!(channels.iter().all(|channel| channel["count"] == 30), "{:#}", channels[0]);
    assert!(one == judged("3"), "with three workers");
}
