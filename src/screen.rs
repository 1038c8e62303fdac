//! The engine behind the terminal user interface: it works on its own thread, and tells now and then how things are.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use capture::Source;
use findings::catalogue;
use findings::report::Report;
use tui::{Exit, Options, Status, Update};

use crate::input::Intake;
use crate::judge::{self, Scene, Standard, Watcher};
use crate::meter::Meter;
use crate::signals::Signals;

/// How often to tell, at most: people read no faster.
const EVERY: Duration = Duration::from_millis(200);
/// How much of the time may go into reports: one part in so many.
const SHARE: u32 = 5;
/// Updates that may wait. What does not fit is told a moment later, as it is then.
const UPDATES: usize = 4;
/// What a shell adds to the number of a signal.
const SIGNALLED: i32 = 128;

/// Shows an intake until the user leaves. `signals` are those that the intake heeds. Returns the exit code.
pub(crate) fn show(
    mut intake: Intake,
    workers: usize,
    standard: Standard,
    options: &Options,
    signals: &Signals,
) -> Result<u8> {
    let (sender, updates) = sync_channel(UPDATES);
    let engine = thread::Builder::new().name("engine".to_owned()).spawn(move || {
        let mut feed = Feed::new(sender);
        let result = judge::judge(&mut intake, workers, &standard, &Meter::none(), Some(&mut feed));
        feed.end(result, &intake);
        intake.close()
    })?;
    let exit = tui::run(updates, options).context("the terminal cannot be used");
    signals.stop();
    engine.join().map_err(|_| anyhow!("the engine has ended unexpectedly"))??;
    Ok(match exit? {
        Exit::Quit => 0,
        Exit::Signal(number) => u8::try_from(SIGNALLED + number).unwrap_or(1),
    })
}

/// The documentation of a rule.
pub(crate) fn explain(rule: &str) -> Option<&'static str> {
    catalogue::find(rule).map(|rule| rule.metadata().explain)
}

/// Tells the screen how things are.
struct Feed {
    sender: SyncSender<Update>,
    /// When to tell again, and when to judge again.
    due: Instant,
    report_due: Instant,
    /// Frames there were at the last report.
    judged: u64,
    told: Status,
}

impl Feed {
    fn new(sender: SyncSender<Update>) -> Self {
        let now = Instant::now();
        Self { sender, due: now, report_due: now + EVERY, judged: 0, told: Status::default() }
    }

    /// Sends unless there is no room. Returns whether it was sent, or None where nobody listens any more.
    fn offer(&self, update: Update) -> Option<bool> {
        match self.sender.try_send(update) {
            Ok(()) => Some(true),
            Err(TrySendError::Full(_)) => Some(false),
            Err(TrySendError::Disconnected(_)) => None,
        }
    }

    /// The last word.
    fn end(&self, result: Result<Report>, intake: &Intake) {
        let mut status = Status { done: true, ..status(intake) };
        match result {
            // Where the screen is left already, nobody listens.
            Ok(report) => drop(self.sender.send(Update::Report(Arc::new(report)))),
            Err(error) => status.error = Some(format!("{error:#}")),
        }
        drop(self.sender.send(Update::Status(status)));
    }
}

impl Watcher for Feed {
    fn look(&mut self, scene: &Scene<'_>) -> Result<bool> {
        let now = Instant::now();
        if now < self.due {
            return Ok(true);
        }
        self.due = now + EVERY;
        let status = status(scene.intake);
        let frames = status.frames;
        if status != self.told {
            match self.offer(Update::Status(status.clone())) {
                Some(true) => self.told = status,
                Some(false) => {}
                None => return Ok(false),
            }
        }
        if frames != self.judged && now >= self.report_due {
            let report = Arc::new(scene.report());
            self.report_due = Instant::now() + EVERY.max(now.elapsed() * SHARE);
            match self.offer(Update::Report(report)) {
                Some(true) => self.judged = frames,
                Some(false) => {}
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}

fn status(intake: &Intake) -> Status {
    let captures = intake.captures();
    Status {
        source: captures.iter().map(|info| info.name.clone()).collect(),
        live: intake.is_live(),
        frames: (0..captures.len()).map(|number| intake.taken(number)).sum(),
        progress: intake.progress(),
        dropped: captures.iter().map(judge::dropped).sum(),
        done: false,
        error: None,
    }
}
