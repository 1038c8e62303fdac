//! A screen with a made-up report, to look at and to end by every means: `cargo run -p ccmscope-tui --example demo`.
//!
//! Arguments: `grow` adds channels, as live traffic does; `panic` panics after a second in the thread that feeds the
//! screen; `panic-in-view` panics while a finding is drawn.

#[path = "../src/canned.rs"]
mod canned;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use tui::{Exit, Options, Status, Update};

fn main() -> ExitCode {
    let wish = std::env::args().nth(1).unwrap_or_default();
    let (sender, updates) = channel();
    let explain = if wish == "panic-in-view" { canned::refuse } else { canned::explain };
    thread::spawn(move || feed(&sender, &wish));
    let options = Options { color: true, initial_filter: None, explain: Some(explain) };
    match tui::run(updates, &options) {
        Ok(Exit::Quit) => ExitCode::SUCCESS,
        Ok(Exit::Signal(number)) => ExitCode::from(u8::try_from(128 + number).unwrap_or(1)),
        Err(error) => {
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("demo: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

fn feed(sender: &Sender<Update>, wish: &str) {
    let grows = wish == "grow";
    let mut report = canned::report();
    let done = Status { live: grows, done: !grows, ..canned::status() };
    let _ = sender.send(Update::Status(done));
    let _ = sender.send(Update::Report(Arc::new(report.clone())));
    if wish == "panic" {
        thread::sleep(Duration::from_secs(1));
        assert!(report.channels.is_empty(), "a panic, as wished");
    }
    for number in 0u64.. {
        thread::sleep(Duration::from_millis(300));
        if grows {
            canned::grow(&mut report, number);
        }
        let status = Status { frames: 12_345 + number * 7, live: grows, done: !grows, ..canned::status() };
        let sent = sender.send(Update::Status(status)).is_ok();
        if !sent || sender.send(Update::Report(Arc::new(report.clone()))).is_err() {
            return;
        }
    }
}
