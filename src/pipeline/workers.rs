//! The same on several threads: each batch goes to every worker, each worker takes the frames of its shards.
//!
//! At most a few batches are under way, so memory is bounded whatever is slow.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Result, anyhow};
use capture::source::{Fill, Source};
use capture::{Batch, Counters, Moment};
use decoders::Record;
use decoders::tls::Keys;

use super::shard::{SHARDS, Shards, number};
use super::{Limits, Sink, merge};

/// Batches under way at once.
const DEPTH: usize = 3;

/// A batch with the shard number of each of its frames, worked out once.
#[derive(Default)]
struct Work {
    batch: Batch,
    shards: Vec<u8>,
    /// The keys that were known when it was read.
    horizon: u64,
}

/// What the coordinator sends to a worker.
enum Order {
    Read(Arc<Work>),
    /// End some flows of one shard, with the keys known at this horizon; no records come back when there are none
    /// left.
    Finish(usize, Moment, u64),
}

/// What the coordinator holds of a worker.
struct Hand {
    orders: SyncSender<Order>,
    records: Receiver<Vec<Record>>,
    counters: Arc<Mutex<Counters>>,
}

/// Several workers.
pub(super) struct Workers {
    count: usize,
    limits: Limits,
    keys: Arc<Keys>,
}

impl Workers {
    pub(super) fn new(count: usize, limits: &Limits, keys: &Arc<Keys>) -> Self {
        Self { count: count.min(SHARDS), limits: *limits, keys: Arc::clone(keys) }
    }

    /// Reads the source to its end, or until the sink has enough.
    pub(super) fn run<S: Source>(&self, source: &mut S, sink: &mut dyn Sink<S>) -> Result<Counters> {
        thread::scope(|scope| {
            let hands: Vec<Hand> = (0..self.count)
                .map(|me| {
                    let (orders, inbox) = sync_channel(DEPTH + 1);
                    let (outbox, records) = sync_channel(DEPTH + 1);
                    let counters = Arc::new(Mutex::new(Counters::default()));
                    let shared = Arc::clone(&counters);
                    let shards = Shards::some(&self.limits, &self.keys, |shard| shard % self.count == me);
                    scope.spawn(move || work(me, self.count, shards, &inbox, &outbox, &shared));
                    Hand { orders, records, counters }
                })
                .collect();
            coordinate(&hands, source, &self.keys, sink)
        })
    }
}

fn coordinate<S: Source>(
    hands: &[Hand],
    source: &mut S,
    keys: &Keys,
    sink: &mut dyn Sink<S>,
) -> Result<Counters> {
    let mut last = Moment::default();
    let mut under_way: VecDeque<Arc<Work>> = VecDeque::new();
    let mut spare: Vec<Work> = Vec::new();
    loop {
        let mut work = spare.pop().unwrap_or_default();
        let fill = source.fill(&mut work.batch)?;
        if fill == Fill::Frames {
            if let Some(head) = work.batch.heads.last() {
                last = Moment { frame: head.id, time: head.time };
            }
            work.horizon = keys.horizon();
            work.shards.clear();
            let shard = |frame| u8::try_from(number(capture::link::shard(&frame))).unwrap_or(0);
            work.shards.extend(work.batch.frames().map(shard));
            let work = Arc::new(work);
            for hand in hands {
                hand.orders.send(Order::Read(Arc::clone(&work))).map_err(|_| gone())?;
            }
            under_way.push_back(work);
        }
        // A live link that has gone quiet must not leave records waiting.
        let keep = if fill == Fill::Frames { DEPTH } else { 0 };
        while under_way.len() > keep {
            collect(hands, sink)?;
            spare.extend(under_way.pop_front().and_then(Arc::into_inner));
        }
        if fill == Fill::End || !sink.tick(source, &|| sum(hands))? {
            break;
        }
    }
    while under_way.pop_front().is_some() {
        collect(hands, sink)?;
    }
    for number in 0..SHARDS {
        let Some(hand) = hands.get(number % hands.len()) else { break };
        loop {
            hand.orders.send(Order::Finish(number, last, keys.horizon())).map_err(|_| gone())?;
            let mut records = hand.records.recv().map_err(|_| gone())?;
            if records.is_empty() {
                break;
            }
            sink.records(&mut records)?;
        }
    }
    Ok(sum(hands))
}

/// Takes the records of the oldest batch from every worker.
fn collect<S>(hands: &[Hand], sink: &mut dyn Sink<S>) -> Result<()> {
    let mut runs = Vec::with_capacity(hands.len());
    for hand in hands {
        runs.push(hand.records.recv().map_err(|_| gone())?);
    }
    let mut merged = Vec::new();
    merge(&mut runs.iter_mut().collect::<Vec<_>>(), &mut merged);
    sink.records(&mut merged)
}

fn sum(hands: &[Hand]) -> Counters {
    let mut sum = Counters::default();
    for hand in hands {
        sum.add(&hand.counters.lock().unwrap_or_else(PoisonError::into_inner));
    }
    sum
}

fn gone() -> anyhow::Error {
    anyhow!("a worker thread has ended unexpectedly")
}

/// A worker's life: read batches, send records, until the coordinator is gone.
fn work(
    me: usize,
    count: usize,
    mut shards: Shards,
    orders: &Receiver<Order>,
    outbox: &SyncSender<Vec<Record>>,
    counters: &Mutex<Counters>,
) {
    for order in orders {
        let mut records = Vec::new();
        match order {
            Order::Read(work) => {
                shards.see_keys(work.horizon);
                let own = work.batch.heads.iter().zip(&work.shards);
                let own = own.filter(|(_, shard)| usize::from(**shard) % count == me).map(|(head, _)| head);
                let Ok(()) = shards.read(&work.batch, own, &mut records, |_| Ok::<(), Infallible>(()));
            }
            Order::Finish(number, at, horizon) => {
                shards.see_keys(horizon);
                shards.finish(number, at, &mut records);
            }
        }
        *counters.lock().unwrap_or_else(PoisonError::into_inner) = shards.counters();
        if outbox.send(records).is_err() {
            return;
        }
    }
}
