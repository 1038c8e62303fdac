//! The engine on a thread of its own: what has been decoded is looked at while the next is decoded.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{mem, panic, thread};

use anyhow::Result;
use decoders::Record;
use findings::Engine;

/// Runs of records under way at once.
const DEPTH: usize = 3;

/// Where records go to the engine.
pub(super) struct Feed {
    records: SyncSender<Vec<Record>>,
    seen: Receiver<Vec<Record>>,
}

impl Feed {
    /// Gives the records to the engine, in exchange for others that it has seen. So whoever made a record also drops
    /// it, which an allocator does best where the memory came from. For none the engine is not woken.
    pub(super) fn give(&self, records: &mut Vec<Record>) {
        if records.is_empty() {
            return;
        }
        let given = mem::replace(records, self.seen.try_recv().unwrap_or_default());
        // Nobody is there any more only after a panic, which is met when the thread is joined.
        self.records.send(given).unwrap_or_default();
    }
}

/// Reads with an engine that looks at the records beside. Returns the engine when it has seen all of them, and what
/// the reading came to.
pub(super) fn observe<T>(engine: Engine, read: impl FnOnce(Feed) -> Result<T>) -> Result<(Engine, T)> {
    thread::scope(|scope| {
        let (to_engine, records) = sync_channel(DEPTH);
        let (to_reader, seen) = sync_channel(DEPTH);
        let engine = scope.spawn(move || look(engine, &records, &to_reader));
        let result = read(Feed { records: to_engine, seen });
        let engine = engine.join().unwrap_or_else(|fault| panic::resume_unwind(fault));
        Ok((engine, result?))
    })
}

fn look(mut engine: Engine, records: &Receiver<Vec<Record>>, seen: &SyncSender<Vec<Record>>) -> Engine {
    for run in records {
        for record in &run {
            engine.observe(record);
        }
        // Without room for it, or with nobody to take it, it is dropped here.
        seen.try_send(run).unwrap_or_default();
    }
    engine
}
