//! The threads that bring inputs to the loop: keys, signals, updates.
//!
//! Each only waits and sends on. The loop must not wait for keys itself: a terminal that went away keeps its reader
//! busy for ever, and then nobody would hear of the signal that says so.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, poll, read};
use crossterm::terminal::disable_raw_mode;
use findings::report::Report;
use signal_hook::consts::{SIGABRT, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::key::Key;
use crate::run::Input;
use crate::{Status, Update, terminal};

/// Signals that end the program.
const LETHAL: [i32; 5] = [SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGQUIT];

/// How long the reader of keys waits before it looks whether it should end.
const LOOK: Duration = Duration::from_millis(100);

/// How long the loop has to end after a signal. Then the program is ended for it: it hangs on a dead terminal.
const GRACE: Duration = Duration::from_secs(2);

/// How long a failed write waits for the signal that explains it.
const EXPLAIN: Duration = Duration::from_millis(300);

/// Inputs taken at once, at most: what comes faster than that must not keep the screen from being drawn.
const MAX_INPUTS: usize = 1024;

/// What a thread brings.
enum Brought {
    Input(Input),
    /// [`Newest`] is no longer empty.
    News,
}

/// The newest of each kind of update. There is room for no more: while a terminal takes no output, reports must not
/// pile up.
#[derive(Default)]
struct Newest {
    report: Option<Arc<Report>>,
    status: Option<Status>,
}

impl Newest {
    /// Takes an update in the place of an older one. Returns whether there was none at all.
    fn put(&mut self, update: Update) -> bool {
        let was_empty = self.report.is_none() && self.status.is_none();
        match update {
            Update::Report(report) => self.report = Some(report),
            Update::Status(status) => self.status = Some(status),
        }
        was_empty
    }
}

fn lock(newest: &Mutex<Newest>) -> MutexGuard<'_, Newest> {
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The threads. They end when this goes.
pub(crate) struct Threads {
    brought: Receiver<Brought>,
    newest: Arc<Mutex<Newest>>,
    ended: Arc<AtomicBool>,
    lethal: Arc<AtomicI32>,
    signals: Handle,
}

impl Threads {
    /// Starts them.
    pub(crate) fn start(updates: Receiver<Update>) -> io::Result<Self> {
        let (sender, brought) = channel();
        let ended = Arc::new(AtomicBool::new(false));
        let lethal = Arc::new(AtomicI32::new(0));
        default_after_us()?.store(false, Ordering::SeqCst);
        let signals = Signals::new(LETHAL.iter().chain(&[SIGTSTP, SIGCONT]))?;
        let handle = signals.handle();
        spawn("tui-signals", {
            let (sender, ended, lethal) = (sender.clone(), Arc::clone(&ended), Arc::clone(&lethal));
            move || bring_signals(signals, &sender, &ended, &lethal)
        })?;
        spawn("tui-keys", {
            let (sender, ended) = (sender.clone(), Arc::clone(&ended));
            move || bring_keys(&sender, &ended)
        })?;
        let newest = Arc::new(Mutex::new(Newest::default()));
        spawn("tui-updates", {
            let (newest, ended) = (Arc::clone(&newest), Arc::clone(&ended));
            move || bring_updates(updates, &newest, &sender, &ended)
        })?;
        Ok(Self { brought, newest, ended, lethal, signals: handle })
    }

    /// Waits for inputs, and takes those that are there, but for no longer than this.
    pub(crate) fn wait(&self, longest: Duration) -> Result<Vec<Input>, RecvTimeoutError> {
        let first = self.brought.recv_timeout(longest)?;
        let rest = self.brought.try_iter().take(MAX_INPUTS);
        let mut inputs = Vec::new();
        for brought in std::iter::once(first).chain(rest) {
            match brought {
                Brought::Input(input) => inputs.push(input),
                Brought::News => {
                    let news = std::mem::take(&mut *lock(&self.newest));
                    inputs.extend(news.status.map(|status| Input::Update(Update::Status(status))));
                    inputs.extend(news.report.map(|report| Input::Update(Update::Report(report))));
                }
            }
        }
        Ok(inputs)
    }

    /// The signal that asked to leave, or asks so within a moment.
    pub(crate) fn signal(&self) -> Option<i32> {
        let until = deadline(EXPLAIN);
        loop {
            match self.lethal.load(Ordering::SeqCst) {
                0 if is_past(until) => return None,
                0 => thread::sleep(Duration::from_millis(10)),
                number => return Some(number),
            }
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        self.signals.close();
        if let Ok(default) = default_after_us() {
            default.store(true, Ordering::SeqCst);
        }
    }
}

/// The switch that gives the lethal signals their usual effect while no screen is up: handlers once set cannot be
/// unset, and a program that ignores Ctrl-C while it ends would be a trap.
fn default_after_us() -> io::Result<&'static Arc<AtomicBool>> {
    static SWITCH: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(switch) = SWITCH.get() {
        return Ok(switch);
    }
    let switch = Arc::new(AtomicBool::new(false));
    for signal in LETHAL {
        signal_hook::flag::register_conditional_default(signal, Arc::clone(&switch))?;
    }
    Ok(SWITCH.get_or_init(|| switch))
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(body).map(drop)
}

fn bring_updates(
    updates: Receiver<Update>,
    newest: &Mutex<Newest>,
    sender: &Sender<Brought>,
    ended: &AtomicBool,
) {
    for update in updates {
        let is_news = lock(newest).put(update);
        if ended.load(Ordering::SeqCst) || (is_news && sender.send(Brought::News).is_err()) {
            break;
        }
    }
}

fn bring_keys(sender: &Sender<Brought>, ended: &AtomicBool) {
    while !ended.load(Ordering::SeqCst) {
        let event = match poll(LOOK) {
            Ok(true) => read(),
            Ok(false) => continue,
            Err(error) => Err(error),
        };
        let input = match event {
            Ok(Event::Key(key)) => Key::from_event(&key).map(Input::Key),
            Ok(Event::Resize(..)) => Some(Input::Resize),
            Ok(_) => None,
            Err(error) => {
                let _ = sender.send(Brought::Input(Input::Deaf(error.to_string())));
                return;
            }
        };
        if input.is_some_and(|input| sender.send(Brought::Input(input)).is_err()) {
            return;
        }
    }
}

fn bring_signals(mut signals: Signals, sender: &Sender<Brought>, ended: &AtomicBool, lethal: &AtomicI32) {
    for signal in signals.forever() {
        let input = match signal {
            SIGTSTP => Input::Suspend,
            SIGCONT => Input::Continue,
            number => Input::Signal(number),
        };
        let is_lethal = LETHAL.contains(&signal);
        if is_lethal {
            lethal.store(signal, Ordering::SeqCst);
        }
        let sent = sender.send(Brought::Input(input)).is_ok();
        if is_lethal && sent {
            end_after_grace(signal, ended);
        }
    }
}

/// Ends the program where the loop does not: it is stuck in writing, so nothing can be written any more, but the
/// mode of the terminal can be set.
fn end_after_grace(signal: i32, ended: &AtomicBool) {
    let until = deadline(GRACE);
    while !is_past(until) {
        if ended.load(Ordering::SeqCst) {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    if terminal::is_taken() && !ended.load(Ordering::SeqCst) {
        let _ = disable_raw_mode();
        let _ = emulate_default_handler(signal);
    }
}

fn deadline(after: Duration) -> Option<Instant> {
    Instant::now().checked_add(after)
}

fn is_past(until: Option<Instant>) -> bool {
    until.is_none_or(|until| Instant::now() >= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_do_not_pile_up_while_nobody_looks() {
        let (updates, received) = channel();
        let (sender, brought) = channel();
        let newest = Mutex::new(Newest::default());
        for frames in 0..100 {
            updates.send(Update::Status(Status { frames, ..Status::default() })).unwrap();
            updates.send(Update::Report(Arc::default())).unwrap();
        }
        drop(updates);
        bring_updates(received, &newest, &sender, &AtomicBool::new(false));
        drop(sender);
        assert_eq!(brought.iter().count(), 1);
        let newest = lock(&newest);
        assert_eq!(newest.status.as_ref().map(|status| status.frames), Some(99));
        assert!(newest.report.is_some());
    }

    #[test]
    fn sending_fails_once_the_screen_is_left() {
        let (updates, received) = channel();
        let (sender, _brought) = channel();
        updates.send(Update::Report(Arc::default())).unwrap();
        bring_updates(received, &Mutex::default(), &sender, &AtomicBool::new(true));
        assert!(updates.send(Update::Report(Arc::default())).is_err());
    }
}
