//! Exit codes.

use std::path::Path;

use crate::capture::{Folder, broadcast_query, irrelevant, pcap, registration, wins_query};
use crate::program::{check, run};

#[track_caller]
fn code(path: &Path, flags: &[&str]) -> i32 {
    let run = run(["check", path.to_str().unwrap()].iter().chain(flags));
    run.code.unwrap_or_else(|| panic!("{run:?}"))
}

#[test]
fn the_highest_severity_decides() {
    let folder = Folder::new();
    for (frames, severity, expected) in
        [(registration(), "low", 11), (wins_query(), "medium", 12), (broadcast_query(), "high", 13)]
    {
        let run = check(&folder.capture("a.pcap", &frames));
        assert_eq!(run.json()["summary"]["highest"], severity, "{run:?}");
        assert_eq!(run.code, Some(expected), "{run:?}");
    }
    let all: Vec<_> = [registration(), wins_query(), broadcast_query()].concat();
    assert_eq!(code(&folder.capture("all.pcap", &all), &[]), 13);
}

#[test]
fn nothing_relevant_is_not_clean() {
    let folder = Folder::new();
    assert_eq!(code(&folder.capture("a.pcap", &irrelevant()), &[]), 3);
}

#[test]
fn an_empty_capture_gives_a_report_that_says_so() {
    let folder = Folder::new();
    let run = check(&folder.file("a.pcap", &pcap(&[])));
    assert_eq!(run.code, Some(3), "{run:?}");
    let report = run.json();
    assert_eq!(report["summary"]["relevant"], false);
    assert_eq!(report["coverage"]["counts"]["frames"], 0);
}

#[test]
fn relevant_traffic_below_the_threshold_is_clean() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &wins_query());
    assert_eq!(code(&path, &["--fail-on", "medium"]), 12);
    assert_eq!(code(&path, &["--fail-on", "high"]), 0);
    assert_eq!(code(&path, &["--no-exit-codes"]), 0);
}

#[test]
fn sarif_leaves_findings_to_its_reader() {
    let folder = Folder::new();
    let file = pcap(&broadcast_query());
    assert_eq!(code(&folder.file("a.pcap", &file), &["--format", "sarif"]), 0);
    let mut cut = pcap(&[broadcast_query(), irrelevant()].concat());
    cut.truncate(cut.len() - 1);
    assert_eq!(code(&folder.file("cut.pcap", &cut), &["--format", "sarif"]), 4);
    assert_eq!(code(&folder.file("empty.pcap", &pcap(&[])), &["--format", "sarif"]), 3);
}

#[test]
fn ignored_rules_and_thresholds_leave_findings_out() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &[wins_query(), broadcast_query()].concat());
    let rules = |flags: &[&str]| {
        run(["check", path.to_str().unwrap(), "--format", "json"].iter().chain(flags)).rules()
    };
    assert_eq!(rules(&[]), ["loc-wins-bcast", "loc-wins-query"]);
    assert_eq!(rules(&["--ignore", "loc-wins-bcast"]), ["loc-wins-query"]);
    assert_eq!(rules(&["--min-severity", "high"]), ["loc-wins-bcast"]);
    assert_eq!(rules(&["--min-severity", "critical"]), [""; 0]);
    assert_eq!(code(&path, &["--ignore", "loc-wins-bcast"]), 12);
}

#[test]
fn a_report_that_cannot_be_written_is_a_failure() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let run = run(["check", path.to_str().unwrap(), "-o", "/nonexistent/report.txt"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("/nonexistent/report.txt: cannot be written"), "{run:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    for verb in ["check", "events"] {
        let run = run([verb, path.to_str().unwrap(), "-o", "/dev/full"]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains("No space left"), "{run:?}");
    }
}
