//! End-to-end tests: the program as people and jobs run it, on captures made here and on those in `samples/`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on says why and fails, in its helpers too"
)]

mod bad_input;
mod capture;
mod formats;
mod graph;
mod harmless;
mod lab;
mod live;
mod opened;
mod outcome;
mod peers;
mod program;
mod samples;
mod signals;
mod streams;
mod terminal;
mod trust;
mod usage;
mod write;
