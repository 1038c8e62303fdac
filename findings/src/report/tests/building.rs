//! What the report says of a result.

use super::*;

#[test]
fn packet_strings_are_scrubbed_once() {
    let report = scene().report();
    let text = serde_json::to_string(&report).unwrap();
    let decoded: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report.findings[0].destination.name.as_deref(), Some("PC\\u{1b}[2J20"));
    assert!(report.findings[0].message.contains("LAB\\push\\u{202e} with"));
    assert_eq!(
        report.channels[0].reasons[0],
        "NTLM\\u{7} instead of Kerberos, with an account that is not the server's"
    );
    assert!(strings(&decoded).iter().all(|text| crate::scrub(text) == *text));
}

fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => vec![text.clone()],
        serde_json::Value::Array(items) => items.iter().flat_map(strings).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn a_finding_says_who_where_and_what_to_do() {
    let finding = &scene().report().findings[0];
    assert_eq!(finding.frames, [52, 53, 55], "sorted, each once");
    assert_eq!(finding.capture, "site/push.pcap");
    assert_eq!(finding.count, 3);
    assert_eq!(finding.remedy, "Push with a computer account. Then look again.");
    assert_eq!(finding.evidence[0].flow, "10.0.0.1:49900 > 10.0.0.20:445/tcp");
    assert_eq!(finding.evidence[0].bytes, "ff53");
    assert_eq!(finding.first_seen, "2026-02-01T00:00:42.000005Z");
}

#[test]
fn frames_are_those_of_the_first_evidences_capture() {
    let mut scene = scene();
    scene.findings[0].seen.evidence[1].at.frame.capture = CaptureId(3);
    let finding = &scene.report().findings[0];
    assert_eq!(finding.frames, [53, 55]);
    assert_eq!(finding.evidence[1].capture, "capture 4", "a capture that nobody named has its number");
}

#[test]
fn a_fingerprint_outlives_frames_times_and_addresses() {
    let before = scene().report();
    let mut later = scene();
    later.findings[0].seen = seen(key((SERVER, 50_000), (CLIENT, 445), Transport::Tcp), &[900], "again");
    assert_eq!(later.report().findings[0].fingerprint, before.findings[0].fingerprint);
    later.findings[0].subject = "LAB\\other".to_owned();
    assert_ne!(later.report().findings[0].fingerprint, before.findings[0].fingerprint);
    let mut moved = scene();
    moved.ledger.name(ip("10.0.0.99"), "cm01.LAB.example", NameSource::Dns);
    moved.findings[0].source = ip("10.0.0.99");
    assert_eq!(
        moved.report().findings[0].fingerprint,
        before.findings[0].fingerprint,
        "a name goes before an address"
    );
}

#[test]
fn a_client_identifier_tells_a_client_better_than_its_name() {
    let before = scene().report();
    let mut known = scene();
    known.ledger.host_mut(ip(SERVER)).unwrap().smsids.insert("GUID:1".to_owned());
    let print = known.report().findings[0].fingerprint.clone();
    assert_ne!(print, before.findings[0].fingerprint);
    known.ledger.name(ip(SERVER), "cm01.renamed.lab.example", NameSource::Dns);
    known.ledger.name(ip(SERVER), "cm01.renamed.lab.example", NameSource::Ntlm);
    assert_eq!(known.report().findings[0].fingerprint, print);
    known.ledger.host_mut(ip(SERVER)).unwrap().smsids.insert("GUID:2".to_owned());
    assert_ne!(known.report().findings[0].fingerprint, print, "with two it is not known which");
}

#[test]
fn a_channel_names_the_findings_about_it() {
    let report = scene().report();
    assert_eq!(
        report.channels[0].findings,
        [report.findings[0].fingerprint.clone()],
        "a push has several ports"
    );
    assert!(report.channels[1].findings.is_empty(), "same hosts, another port");
}

#[test]
fn hosts_without_role_or_part_stay_out() {
    let report = scene().report();
    let hosts: Vec<_> = report.hosts.iter().map(|host| host.ip.as_str()).collect();
    assert_eq!(hosts, [SERVER, CLIENT]);
    assert_eq!((report.hosts[0].roles[0].role.as_str(), report.hosts[0].roles[0].frame), ("site server", 52));
}

#[test]
fn relevant_is_a_finding_a_channel_or_a_likely_site_system() {
    let mut scene = scene();
    assert!(scene.report().summary.relevant);
    (scene.findings, scene.channels) = (Vec::new(), Vec::new());
    assert!(scene.report().summary.relevant, "a likely site server");
    scene.ledger = Ledger::new(Limits::default());
    assert!(!scene.report().summary.relevant);
    let guess = record(1, key((SERVER, 1), (CLIENT, 2), Transport::Tcp), TftpEvent::default());
    scene.ledger.claim(ip(SERVER), Role::SiteServer, Confidence::Possible, &guess, "a guess");
    scene.ledger.claim(ip(SERVER), Role::DnsServer, Confidence::Certain, &guess, "an answer");
    assert!(!scene.report().summary.relevant, "a guess, and a role that every network has");
}

#[test]
fn the_summary_counts_what_the_lists_hold() {
    let summary = scene().report().summary;
    assert_eq!((summary.high, summary.medium, summary.info, summary.critical), (1, 1, 1, 0));
    assert_eq!((summary.insecure, summary.not_observable, summary.secure), (1, 1, 1));
    assert_eq!(summary.highest.as_deref(), Some("high"));
}
