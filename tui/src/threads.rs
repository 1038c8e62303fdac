//! The threads that bring inputs to the loop: keys, signals, updates.
//!
//! Each only waits and sends on. The loop must not wait for keys itself: a terminal that went away keeps its reader
//! busy for ever, and then nobody would hear of the signal that says so.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{Event, poll, read};
use crossterm::terminal::disable_raw_mode;
use signal_hook::consts::{SIGABRT, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::low_level::emulate_default_handler;

use crate::Update;
use crate::key::Key;
use crate::run::Input;
use crate::terminal;

/// Signals that end the program.
const LETHAL: [i32; 5] = [SIGINT, SIGTERM, SIGHUP, SIGABRT, SIGQUIT];

/// How long the reader of keys waits before it looks whether it should end.
const LOOK: Duration = Duration::from_millis(100);

/// How long the loop has to end after a signal. Then the program is ended for it: it hangs on a dead terminal.
const GRACE: Duration = Duration::from_secs(2);

/// How long a failed write waits for the signal that explains it.
const EXPLAIN: Duration = Duration::from_millis(300);

/// The threads. They end when this goes.
pub(crate) struct Threads {
    /// What they bring.
    pub(crate) inputs: Receiver<Input>,
    ended: Arc<AtomicBool>,
    lethal: Arc<AtomicI32>,
    signals: Handle,
}

impl Threads {
    /// Starts them.
    pub(crate) fn start(updates: Receiver<Update>) -> io::Result<Self> {
        let (sender, inputs) = channel();
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
        spawn("tui-updates", move || {
            for update in updates {
                if sender.send(Input::Update(update)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { inputs, ended, lethal, signals: handle })
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

fn bring_keys(sender: &Sender<Input>, ended: &AtomicBool) {
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
                let _ = sender.send(Input::Deaf(error.to_string()));
                return;
            }
        };
        if input.is_some_and(|input| sender.send(input).is_err()) {
            return;
        }
    }
}

fn bring_signals(mut signals: Signals, sender: &Sender<Input>, ended: &AtomicBool, lethal: &AtomicI32) {
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
        let sent = sender.send(input).is_ok();
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
