//! The terminal: taken, and given back whatever happens.
//!
//! It is given back when the loop ends, when it fails, on a panic of any thread, and on INT, TERM, HUP, ABRT, QUIT. A
//! program that calls `abort()` itself cannot give it back: that needs a signal handler that writes, which safe code
//! cannot have.

use std::io::{self, Write as _};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use signal_hook::consts::SIGTSTP;

use crate::clipboard::osc52;
use crate::run::{Console, Input, run_on};
use crate::threads::Threads;
use crate::{Exit, Options, Update};

/// How often a wait for inputs looks whether the terminal is still ours.
const LOOK: Duration = Duration::from_millis(250);

/// Whether the terminal is in our hands. One for the process, as the terminal is.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the terminal, runs, gives it back.
pub(crate) fn session(updates: Receiver<Update>, options: &Options) -> io::Result<Exit> {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let options = Options { color: options.color && !plain, ..options.clone() };
    let threads = Threads::start(updates)?;
    give_back_on_panic();
    let guard = Guard::take()?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let result = run_on(&mut terminal, &mut Seat { threads: &threads }, &options);
    drop(guard);
    // Where a terminal goes away, writing fails before its signal is here.
    result.or_else(|error| threads.signal().map(Exit::Signal).ok_or(error))
}

/// The seat at the terminal.
struct Seat<'a> {
    threads: &'a Threads,
}

impl Console for Seat<'_> {
    fn wait(&mut self) -> io::Result<Vec<Input>> {
        loop {
            match self.threads.wait(LOOK) {
                Ok(inputs) => return Ok(inputs),
                Err(RecvTimeoutError::Timeout) if is_taken() => {}
                Err(RecvTimeoutError::Timeout) => {
                    return Err(io::Error::other("the terminal was given back, for another thread panicked"));
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other(
                        "nothing can come in any more: the terminal cannot be read",
                    ));
                }
            }
        }
    }

    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        signal_hook::low_level::emulate_default_handler(SIGTSTP)?;
        take()
    }

    fn resume(&mut self) -> io::Result<()> {
        give_back();
        take()
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(osc52(text).as_bytes())?;
        out.flush()
    }
}

/// Gives the terminal back when it goes.
struct Guard;

impl Guard {
    fn take() -> io::Result<Self> {
        let guard = Self;
        take()?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, Hide)
}

/// Whether the terminal is in our hands.
pub(crate) fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

/// Gives the terminal back, once. What fails here, fails: the terminal is gone.
pub(crate) fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

/// Lets a panic's message appear on a terminal that shows it.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            before(panic);
        }));
    });
}
