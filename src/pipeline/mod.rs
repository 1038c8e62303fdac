//! From a source of frames to records in frame order, on one thread or several.
//!
//! The run is cut into a fixed number of shards by address pair; each shard has its own flow table and decoders, and
//! every worker owns some of the shards. What a shard does depends on its own frames alone, and records are put in
//! frame order afterwards, so the number of workers changes nothing in the result.

mod shard;
mod workers;

use std::iter::Peekable;
use std::vec::Drain;

use std::sync::Arc;

use anyhow::Result;
use capture::source::{Fill, Source};
use capture::{Batch, Counters, Moment};
use decoders::Record;
use decoders::tls::Keys;

use shard::{SHARDS, Shards};
use workers::Workers;

/// Records that one thread collects before it hands them on. Few, so that what they hold is still in the processor's
/// caches when it is looked at, and its memory there when the next ones want some.
const TOLD_AT_ONCE: usize = 16;

/// The same for a patient sink.
const TOLD_AT_LENGTH: usize = 1_024;

/// Bounds for what stands below the engine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// For flows and reassembly, for the whole run.
    pub(crate) capture: capture::Limits,
    /// For decoders.
    pub(crate) decoders: decoders::Limits,
}

/// Who is told what goes on. Called on the thread that drives the pipeline.
pub(crate) trait Sink<S> {
    /// The next records, in frame order. What it leaves in the list is dropped.
    fn records(&mut self, records: &mut Vec<Record>) -> Result<()>;

    /// Something was read, or nothing came for a while. Returns whether to go on.
    fn tick(&mut self, source: &S, counters: &dyn Fn() -> Counters) -> Result<bool>;

    /// Whether it likes to get many records at once, and none before.
    fn is_patient(&self) -> bool {
        false
    }
}

/// Reads the source to its end, or until the sink has enough. Returns what the capture counted.
///
/// `keys` open TLS. What the source adds to them while it fills a batch is seen by the frames of that batch and of those
/// that follow, however many threads there are.
pub(crate) fn run<S: Source>(
    source: &mut S,
    workers: usize,
    limits: &Limits,
    keys: &Arc<Keys>,
    sink: &mut dyn Sink<S>,
) -> Result<Counters> {
    if workers <= 1 {
        inline(source, limits, keys, sink)
    } else {
        Workers::new(workers, limits, keys).run(source, sink)
    }
}

/// All shards on this thread.
fn inline<S: Source>(
    source: &mut S,
    limits: &Limits,
    keys: &Arc<Keys>,
    sink: &mut dyn Sink<S>,
) -> Result<Counters> {
    let patient = sink.is_patient();
    let enough = if patient { TOLD_AT_LENGTH } else { TOLD_AT_ONCE };
    let mut shards = Shards::all(limits, keys);
    let mut batch = Batch::default();
    let mut records = Vec::new();
    let mut last = Moment::default();
    loop {
        match source.fill(&mut batch)? {
            Fill::End => break,
            Fill::Idle => {}
            Fill::Frames => {
                shards.see_keys(keys.horizon());
                if let Some(head) = batch.heads.last() {
                    last = Moment { frame: head.id, time: head.time };
                }
                shards.read(&batch, batch.heads.iter(), &mut records, |records| -> Result<()> {
                    if records.len() >= enough { hand_on(sink, records) } else { Ok(()) }
                })?;
                if !patient {
                    hand_on(sink, &mut records)?;
                }
            }
        }
        if !sink.tick(source, &|| shards.counters())? {
            break;
        }
    }
    // Keys that came after the last frames open what waits for them.
    shards.see_keys(keys.horizon());
    for number in 0..SHARDS {
        while shards.finish(number, last, &mut records) {
            hand_on(sink, &mut records)?;
        }
    }
    hand_on(sink, &mut records)?;
    Ok(shards.counters())
}

/// Hands records on and leaves the list empty.
fn hand_on<S>(sink: &mut dyn Sink<S>, records: &mut Vec<Record>) -> Result<()> {
    sink.records(records)?;
    records.clear();
    Ok(())
}

/// Merges the records of several workers, each in frame order, into one run in frame order. What one flow said at one
/// frame stays in the order in which it was said, and the order in which the workers are given changes nothing.
fn merge(runs: &mut [&mut Vec<Record>], merged: &mut Vec<Record>) {
    let mut heads: Vec<_> = runs.iter_mut().map(|run| run.drain(..).peekable()).collect();
    loop {
        let next = |head: &mut Peekable<Drain<'_, Record>>| {
            head.peek().map(|record| (record.at.frame.order, record.flow))
        };
        let first =
            heads.iter_mut().filter_map(|head| next(head).map(|key| (key, head))).min_by_key(|(key, _)| *key);
        let Some((_, head)) = first else { return };
        merged.extend(head.next());
    }
}
