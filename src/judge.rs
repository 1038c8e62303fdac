//! Captures in, a report out: the pipeline with the engine at its end.

use std::path::PathBuf;

use anyhow::Result;
use capture::source::{FileOptions, FileSource, Source};
use capture::{Counters, Timestamp};
use decoders::Record;
use findings::report::Report;
use findings::{Coverage, Engine, Policy};

use crate::pipeline::{self, Sink};

/// The engine as a sink.
#[derive(Debug)]
struct Judge {
    engine: Engine,
    span: Option<(Timestamp, Timestamp)>,
}

impl Sink for Judge {
    fn records(&mut self, records: &mut Vec<Record>) -> Result<()> {
        for record in records.iter() {
            self.engine.observe(record);
        }
        Ok(())
    }

    fn tick(&mut self, _: &dyn Source, _: &dyn Fn() -> Counters) -> Result<bool> {
        Ok(true)
    }
}

pub(crate) fn files(paths: &[PathBuf], workers: usize) -> Result<Report> {
    let mut source = FileSource::open(paths, FileOptions::default())?;
    let mut judge = Judge { engine: Engine::new(findings::Limits::default()), span: None };
    let counters = pipeline::run(&mut source, workers, pipeline::Limits::default(), &mut judge)?;
    let coverage = Coverage { capture: counters, span: judge.span, ..Coverage::default() };
    Ok(judge.engine.report(&coverage, &Policy::default()))
}
