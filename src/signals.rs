//! SIGINT, SIGTERM and SIGHUP ask for an end; a second one forces it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// Which signal came, if one did. Without [`Self::listen`], only [`Self::stop`] is one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    received: Arc<AtomicUsize>,
}

impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let signals = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        for (signal, code) in [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] {
            // The order matters: the first of two signals finds `again` unset, and sets it.
            flag::register_conditional_shutdown(signal, code, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&signals.received), number)?;
        }
        Ok(signals)
    }

    /// Asks for an end as Ctrl-C does.
    pub(crate) fn stop(&self) {
        self.received.store(usize::try_from(SIGINT).unwrap_or_default(), Ordering::Relaxed);
    }

    /// The signal that asked for an end.
    pub(crate) fn received(&self) -> Option<Signal> {
        match i32::try_from(self.received.load(Ordering::Relaxed)) {
            Ok(SIGINT) => Some(Signal::Interrupt),
            Ok(SIGTERM) => Some(Signal::Terminate),
            Ok(SIGHUP) => Some(Signal::HangUp),
            _ => None,
        }
    }
}

/// A signal that asks for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// A request to end.
    Terminate,
    /// The terminal is gone.
    HangUp,
}

impl Signal {
    /// What a shell reports for a program that this signal ended.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HangUp => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}
