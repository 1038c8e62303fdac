//! `ccmscope`: which channels between Configuration Manager clients and their site are insecure.

/// A capture becomes millions of small, short-lived strings and boxes: an allocator made for that takes a fifth off the
/// time of a mixed capture.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod authorities;
mod cli;
mod input;
mod judge;
mod listing;
mod messages;
mod meter;
mod output;
mod pipeline;
mod prose;
mod screen;
mod signals;
mod verbs;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use capture::SourceError;

/// Exit code: the program could not do what it was asked.
const FAILED: u8 = 1;
/// Exit code: the command line is wrong, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    messages::report_panics();
    let cli = cli::parse();
    let code = match panic::catch_unwind(AssertUnwindSafe(move || verbs::run(cli))) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            messages::error(&format_args!("{error:#}"));
            let mistyped = matches!(error.downcast_ref(), Some(SourceError::Filter { .. }));
            if mistyped { USAGE } else { FAILED }
        }
        // The hook has said what happened.
        Err(_) => FAILED,
    };
    ExitCode::from(code)
}
