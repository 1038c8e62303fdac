//! A signal ends a run, and what was read until then is reported.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::capture::{Folder, broadcast_query, pcap};
use crate::program::{Run, command};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Starts the program on a pipe that has some packets and no end; returns when those were read.
fn reading(args: &[&str], messages: &Path) -> Child {
    let mut child = command()
        .args(args)
        .arg("--verbose")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(messages).unwrap())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(&pcap(&broadcast_query())).unwrap();
    let began = Instant::now();
    // By then the first bytes of the pipe, which are all there are, have come in.
    while !fs::read_to_string(messages).unwrap().contains("reading; captures: 1") {
        assert!(began.elapsed() < PATIENCE, "the program does not read");
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(300));
    child
}

fn kill(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

fn end(mut child: Child) -> Run {
    let began = Instant::now();
    // The pipe stays open until the program has ended.
    let pipe = child.stdin.take();
    while child.try_wait().unwrap().is_none() {
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("the signal did not end the program");
        }
        thread::sleep(Duration::from_millis(10));
    }
    drop(pipe);
    child.wait_with_output().unwrap().into()
}

#[test]
fn an_interrupted_run_reports_what_was_read() {
    for (signal, code, name) in [("-INT", 130, "SIGINT"), ("-TERM", 143, "SIGTERM")] {
        let folder = Folder::new();
        let messages = folder.path().join("messages");
        let child = reading(&["check", "-", "--format", "json"], &messages);
        kill(&child, signal);
        let run = end(child);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.rules(), ["loc-wins-bcast"]);
        let problems = &run.json()["coverage"]["captures"][0]["problems"];
        assert!(problems.to_string().contains(&format!("reading stopped by {name}")), "{problems}");
        assert!(fs::read_to_string(&messages).unwrap().contains(name), "{run:?}");
    }
}

#[test]
fn interrupted_events_end_with_whole_lines() {
    let folder = Folder::new();
    let child = reading(&["events", "-"], &folder.path().join("messages"));
    kill(&child, "-TERM");
    let run = end(child);
    assert_eq!(run.code, Some(143), "{run:?}");
    assert_eq!(run.lines().last().unwrap()["event"], "capture");
}
