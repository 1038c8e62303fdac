//! How far the reading of files has come, on standard error, for a person who waits.

use std::cell::OnceCell;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use capture::Source;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::Intake;
use crate::messages::Level;

/// Nobody needs a bar for less.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a bar is drawn, a second.
const DRAWS: u8 = 10;

/// A bar, or nothing where nobody would see it.
pub(crate) struct Meter {
    wanted: bool,
    began: Instant,
    bar: OnceCell<ProgressBar>,
}

impl Meter {
    /// A bar that shows itself when the reading takes long.
    pub(crate) fn new(level: Level) -> Self {
        let wanted = level > Level::Quiet && io::stderr().is_terminal();
        Self { wanted, began: Instant::now(), bar: OnceCell::new() }
    }

    /// Nothing.
    pub(crate) fn none() -> Self {
        Self { wanted: false, began: Instant::now(), bar: OnceCell::new() }
    }

    /// Shows how far the reading has come.
    pub(crate) fn show(&self, intake: &Intake) {
        if !self.wanted || intake.is_live() {
            return;
        }
        // It counts from the beginning, so that its speed is right when it shows itself.
        let bar = self.bar.get_or_init(|| bar(intake.progress()));
        bar.set_position(intake.progress().map_or(0, |(done, _)| done));
        if bar.is_hidden() && self.began.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(DRAWS));
        }
    }

    /// Takes the bar away, before anything else is said.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(progress: Option<(u64, u64)>) -> ProgressBar {
    let bar = match progress {
        Some((_, total)) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    bar.set_draw_target(ProgressDrawTarget::hidden());
    let template = match progress {
        Some(_) => "{wide_bar} {percent:>3} %  {bytes} of {total_bytes}, {binary_bytes_per_sec}, {eta} left",
        None => "{spinner} reading for {elapsed}",
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
