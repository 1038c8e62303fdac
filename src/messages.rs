//! What goes to standard error. Reports never do, so that they can be piped.

use std::fmt::Display;
use std::io::{self, Write};
use std::panic;

use findings::scrub;

use crate::cli;

/// How much to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Errors.
    Quiet,
    /// Warnings too.
    Normal,
    /// What is done too.
    Verbose,
}

impl From<cli::Messages> for Level {
    fn from(messages: cli::Messages) -> Self {
        match messages {
            cli::Messages { quiet: true, .. } => Self::Quiet,
            cli::Messages { verbose: true, .. } => Self::Verbose,
            cli::Messages { .. } => Self::Normal,
        }
    }
}

impl Level {
    /// Says that something is not as it should be, and that work goes on.
    pub(crate) fn warn(self, text: &dyn Display) {
        if self >= Self::Normal {
            line("warning: ", text);
        }
    }

    /// Says what a person who waits wants to know.
    pub(crate) fn note(self, text: &dyn Display) {
        if self >= Self::Normal {
            line("", text);
        }
    }

    /// Says what is done.
    pub(crate) fn tell(self, text: &dyn Display) {
        if self >= Self::Verbose {
            line("", text);
        }
    }
}

/// Says why the program failed.
pub(crate) fn error(text: &dyn Display) {
    line("error: ", text);
}

/// File names and packet strings can be in any text, so every line is scrubbed. Where standard error is closed there
/// is nobody to tell.
fn line(kind: &str, text: &dyn Display) {
    let mut out = io::stderr().lock();
    for line in text.to_string().lines() {
        let _ = writeln!(out, "ccmscope: {kind}{}", scrub(line));
    }
}

/// A fault of ours is told in one line, without a backtrace.
pub(crate) fn report_panics() {
    panic::set_hook(Box::new(|fault| {
        let place = fault.location().map(ToString::to_string).unwrap_or_default();
        let payload = fault.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let what = text.or(payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given");
        error(&format_args!("internal fault at {place}: {what}"));
        error(
            &"this is a bug in ccmscope; please report it with the command and the capture, if you may share it",
        );
    }));
}
