//! `-w`: packets taken are copied, and no capture is written over while it is read.

use std::fs;

use crate::capture::{Folder, broadcast_query, irrelevant, wins_query};
use crate::program::{check, run};

#[test]
fn packets_taken_are_written() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &[broadcast_query(), irrelevant(), wins_query()].concat());
    for name in ["copy.pcap", "copy.pcapng"] {
        let copy = folder.path().join(name);
        let run = run(["check", path.to_str().unwrap(), "-c", "3", "-w", copy.to_str().unwrap()]);
        assert_eq!(run.code, Some(13), "{run:?}");
        let again = check(&copy);
        assert_eq!(again.rules(), ["loc-wins-bcast"]);
        assert_eq!(again.json()["coverage"]["counts"]["frames"], 3);
    }
}

#[test]
fn a_ring_keeps_the_last_files() {
    let folder = Folder::new();
    let frames: Vec<_> = (0..12).flat_map(|_| irrelevant()).collect();
    let path = folder.capture("a.pcap", &frames);
    let ring = folder.path().join("ring.pcap");
    let flags = ["-w", ring.to_str().unwrap(), "-b", "duration:10", "-b", "files:2"];
    let run = run(["check", path.to_str().unwrap()].iter().chain(&flags));
    assert_eq!(run.code, Some(3), "{run:?}");
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("ring_"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[0].starts_with("ring_00004_") && names[1].starts_with("ring_00005_"), "{names:?}");
}

#[test]
fn a_capture_is_not_written_over_while_it_is_read() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let before = fs::read(&path).unwrap();
    let link = folder.path().join("link.pcap");
    fs::hard_link(&path, &link).unwrap();
    for (verb, flag, target) in
        [("check", "-w", &path), ("check", "-w", &link), ("check", "-o", &path), ("events", "-o", &link)]
    {
        let run = run([verb, path.to_str().unwrap(), flag, target.to_str().unwrap()]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stderr.contains("it is being read"), "{run:?}");
        assert!(fs::read(&path).unwrap() == before, "{verb} {flag} destroyed the capture");
    }
}

#[test]
fn a_ring_does_not_reach_a_capture_that_is_read() {
    let folder = Folder::new();
    let path = folder.capture("ring_00001_20231114221320.pcap", &broadcast_query());
    let before = fs::read(&path).unwrap();
    let ring = folder.path().join("ring.pcap");
    let run = run(["check", path.to_str().unwrap(), "-w", ring.to_str().unwrap(), "-b", "filesize:1"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(fs::read(&path).unwrap() == before, "the ring wrote over its input");
}

#[test]
fn a_copy_that_fails_ends_the_run_after_the_report() {
    if !std::path::Path::new("/dev/full").exists() {
        println!("SKIPPED: no /dev/full");
        return;
    }
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    let run = run(["check", path.to_str().unwrap(), "-w", "/dev/full"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains("loc-wins-bcast"), "what was read is reported: {run:?}");
    assert!(run.stderr.contains("/dev/full: cannot be written"), "{run:?}");
}
