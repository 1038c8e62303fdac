//! A signal ends a run, and what was read until then is reported.
#![cfg(unix)]

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::capture::{broadcast_query, pcap};
use crate::program::{Run, command};

/// Starts the program on a pipe that has some packets and no end.
fn reading(args: &[&str]) -> Child {
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.as_mut().unwrap().write_all(&pcap(&broadcast_query())).unwrap();
    // Long enough for the program to have read it; a shorter time would test less, not fail.
    thread::sleep(Duration::from_millis(500));
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
        if began.elapsed() > Duration::from_secs(10) {
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
        let child = reading(&["check", "-", "--format", "json"]);
        kill(&child, signal);
        let run = end(child);
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.rules(), ["loc-wins-bcast"]);
        let problems = &run.json()["coverage"]["captures"][0]["problems"];
        assert!(problems.to_string().contains(&format!("reading stopped by {name}")), "{problems}");
        assert!(run.stderr.contains(name), "{run:?}");
    }
}

#[test]
fn interrupted_events_end_with_whole_lines() {
    let child = reading(&["events", "-"]);
    kill(&child, "-TERM");
    let run = end(child);
    assert_eq!(run.code, Some(143), "{run:?}");
    assert_eq!(run.lines().last().unwrap()["event"], "capture");
}
