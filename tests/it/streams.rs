//! Standard input, packed captures, several captures, filters and bounds, and readers who leave early.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::capture::{Folder, broadcast_query, irrelevant, pcap, pcap_from, wins_query};
use crate::program::{check, command, run, run_with_input};

#[test]
fn a_capture_comes_by_standard_input() {
    let run = run_with_input(&["check", "-", "--format", "json"], &pcap(&broadcast_query()));
    assert_eq!(run.code, Some(13), "{run:?}");
    assert_eq!(run.json()["coverage"]["captures"][0]["name"], "-");
}

#[test]
fn standard_input_without_a_byte_is_an_error() {
    let run = run_with_input(&["check", "-"], b"");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("-: the file is empty"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_capture_comes_by_a_named_pipe() {
    let folder = Folder::new();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = command()
        .args(["check", "--format", "json", pipe.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Opening waits for the program to open the other end.
    File::create(&pipe).unwrap().write_all(&pcap(&broadcast_query())).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(13), "{output:?}");
}

#[test]
fn a_packed_capture_is_unpacked() {
    let folder = Folder::new();
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(&pcap(&broadcast_query())).unwrap();
    let bytes = packer.finish().unwrap();
    let run = check(&folder.file("a.pcap.gz", &bytes));
    assert_eq!(run.code, Some(13), "{run:?}");
    assert_eq!(run_with_input(&["check", "-"], &bytes).code, Some(13));
}

#[test]
fn several_captures_are_put_in_order_of_time_and_keep_their_frame_numbers() {
    let folder = Folder::new();
    let late = folder.file("a-late.pcap", &pcap_from(1_700_000_100, &[irrelevant(), wins_query()].concat()));
    let early = folder.file("b-early.pcap", &pcap_from(1_600_000_000, &wins_query()));
    let run = run(["check", "--format", "json", late.to_str().unwrap(), "-r", early.to_str().unwrap()]);
    let report = run.json();
    let finding = &report["findings"][0];
    assert_eq!(finding["count"], 2);
    assert_eq!(finding["capture"], early.to_str().unwrap());
    assert_eq!(finding["evidence"][0]["frame"], 1);
    assert_eq!(finding["evidence"][1]["frame"], 5);
    assert_eq!(finding["evidence"][1]["capture"], late.to_str().unwrap());
    assert!(finding["first_seen"].as_str().unwrap() < finding["last_seen"].as_str().unwrap());
    assert_eq!(report["coverage"]["counts"]["frames"], 6);
}

#[test]
fn packets_are_taken_up_to_the_bound() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &[irrelevant(), broadcast_query()].concat());
    let frames = |flags: &[&str]| {
        let run = run(["check", path.to_str().unwrap(), "--format", "json"].iter().chain(flags));
        (run.json()["coverage"]["counts"]["frames"].as_u64().unwrap(), run.code.unwrap())
    };
    assert_eq!(frames(&[]), (5, 13));
    assert_eq!(frames(&["-c", "5"]), (5, 13));
    assert_eq!(frames(&["-c", "4"]), (4, 3));
    assert_eq!(frames(&["-a", "packets:2"]), (2, 3));
    // A frame a second: the third comes two seconds after the first.
    assert_eq!(frames(&["-a", "duration:2"]), (2, 3));
    assert_eq!(frames(&["-a", "duration:5"]), (5, 13));
}

#[cfg(feature = "live")]
#[test]
fn a_filter_holds_for_files_too() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &[irrelevant(), broadcast_query()].concat());
    let run = |filter| run(["check", path.to_str().unwrap(), "--format", "json", "-f", filter]);
    assert_eq!(run("udp port 9999").code, Some(3));
    let hit = run("udp port 137");
    assert_eq!((hit.code, &hit.json()["coverage"]["counts"]["frames"]), (Some(13), &1.into()));
    assert_eq!(hit.json()["findings"][0]["frames"][0], 5, "frames keep their numbers");
    let wrong = run("port port");
    assert_eq!(wrong.code, Some(2), "a filter is part of the command line: {wrong:?}");
    assert!(wrong.stderr.contains("filter \"port port\": "), "{wrong:?}");
}

#[test]
fn a_reader_who_leaves_early_sees_no_error() {
    let folder = Folder::new();
    let frames: Vec<_> = (0..20_000).flat_map(|_| broadcast_query()).collect();
    let path = folder.capture("a.pcap", &frames);
    let mut child = command()
        .args(["events", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"event\":"), "{line}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_report_that_nobody_reads_still_has_its_exit_code() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command().args(["check", path.to_str().unwrap()]).stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(13));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_report_is_in_its_file_or_not_at_all() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let report = folder.file("report.json", b"of yesterday");
    let args = ["check", path.to_str().unwrap(), "--format", "json", "-o", report.to_str().unwrap()];
    let run = run(args);
    assert_eq!((run.code, run.stdout.as_str()), (Some(13), ""));
    let written: serde_json::Value = serde_json::from_reader(File::open(&report).unwrap()).unwrap();
    assert_eq!(written["summary"]["highest"], "high");
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names(), 2, "nothing is left beside the report");
    let failed =
        command().args(["check", "/nonexistent/x.pcap", "-o", report.to_str().unwrap()]).output().unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert_eq!(names(), 2);
    assert!(std::fs::metadata(&report).unwrap().len() > 100, "the earlier report is untouched");
}
