//! Live capture: a capture replayed over a pair of virtual interfaces shows what the file shows.
//!
//! Needs Linux, root, `ip` and `tcpreplay`; says so and passes where one is missing. All traffic stays in a network
//! namespace of its own.
#![cfg(all(target_os = "linux", feature = "live"))]

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::capture::{Folder, broadcast_query, irrelevant, registration, wins_query};
use crate::opened;
use crate::program::{Run, check, run};

/// A namespace with two interfaces that are the ends of one wire. Removed when dropped.
struct Wire {
    namespace: String,
}

impl Wire {
    /// None, with the reason on standard output, where this machine has not what it takes.
    fn new(name: &str) -> Option<Self> {
        let wire = Self { namespace: format!("ccmscope-{name}-{}", std::process::id()) };
        let steps: [&[&str]; 5] = [
            &["netns", "add", &wire.namespace],
            &["-n", &wire.namespace, "link", "add", "near", "type", "veth", "peer", "name", "far"],
            &["netns", "exec", &wire.namespace, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"],
            &["-n", &wire.namespace, "link", "set", "near", "up"],
            &["-n", &wire.namespace, "link", "set", "far", "up"],
        ];
        for step in steps {
            if !Command::new("ip").args(step).output().is_ok_and(|output| output.status.success()) {
                println!(
                    "SKIPPED: `ip {}` failed; this test needs root and network namespaces",
                    step.join(" ")
                );
                return None;
            }
        }
        if Command::new("tcpreplay").arg("--version").output().is_err() {
            println!("SKIPPED: tcpreplay is not installed");
            return None;
        }
        Some(wire)
    }

    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace, program]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the program on one end; returns when it captures. It ends by itself if it does not get what it waits for.
    fn listen(&self, flags: &[&str]) -> Child {
        let mut program = self.inside(env!("CARGO_BIN_EXE_ccmscope"));
        let mut child = program.args(["live", "-i", "far", "-a", "duration:30"]).args(flags).spawn().unwrap();
        // Byte by byte, so that what is said later stays in the pipe.
        let (messages, mut said) = (child.stderr.as_mut().unwrap(), Vec::new());
        while !said.ends_with(b"Ctrl-C ends it\n") {
            let mut byte = [0];
            let more = messages.read(&mut byte).unwrap();
            assert!(more > 0, "the program does not capture: {}", String::from_utf8_lossy(&said));
            said.extend(byte);
        }
        child
    }

    fn replay(&self, capture: &Path) {
        let output =
            self.inside("tcpreplay").args(["-i", "near", "--topspeed"]).arg(capture).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.namespace]).output();
    }
}

fn busy(folder: &Folder) -> std::path::PathBuf {
    folder.capture("a.pcap", &[irrelevant(), broadcast_query(), registration(), wins_query()].concat())
}

/// What findings say, apart from what differs between a wire and a file: time, and the capture's name.
fn essence(run: &Run) -> Vec<(Value, Value, Value, Value, Value)> {
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let keep = |finding: Value| {
        let field = |name: &str| finding[name].clone();
        (field("rule"), field("severity"), field("fingerprint"), field("count"), field("frames"))
    };
    findings.into_iter().map(keep).collect()
}

fn kill(child: &Child, signal: &str) {
    // The child is `ip netns exec`, which becomes the program.
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_replayed_capture_shows_live_what_its_file_shows() {
    let Some(wire) = Wire::new("replay") else { return };
    let folder = Folder::new();
    let path = busy(&folder);
    let copy = folder.path().join("copy.pcapng");
    let child = wire.listen(&["-c", "7", "--format", "json", "-w", copy.to_str().unwrap()]);
    wire.replay(&path);
    let live: Run = child.wait_with_output().unwrap().into();
    let file = check(&path);
    assert_eq!(live.code, Some(13), "{live:?}");
    assert_eq!(essence(&live), essence(&file));
    assert_eq!(essence(&check(&copy)), essence(&file), "the copy is the same traffic");
    assert_eq!(live.json()["coverage"]["captures"][0]["frames"], 7);
    assert_eq!(live.json()["coverage"]["counts"]["frames_dropped"], 0);
}

#[test]
fn ctrl_c_ends_a_live_capture_as_intended_and_a_request_to_end_is_told() {
    let Some(wire) = Wire::new("signal") else { return };
    let folder = Folder::new();
    let path = busy(&folder);
    for (signal, code) in [("-INT", 13), ("-TERM", 143)] {
        let child = wire.listen(&["--format", "json"]);
        wire.replay(&path);
        thread::sleep(Duration::from_millis(500));
        kill(&child, signal);
        let run: Run = child.wait_with_output().unwrap().into();
        assert_eq!(run.code, Some(code), "{run:?}");
        assert_eq!(run.rules(), check(&path).rules());
    }
}

#[test]
fn findings_are_told_when_they_appear_and_once() {
    let Some(wire) = Wire::new("lines") else { return };
    let folder = Folder::new();
    let path = busy(&folder);
    let child = wire.listen(&["--format", "jsonl", "-a", "duration:4"]);
    wire.replay(&path);
    thread::sleep(Duration::from_secs(2));
    wire.replay(&path);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, Some(13), "{run:?}");
    let lines = run.lines();
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    let told: Vec<&Value> = lines.iter().filter(|line| line["type"] == "finding").collect();
    let distinct: BTreeSet<&str> = told.iter().map(|line| line["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(told.len(), distinct.len(), "a finding was told twice");
    assert_eq!(told.len(), check(&path).json()["findings"].as_array().unwrap().len());
    assert_eq!(kinds.first(), Some(&"finding"), "findings come before the summary: {kinds:?}");
    assert_eq!(kinds.last(), Some(&"coverage"));
    assert_eq!(told[0]["count"], 1, "told before the second replay");
}

#[test]
fn live_events_come_as_lines() {
    let Some(wire) = Wire::new("events") else { return };
    let folder = Folder::new();
    let path = busy(&folder);
    let child = wire.listen(&["--events", "-c", "7"]);
    wire.replay(&path);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("packets captured: 7, dropped: 0"), "{run:?}");
    assert_eq!(run.lines().iter().filter(|line| line["event"] == "nbns").count(), 3);
}

#[test]
fn a_key_log_that_grows_meanwhile_opens_what_was_captured_before() {
    let Some(wire) = Wire::new("keylog") else { return };
    let folder = Folder::new();
    let keys = folder.path().join("keys");
    let frames = opened::frames("tls13", (50_000, 443));
    let (before, after) = frames.split_at(frames.len() - 4);
    let (before, after) = (folder.capture("a.pcap", before), folder.capture("b.pcap", after));
    let count = frames.len().to_string();
    let child = wire.listen(&["--events", "-c", &count, "--keylog", keys.to_str().unwrap()]);
    wire.replay(&before);
    thread::sleep(Duration::from_millis(300));
    // In two parts, the first of which ends in the middle of a line.
    let log = opened::log("tls13");
    std::fs::write(&keys, log.get(..200).unwrap()).unwrap();
    thread::sleep(Duration::from_millis(300));
    std::fs::write(&keys, &log).unwrap();
    thread::sleep(Duration::from_millis(300));
    wire.replay(&after);
    let run: Run = child.wait_with_output().unwrap().into();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(opened::asked(&run).len(), 2, "{run:?}");
    assert!(!run.stdout.contains("record that does not open"), "{run:?}");
}

#[test]
fn an_unknown_interface_is_answered_with_those_there_are() {
    let run = run(["live", "-i", "nosuch0"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stderr.contains("nosuch0: no such interface") || run.stderr.contains("setcap"), "{run:?}");
    assert!(run.stderr.contains("interfaces: "), "{run:?}");
}

#[test]
fn interfaces_are_listed_with_the_numbers_that_are_taken() {
    let listed = run(["interfaces", "--format", "json"]).json();
    let first = &listed[0];
    assert_eq!(first["number"], 1);
    let table = run(["-D"]).stdout;
    assert!(table.contains(first["name"].as_str().unwrap()), "{table}");
    assert_eq!(run(["live", "-D"]).stdout, table);
}
