//! The terminal user interface: the same screens for live traffic and for capture files.
//!
//! It sees reports and nothing else: no packet, no rule, no ledger. Nothing outside this crate knows ratatui or
//! crossterm.
//!
//! ```text
//! keys, signals, reports -> Msg -> update(&mut Model) -> Effect        pure, no terminal
//!                                         |
//!                                  view(&Model, &mut ViewState, &mut Frame)
//! ```
//!
//! [`run`] is the loop around them. [`update()`] knows no terminal, [`view()`] does not write the model.

mod clipboard;
mod effect;
mod filter;
mod index;
mod key;
mod keymap;
mod list;
mod mark;
mod model;
mod order;
mod run;
mod screen;
mod terminal;
mod threads;
mod update;
mod view;
mod widget;

#[cfg(test)]
mod canned;

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use findings::report::Report;

pub use effect::{Effect, Scroll};
pub use key::Key;
pub use model::{Model, Msg};
pub use run::{Console, Input, run_on};
pub use update::update;
pub use view::{ViewState, view};

/// What the engine tells the screen.
#[derive(Clone, Debug)]
pub enum Update {
    /// The result so far. The last one counts.
    Report(Arc<Report>),
    /// How far reading is.
    Status(Status),
}

/// How far reading is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// File names or interfaces.
    pub source: Vec<String>,
    /// Whether interfaces are read.
    pub live: bool,
    /// Frames read.
    pub frames: u64,
    /// Bytes read and bytes to read, where the end is known.
    pub progress: Option<(u64, u64)>,
    /// Frames that the system dropped before they were read.
    pub dropped: u64,
    /// Whether nothing more will come.
    pub done: bool,
    /// What went wrong.
    pub error: Option<String>,
}

/// How the screen starts.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether colours may be used. `NO_COLOR` turns them off too.
    pub color: bool,
    /// A filter to begin with, as typed after `/`.
    pub initial_filter: Option<String>,
    /// The documentation of a rule by its id, in Markdown with a heading `Why it matters`.
    pub explain: Option<fn(&str) -> Option<&'static str>>,
}

/// Why the screen was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user wished it.
    Quit,
    /// By a signal of this number, Ctrl-C among them: the program should exit with 128 and the number.
    Signal(i32),
}

/// Shows updates until the user or a signal ends it. The terminal is given back when this returns or panics.
///
/// Updates are taken as fast as they come, and only the newest of each kind is kept and drawn. Once this has returned,
/// sending fails, at the second attempt at the latest.
/// It takes INT, TERM, HUP, ABRT, QUIT, TSTP and CONT while it runs; afterwards the first five end the program as
/// they usually do.
///
/// # Errors
/// Where there is no terminal, or it fails. A panic of another thread counts: its message is on the terminal then.
pub fn run(updates: Receiver<Update>, options: &Options) -> std::io::Result<Exit> {
    terminal::session(updates, options)
}
