//! On a terminal the program draws a screen, and gives the terminal back.
//!
//! Needs `script` of util-linux to make a terminal; says so and passes where it is missing.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::capture::{Folder, broadcast_query};

/// Runs the program on a terminal and types. Returns its exit code and what it drew.
fn on_a_terminal(args: &str, keys: &[u8]) -> Option<(i32, String)> {
    let program = format!("stty rows 30 cols 110; exec {} {args}", env!("CARGO_BIN_EXE_ccmscope"));
    let child = Command::new("script")
        .args(["--quiet", "--return", "--echo", "never", "--command", &program, "/dev/null"])
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("SKIPPED: `script` is not installed");
        return None;
    };
    let mut keyboard = child.stdin.take().unwrap();
    for key in keys.chunks(1) {
        thread::sleep(Duration::from_secs(1));
        // Where the program has ended already, what it came to is looked at below.
        let _ = keyboard.write_all(key);
    }
    let output = child.wait_with_output().unwrap();
    drop(keyboard);
    if output.status.code() == Some(1) && String::from_utf8_lossy(&output.stderr).contains("option") {
        println!("SKIPPED: this `script` is not that of util-linux");
        return None;
    }
    Some((output.status.code().unwrap(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

const ENTER_SCREEN: &str = "\u{1b}[?1049h";
const LEAVE_SCREEN: &str = "\u{1b}[?1049l";

#[test]
fn a_capture_is_shown_on_a_screen_until_the_user_leaves() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    for (keys, code) in [(b"q", 0), (b"\x03", 130)] {
        let Some((exit, drawn)) = on_a_terminal(path.to_str().unwrap(), keys) else { return };
        assert_eq!(exit, code, "{drawn}");
        assert!(drawn.contains(ENTER_SCREEN) && drawn.contains(LEAVE_SCREEN), "{drawn:?}");
        assert!(drawn.contains("10.20.0.11"), "the client is on the screen: {drawn:?}");
    }
}

#[test]
fn verbs_and_wished_formats_draw_no_screen() {
    let folder = Folder::new();
    let path = folder.capture("a.pcap", &broadcast_query());
    for args in ["check PATH", "PATH --format json"] {
        let Some((exit, drawn)) = on_a_terminal(&args.replace("PATH", path.to_str().unwrap()), b"") else {
            return;
        };
        assert_eq!(exit, 13, "{drawn}");
        assert!(!drawn.contains(ENTER_SCREEN), "{drawn:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said_on_the_plain_terminal() {
    let Some((exit, drawn)) = on_a_terminal("/nonexistent/a.pcap", b"") else { return };
    assert_eq!(exit, 1);
    assert!(drawn.contains("no such file or folder") && !drawn.contains(ENTER_SCREEN), "{drawn:?}");
}
