//! The terminal is given back, whatever ends the screen: looked at from outside, in a pseudo-terminal made by
//! `script` (util-linux), by what is written to it, by its mode afterwards and by the program's end.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail so")]

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

const ENTERED: &str = "\u{1b}[?1049h";
const LEFT: &str = "\u{1b}[?1049l";
const CURSOR_SHOWN: &str = "\u{1b}[?25h";

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A pseudo-terminal with the example in it.
struct Pty {
    script: Child,
    keys: ChildStdin,
    output: Arc<Mutex<Vec<u8>>>,
    pid: u32,
}

impl Pty {
    /// Starts the example and waits until its screen is there.
    fn open(argument: &str) -> Self {
        Self::open_with(argument, &[("NO_COLOR", "")])
    }

    /// The same, with variables in its environment.
    fn open_with(argument: &str, environment: &[(&str, &str)]) -> Self {
        let demo = example();
        let inside = format!(
            "stty rows 24 cols 80; sh -c 'echo pid=$$.; exec {} {argument}'; echo rc=$?.; stty -a; echo shell-goes-on",
            demo.display()
        );
        let mut script = Command::new("script")
            .args(["-qc", &inside, "/dev/null"])
            .env("TERM", "xterm-256color")
            .envs(environment.iter().copied())
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`script` of util-linux makes the pseudo-terminal");
        let keys = script.stdin.take().unwrap();
        let mut from = script.stdout.take().unwrap();
        let output = Arc::new(Mutex::new(Vec::new()));
        thread::spawn({
            let output = Arc::clone(&output);
            move || {
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    output.lock().unwrap().extend_from_slice(&buffer[..count]);
                }
            }
        });
        let mut pty = Self { script, keys, output, pid: 0 };
        pty.until("the screen", |output| output.contains(ENTERED) && output.contains("PC0042"));
        let text = pty.output();
        let (_, after) = text.split_once("pid=").unwrap();
        pty.pid = after.split_once('.').unwrap().0.parse().unwrap();
        pty
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap()).into_owned()
    }

    fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !wanted(&self.output()) {
            assert!(start.elapsed() < PATIENCE, "{what} did not come: {}", self.output().escape_debug());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([&format!("-{name}"), &self.pid.to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    /// The state letter of the process; none where it is gone.
    fn state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }

    fn until_state(&self, what: &str, wanted: impl Fn(Option<char>) -> bool) {
        let start = Instant::now();
        while !wanted(self.state()) {
            assert!(start.elapsed() < PATIENCE, "{what}: state is {:?}", self.state());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for the end, and checks that the terminal is as it was.
    fn assert_given_back(self, code: i32) -> String {
        self.until("the end", |output| output.contains("shell-goes-on\r\n"));
        let output = self.output();
        let (before, after) = output.rsplit_once(LEFT).expect("the alternate screen is left");
        assert!(!after.contains(ENTERED), "{after:?}");
        assert!(after.contains(CURSOR_SHOWN) || before.ends_with(CURSOR_SHOWN), "{after:?}");
        assert!(after.contains(&format!("rc={code}.")), "{after:?}");
        for mode in ["icanon", "echo", "isig", "opost"] {
            assert!(after.split_whitespace().any(|word| word == mode), "{mode} is not set: {after:?}");
        }
        after.to_owned()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.script.kill();
        let _ = self.script.wait();
    }
}

/// The example, built as it is now: `cargo test --test pty` alone would leave an old one.
fn example() -> PathBuf {
    static BUILT: Once = Once::new();
    BUILT.call_once(|| {
        let build = ["build", "--quiet", "--package", "ccmscope-tui", "--example", "demo"];
        assert!(Command::new(env!("CARGO")).args(build).status().unwrap().success());
    });
    let test = std::env::current_exe().unwrap();
    let demo = test.parent().unwrap().parent().unwrap().join("examples/demo");
    assert!(demo.exists(), "{} is not there", demo.display());
    demo
}

#[test]
fn q_gives_the_terminal_back() {
    let mut pty = Pty::open("");
    pty.press("q");
    pty.assert_given_back(0);
}

#[test]
fn ctrl_c_gives_the_terminal_back_and_says_130() {
    let mut pty = Pty::open("grow");
    pty.press("/q\u{3}");
    pty.assert_given_back(130);
}

#[test]
fn signals_give_the_terminal_back_and_say_which() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("ABRT", 134), ("QUIT", 131)] {
        let pty = Pty::open("grow");
        pty.signal(name);
        pty.assert_given_back(code);
    }
}

#[test]
fn a_panic_while_drawing_shows_its_message_on_a_sound_terminal() {
    let mut pty = Pty::open("panic-in-view");
    pty.press("2\r");
    let after = pty.assert_given_back(101);
    assert!(after.contains("as wished"), "{after:?}");
}

#[test]
fn a_panic_of_another_thread_ends_the_screen_too() {
    let after = Pty::open("panic").assert_given_back(1);
    assert!(after.contains("as wished") && after.contains("another thread panicked"), "{after:?}");
}

#[test]
fn ctrl_z_stops_the_program_on_a_sound_terminal_and_cont_goes_on() {
    let mut pty = Pty::open("");
    pty.press("\u{1a}");
    pty.until_state("stopped", |state| state == Some('T'));
    pty.until("the terminal", |output| {
        output.rsplit_once(LEFT).is_some_and(|(_, after)| !after.contains(ENTERED))
    });
    pty.signal("CONT");
    pty.until("the screen again", |output| {
        output.rsplit_once(LEFT).is_some_and(|(_, after)| after.contains(ENTERED) && after.contains("PC0042"))
    });
    pty.press("q");
    pty.assert_given_back(0);
}

#[test]
fn a_stop_from_outside_gives_the_terminal_back_too() {
    let mut pty = Pty::open("grow");
    pty.signal("TSTP");
    pty.until_state("stopped", |state| state == Some('T'));
    pty.signal("CONT");
    pty.until("the screen again", |output| {
        output.rsplit_once(LEFT).is_some_and(|(_, after)| after.contains(ENTERED) && after.contains("PC0042"))
    });
    pty.press("q");
    pty.assert_given_back(0);
}

#[test]
fn a_terminal_that_goes_away_does_not_leave_the_program_behind() {
    let mut pty = Pty::open("grow");
    pty.script.kill().unwrap();
    pty.script.wait().unwrap();
    pty.until_state("ended", |state| state.is_none_or(|state| state == 'Z'));
}

#[test]
fn a_storm_of_resizes_ends_in_a_screen() {
    let mut pty = Pty::open("grow");
    for _ in 0..200 {
        pty.signal("WINCH");
    }
    // Drawn anew, for what is drawn otherwise is only what differs from the screen before, words or not.
    pty.press("4\u{c}");
    pty.until("coverage", |output| output.contains("malformed"));
    pty.press("q");
    pty.assert_given_back(0);
}

#[test]
fn no_color_in_the_environment_turns_colours_off() {
    let pty = |no_color: &str| {
        let mut pty = Pty::open_with("", &[("NO_COLOR", no_color)]);
        pty.press("q");
        pty.until("the end", |output| output.contains("shell-goes-on\r\n"));
        pty.output()
    };
    let tint = "\u{1b}[38;5;";
    assert!(pty("").contains(tint), "an empty variable turns nothing off");
    assert!(!pty("1").contains(tint));
}

#[test]
fn y_writes_the_sequence_of_the_clipboard() {
    let mut pty = Pty::open("");
    pty.press("y");
    pty.until("the sequence", |output| output.contains("\u{1b}]52;c;aW5zZWN1cmUg"));
    pty.press("q");
    pty.assert_given_back(0);
}
