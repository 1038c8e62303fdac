//! End-to-end tests: the program as people and jobs run it, on captures made here and on those in `samples/`.

mod bad_input;
mod capture;
mod formats;
mod graph;
mod lab;
mod live;
mod outcome;
mod program;
mod samples;
mod signals;
mod streams;
mod usage;
mod write;
