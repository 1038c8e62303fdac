//! SARIF 2.1.0, as code scanning services read it (OASIS Standard, 27 March 2020).
//!
//! A capture is the artifact, a frame number stands where a line number would. Every result has a place: one result
//! without makes a service refuse the whole file. Keys are written in alphabetical order, so that the file is the
//! same whichever map `serde_json` is built with.

use std::io;

use serde_json::{Value, json};

use super::{EvidenceEntry, FindingEntry, Report, explanation};
use crate::catalogue::RULES;
use crate::finding::Severity;
use crate::rule::Metadata;

/// The schema that the file names.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Results written, worst first: code scanning refuses a run with more.
const RESULTS: usize = 25_000;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report, RESULTS))?;
    out.write_all(b"\n")
}

/// The log, with at most so many results.
pub(super) fn log(report: &Report, results: usize) -> Value {
    let kept = report.findings.get(..results).unwrap_or(&report.findings);
    let left_out = report.findings.len() - kept.len();
    let left_out = (left_out > 0).then(|| format!("{left_out} further findings are not in this file."));
    let notes = report.coverage.notes.iter().chain(&left_out);
    let notifications: Vec<Value> =
        notes.map(|note| json!({ "level": "warning", "message": { "text": message(note) } })).collect();
    let artifacts: Vec<Value> = report
        .coverage
        .captures
        .iter()
        .map(|capture| json!({ "location": { "uri": uri(&capture.name) }, "roles": ["analysisTarget"] }))
        .collect();
    let rules: Vec<Value> = RULES.iter().map(|known| rule(known.metadata())).collect();
    json!({
        "$schema": SCHEMA,
        "runs": [{
            "artifacts": artifacts,
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications,
            }],
            "properties": {
                "complete": report.coverage.complete,
                "partial": report.coverage.partial,
                "relevant": report.summary.relevant,
            },
            "results": kept.iter().map(result).collect::<Vec<_>>(),
            "tool": {
                "driver": {
                    "name": report.tool.name,
                    "rules": rules,
                    "semanticVersion": report.tool.version,
                },
            },
        }],
        "version": "2.1.0",
    })
}

fn rule(rule: &Metadata) -> Value {
    let help = explanation(rule);
    json!({
        "defaultConfiguration": { "level": level(rule.severity) },
        "fullDescription": { "text": super::section(rule, "What it detects") },
        "help": { "markdown": help, "text": help },
        "id": rule.id,
        "name": rule.id,
        "properties": {
            "precision": match rule.confidence {
                crate::Confidence::Certain => "very-high",
                crate::Confidence::Likely => "high",
                crate::Confidence::Possible => "medium",
            },
            "security-severity": score(rule.severity),
            "tags": std::iter::once("security").chain(rule.tags.iter().copied()).collect::<Vec<_>>(),
        },
        "shortDescription": { "text": rule.title },
    })
}

fn result(finding: &FindingEntry) -> Value {
    let severity = super::severity(&finding.severity).unwrap_or_default();
    let index = RULES.iter().position(|rule| rule.metadata().id == finding.rule);
    let frame = finding.frames.first().copied().unwrap_or(1);
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        finding.evidence.iter().partition(|place| place.frame == frame && place.capture == finding.capture);
    let mut result = json!({
        "level": level(severity),
        "locations": [location(&finding.capture, frame, here.first().copied())],
        "message": { "text": message(&finding.message) },
        "partialFingerprints": { "ccmscope/v1": finding.fingerprint },
        "properties": {
            "confidence": finding.confidence,
            "count": finding.count,
            "destination": finding.destination,
            "display_filter": finding.display_filter,
            "first_seen": finding.first_seen,
            "last_seen": finding.last_seen,
            "remedy": finding.remedy,
            "security-severity": score(severity),
            "site_code": finding.site_code,
            "source": finding.source,
        },
        "relatedLocations": elsewhere.into_iter().map(evidence).collect::<Vec<_>>(),
        "ruleId": finding.rule,
    });
    if let (Some(index), Some(object)) = (index, result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), json!(index));
    }
    result
}

/// Text in a message: braces doubled, for `{0}` would stand for an argument, and brackets escaped where they could
/// make a link (SARIF 3.11.5, 3.11.6).
fn message(text: &str) -> String {
    let text = text.replace('{', "{{").replace('}', "}}");
    if text.contains("](") { text.replace('[', "\\[").replace(']', "\\]") } else { text }
}

fn location(capture: &str, frame: u64, evidence: Option<&EvidenceEntry>) -> Value {
    let flows: Vec<Value> = evidence
        .map(|evidence| {
            json!({
                "fullyQualifiedName": evidence.flow,
                "kind": "flow",
                "name": evidence.community_id,
            })
        })
        .into_iter()
        .collect();
    json!({
        "logicalLocations": flows,
        "physicalLocation": {
            "artifactLocation": { "uri": uri(capture) },
            "region": { "startLine": frame.max(1) },
        },
    })
}

fn evidence(evidence: &EvidenceEntry) -> Value {
    let mut place = location(&evidence.capture, evidence.frame, Some(evidence));
    if let Some(object) = place.as_object_mut() {
        object.insert("message".to_owned(), json!({ "text": message(&evidence.what) }));
    }
    place
}

/// A capture's name as a relative URI reference, never empty. Of an absolute path the root is taken off: services
/// look for the file below the repository and refuse what is not.
fn uri(name: &str) -> String {
    let name = name.replace('\\', "/");
    let mut path = name.trim_start_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    match path {
        "" => "capture".to_owned(),
        "-" => "stdin".to_owned(),
        path => path.bytes().map(percent).collect(),
    }
}

/// A byte of a path in a URI (RFC 3986 3.3). A colon is escaped too, so that nothing looks like a scheme.
fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number in the bands by which code scanning ranks security results: over 9 critical, from 7 high, from 4 medium.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_packet_becomes_an_argument_or_a_link() {
        assert_eq!(message("a\\u{7} [b]"), "a\\u{{7}} [b]");
        assert_eq!(message("[b](http://c)"), "\\[b\\](http://c)");
    }

    #[test]
    fn a_captures_name_is_always_a_relative_reference() {
        for (name, expected) in [
            ("push.pcap", "push.pcap"),
            ("./a b/ü.pcap", "a%20b/%C3%BC.pcap"),
            ("/srv/x.pcap", "srv/x.pcap"),
            ("C:\\x.pcap", "C%3A/x.pcap"),
            ("-", "stdin"),
            ("", "capture"),
        ] {
            assert_eq!(uri(name), expected);
        }
    }
}
