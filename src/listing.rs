//! Frames in, lines out: the pipeline with a writer of events at its end.

use std::io::Write;
use std::sync::Arc;

use anyhow::Result;
use capture::{Counters, Source};
use decoders::Record;
use findings::report::events::{EventWriter, capture_line};

use crate::input::Intake;
use crate::judge;
use crate::meter::Meter;
use crate::output::Output;
use crate::pipeline::{self, Sink};

/// The writer as a sink.
struct Listing<'a> {
    writer: EventWriter,
    out: &'a mut Output,
    meter: &'a Meter,
}

impl Sink<Intake> for Listing<'_> {
    fn records(&mut self, records: &mut Vec<Record>) -> Result<()> {
        for record in records.iter() {
            self.writer.record(record, self.out)?;
        }
        Ok(())
    }

    fn tick(&mut self, intake: &Intake, _: &dyn Fn() -> Counters) -> Result<bool> {
        self.meter.show(intake);
        if intake.is_live() {
            // Who pipes a live capture wants to see a line when it happens.
            self.out.flush()?;
        }
        Ok(!self.out.is_closed())
    }
}

/// Writes all events of an intake, and at the end a line for each capture. Returns whether something could not be
/// read.
pub(crate) fn list(intake: &mut Intake, workers: usize, meter: &Meter, out: &mut Output) -> Result<bool> {
    let names = intake.captures().iter().map(|info| info.name.clone()).collect();
    let writer = EventWriter::new(names, &findings::Limits::default());
    let mut listing = Listing { writer, out, meter };
    let keys = Arc::clone(intake.keys().keys());
    let counters = pipeline::run(intake, workers, &pipeline::Limits::default(), &keys, &mut listing)?;
    intake.refresh();
    let coverage = judge::coverage(intake, counters);
    let mut lines = Vec::new();
    for note in &coverage.captures {
        capture_line(&note.name, note.frames, &note.problems, &mut lines);
    }
    out.write_all(&lines)?;
    Ok(coverage.is_partial())
}
